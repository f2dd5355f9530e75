package org.syntagen.segmentation;

import java.util.Locale;
import java.util.function.Supplier;
import org.syntagen.dataset.InputException;
import org.syntagen.tensor.Autocast;

/** The arithmetic of training's forward and backward passes; weights and losses keep 32 bits. */
public enum Precision {
  /** 32-bit floats throughout. */
  FP32,
  /** Convolutions in bfloat16, for processors that multiply it faster. */
  BF16;

  /** The lower-case name for flags and files. */
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * The precision of that {@link #id}.
   *
   * @throws InputException if there is none
   */
  public static Precision named(String name) {
    for (Precision precision : values()) {
      if (precision.id().equals(name.strip().toLowerCase(Locale.ROOT))) {
        return precision;
      }
    }
    throw new InputException("there is no precision \"%s\"; choose fp32 or bf16".formatted(name));
  }

  /** Runs a forward pass in this precision. */
  <T> T forward(Supplier<T> pass) {
    if (this == FP32) {
      return pass.get();
    }
    try (Autocast autocast = new Autocast()) {
      return pass.get();
    }
  }
}
