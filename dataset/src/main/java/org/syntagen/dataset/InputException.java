package org.syntagen.dataset;

/**
 * A mistake that the user can mend: a wrong path, value or file. The message is a single line that
 * says what is wrong, where, what was expected and how to mend it. The command line prints it
 * without a stack trace and exits with code 2.
 */
public class InputException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * An exception with a one-line message for the user. Line breaks in it become spaces, and other
   * characters that a terminal would obey rather than show, such as those of a stranger's file
   * name, question marks.
   */
  public InputException(String message) {
    super(oneLine(message));
  }

  /** As above, keeping the cause for {@code --verbose}. */
  public InputException(String message, Throwable cause) {
    super(oneLine(message), cause);
  }

  private static String oneLine(String message) {
    return message.replaceAll("\\s*\\R\\s*", " ").replaceAll("[\\p{Cc}\\p{Cf}]", "?").strip();
  }
}
