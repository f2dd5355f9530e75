/** What teams commit to and hand in, and what becomes of it. */
package org.syntagen.server.submission;
