package org.syntagen.server.access;

/** The request is understood, but may not be done now; the message says why in one line. */
public final class RefusedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public RefusedException(String message) {
    super(message);
  }
}
