/** How requests are signed in and answers are protected. */
package org.syntagen.server.security;
