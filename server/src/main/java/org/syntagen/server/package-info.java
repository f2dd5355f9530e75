/**
 * The competition's web application: it stores, authorises, schedules and shows. The rules of the
 * competition are those of {@code challenge}.
 */
package org.syntagen.server;
