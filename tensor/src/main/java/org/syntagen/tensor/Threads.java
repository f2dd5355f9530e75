package org.syntagen.tensor;

import org.bytedeco.openblas.global.openblas;
import org.bytedeco.pytorch.global.torch;

/**
 * Thread counts of libtorch's two pools: its own (OpenMP) and that of the BLAS beneath. Both at the
 * number of cores get in each other's way in small models: keep BLAS at 1 there.
 */
public final class Threads {
  private Threads() {}

  /**
   * @param intraOp threads within an operation, for operations called from this thread
   * @param blas threads of matrix products, process-wide
   */
  public static void set(int intraOp, int blas) {
    torch.set_num_threads(intraOp);
    openblas.blas_set_num_threads(blas);
  }
}
