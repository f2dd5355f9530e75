/** What the competition is, and when. */
package org.syntagen.server.competition;
