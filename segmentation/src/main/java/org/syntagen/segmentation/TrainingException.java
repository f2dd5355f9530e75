package org.syntagen.segmentation;

/**
 * A run that cannot go on for a reason that no input file is to blame for: the loss is no number.
 */
public final class TrainingException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** One line that says at which step, on which samples, and what to change. */
  public TrainingException(String message) {
    super(message);
  }
}
