/** The private test images: sealed early, their key shown at the deadline, their masks never. */
package org.syntagen.server.release;
