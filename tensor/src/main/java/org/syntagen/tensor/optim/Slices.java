package org.syntagen.tensor.optim;

import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.syntagen.tensor.Device;
import org.syntagen.tensor.NoGrad;
import org.syntagen.tensor.Ops;
import org.syntagen.tensor.Scope;

/**
 * Cuts the tensors of an element-wise update into slices that stay in the processor's cache from
 * its first operation to its last; on a GPU it leaves them whole. A slice is made of whole rows of
 * the first dimension, so tensors of one shape and memory layout are cut alike.
 */
final class Slices {
  private static final long ELEMENTS = 32_768;

  private final long rows;
  private final long atOnce;

  /** An element-wise rule by which a gradient moves a parameter. */
  @FunctionalInterface
  interface Rule {
    /**
     * Moves a slice.
     *
     * @param p slice of the parameter of that name
     * @param g the same of its gradient, which may be overwritten
     * @param slice cuts a tensor of the parameter's shape alike
     */
    void apply(String name, Tensor p, Tensor g, UnaryOperator<Tensor> slice);
  }

  /** The slices of tensors shaped like {@code x}. */
  private Slices(Tensor x) {
    rows = x.dim() == 0 ? 1 : x.size(0);
    long most = Device.current() == Device.CPU ? ELEMENTS : Long.MAX_VALUE;
    atOnce = x.numel() <= most ? rows : Math.max(1, rows * most / x.numel());
  }

  private void forEach(Consumer<UnaryOperator<Tensor>> update) {
    for (long row = 0; row < rows; row += atOnce) {
      long from = row;
      long count = Math.min(atOnce, rows - from);
      try (Scope each = new Scope()) {
        update.accept(x -> count == rows ? x : x.narrow(0, from, count));
      }
    }
  }

  /**
   * Moves each parameter that has a gradient, and frees the gradient.
   *
   * @param maxNorm gradients are scaled down to this joint L2 norm; may be infinite
   */
  static void move(Map<String, Tensor> parameters, double maxNorm, Rule rule) {
    // By name: a map that was read from a checkpoint has another order, and sums other last bits.
    double factor = Gradients.clipping(new TreeMap<>(parameters).values(), maxNorm);
    forEach(
        parameters.keySet(),
        name -> {
          Tensor p = parameters.get(name);
          Tensor g = p.grad();
          if (g.defined()) {
            new Slices(p)
                .forEach(
                    slice -> {
                      Tensor part = slice.apply(g);
                      if (factor < 1) {
                        Ops.scaleInPlace(part, factor);
                      }
                      rule.apply(name, slice.apply(p), part, slice);
                    });
            p.mutable_grad().reset();
          }
        });
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
