package org.syntagen.dataset.scenes;

import java.util.Locale;
import org.syntagen.dataset.InputException;

/** Which scenes may show a cut-out: those to learn from or those to be measured on, never both. */
public enum Split {
  /** Cut-outs of training scenes. */
  TRAIN,
  /** Cut-outs of test scenes. */
  TEST;

  /** The lower-case name that tables, dataset files and the command line use. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * The split of that lower-case name.
   *
   * @throws InputException if it is neither "train" nor "test"
   */
  public static Split parse(String text) {
    for (Split split : values()) {
      if (split.text().equals(text)) {
        return split;
      }
    }
    throw new InputException("there is no split \"" + text + "\"; expected train or test");
  }
}
