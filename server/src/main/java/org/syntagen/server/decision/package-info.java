/** What officials decide about entries. */
package org.syntagen.server.decision;
