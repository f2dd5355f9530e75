package org.syntagen.diffusion.scheduler;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.syntagen.tensor.Scope;

/**
 * The latest tensors of a multistep run, the newest first. It owns them: one that falls out is
 * freed, and {@link #close} frees the rest.
 */
final class History implements AutoCloseable {
  private final int capacity;
  private final List<Tensor> tensors = new ArrayList<>();
  private int nextStep = -1; // unknown before the first

  History(int capacity) {
    this.capacity = capacity;
  }

  /**
   * Notes that a step begins; the first may be any.
   *
   * @throws IllegalStateException if it does not follow the one before
   */
  void begin(int stepIndex) {
    if (nextStep >= 0 && stepIndex != nextStep) {
      throw new IllegalStateException(
          "step " + stepIndex + " after step " + (nextStep - 1) + ": steps must go in order");
    }
    nextStep = stepIndex + 1;
  }

  /** Takes over a tensor that nobody else frees. */
  void add(Tensor fresh) {
    tensors.add(0, Scope.own(fresh));
    if (tensors.size() > capacity) {
      tensors.remove(capacity).close();
    }
  }

  /** The tensor that {@code age} others have followed; it stays owned by this history. */
  Tensor get(int age) {
    return tensors.get(age);
  }

  int size() {
    return tensors.size();
  }

  @Override
  public void close() {
    tensors.forEach(Tensor::close);
    tensors.clear();
  }
}
