/** Files that arrive in parts, by the tus protocol 1.0. */
package org.syntagen.server.upload;
