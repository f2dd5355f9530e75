/** The hash-chained log of everything that decides about the competition, in the database. */
package org.syntagen.server.audit;
