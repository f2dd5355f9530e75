package org.syntagen.server.upload;

import java.util.UUID;

/**
 * A file that is coming.
 *
 * @param length its bytes
 * @param received how many of them are here for good
 */
record Upload(UUID id, UUID submission, long length, long received) {
  boolean complete() {
    return received == length;
  }
}
