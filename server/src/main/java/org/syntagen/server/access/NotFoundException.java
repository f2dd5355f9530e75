package org.syntagen.server.access;

/** There is no such thing, or none that the one who asks may know of. */
public final class NotFoundException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public NotFoundException(String message) {
    super(message);
  }
}
