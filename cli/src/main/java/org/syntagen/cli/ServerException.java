package org.syntagen.cli;

/**
 * A competition's server cannot be reached, broke off or failed. One line, exit code 1; the same
 * command goes on from what has arrived.
 */
final class ServerException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  ServerException(String message) {
    super(message);
  }

  ServerException(String message, Throwable cause) {
    super(message, cause);
  }
}
