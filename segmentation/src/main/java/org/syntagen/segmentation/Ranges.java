package org.syntagen.segmentation;

import org.syntagen.dataset.InputException;

/** Checks of a configuration's values. */
final class Ranges {
  private Ranges() {}

  /**
   * @throws InputException with the value and what was expected, unless {@code holds}
   */
  static void require(boolean holds, String name, Number found, String expected) {
    if (!holds) {
      throw new InputException("the %s is %s; expected %s".formatted(name, found, expected));
    }
  }
}
