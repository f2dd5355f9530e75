/** The consoles from which officials run the competition. */
package org.syntagen.server.organiser;
