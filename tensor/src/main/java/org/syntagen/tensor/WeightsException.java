package org.syntagen.tensor;

/**
 * A weight file or a set of weights is not what the model needs. The message is one line that names
 * the file and the tensor, what was expected and what was found.
 */
public final class WeightsException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * An exception with a one-line message for the user. Line breaks in it become spaces, and other
   * characters that a terminal would obey rather than show question marks.
   */
  public WeightsException(String message) {
    super(message.replaceAll("\\s*\\R\\s*", " ").replaceAll("[\\p{Cc}\\p{Cf}]", "?").strip());
  }
}
