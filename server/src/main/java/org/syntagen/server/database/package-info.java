/** What H2 and PostgreSQL need to be spoken to alike. */
package org.syntagen.server.database;
