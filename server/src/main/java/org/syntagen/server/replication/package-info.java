/** Entries that the server makes again because a verifier wants it. */
package org.syntagen.server.replication;
