package org.syntagen.tensor;

import org.bytedeco.pytorch.NoGradGuard;

/** While open, operations on this thread record no gradients. */
public final class NoGrad implements AutoCloseable {
  private final NoGradGuard guard = new NoGradGuard();

  @Override
  public void close() {
    guard.close();
  }
}
