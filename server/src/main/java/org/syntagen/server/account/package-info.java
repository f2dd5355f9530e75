/** Accounts, how people sign in to them, and tokens for the command line. */
package org.syntagen.server.account;
