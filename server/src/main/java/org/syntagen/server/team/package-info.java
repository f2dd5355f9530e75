/** Teams, who is in them, and how others are let in. */
package org.syntagen.server.team;
