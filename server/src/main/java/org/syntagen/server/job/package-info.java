/**
 * What the server does with the files of submissions, one after the other, whatever happens to it.
 */
package org.syntagen.server.job;
