/** The command line, {@code syntagen}: one class a command, thin over the other modules. */
package org.syntagen.cli;
