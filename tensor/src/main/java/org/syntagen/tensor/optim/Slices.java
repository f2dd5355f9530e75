package org.syntagen.tensor.optim;

import java.util.Collection;
import java.util.function.Consumer;
import org.bytedeco.pytorch.Tensor;
import org.syntagen.tensor.Device;
import org.syntagen.tensor.NoGrad;
import org.syntagen.tensor.Scope;

/**
 * Cuts the tensors of an element-wise update into slices that stay in the processor's cache from
 * its first operation to its last; on a GPU it leaves them whole. A slice is made of whole rows of
 * the first dimension, so tensors of one shape and memory layout are cut alike.
 */
final class Slices {
  private static final long ELEMENTS = 32_768;

  private final boolean scalar;
  private final long rows;
  private final long atOnce;

  /** The slices of tensors shaped like {@code x}. */
  Slices(Tensor x) {
    scalar = x.dim() == 0;
    rows = scalar ? 1 : x.size(0);
    long most = Device.current() == Device.CPU ? ELEMENTS : Long.MAX_VALUE;
    atOnce = x.numel() <= most ? rows : Math.max(1, rows * most / x.numel());
  }

  long rows() {
    return rows;
  }

  /** The first row after the slice that begins at {@code row}. */
  long after(long row) {
    return Math.min(rows, row + atOnce);
  }

  /** The slice of {@code x} that begins at {@code row}, sharing its memory. */
  Tensor at(long row, Tensor x) {
    return scalar ? x : x.narrow(0, row, after(row) - row);
  }

  /**
   * Runs an update of each tensor, several at once, without recording gradients. It must not add up
   * elements: which thread takes which tensor, and with how many helpers, is left to chance.
   */
  static void forEach(Collection<String> names, Consumer<String> update) {
    names.parallelStream()
        .forEach(
            name -> {
              try (NoGrad noGrad = new NoGrad();
                  Scope scope = new Scope()) {
                update.accept(name);
              }
            });
  }
}
