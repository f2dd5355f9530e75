/** Where the files of submissions are kept once they have come: a folder or a bucket. */
package org.syntagen.server.store;
