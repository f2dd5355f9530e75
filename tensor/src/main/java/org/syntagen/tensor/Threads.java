package org.syntagen.tensor;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.bytedeco.openblas.global.openblas;
import org.bytedeco.pytorch.global.torch;

/**
 * Work on several threads. libtorch has two pools, its own (OpenMP) and that of the BLAS beneath;
 * both at the number of cores get in each other's way in small models: keep BLAS at 1 there.
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

  /** What {@link #set} would have to be told to leave all as it is now, for this thread. */
  public static Runnable current() {
    int intraOp = torch.get_num_threads();
    int blas = openblas.blas_get_num_threads();
    return () -> set(intraOp, blas);
  }

  /**
   * Waits until workers have ended all they were given, however often this thread is interrupted
   * meanwhile: only then is it safe to free what they use.
   */
  public static void finish(ExecutorService workers) {
    workers.shutdown();
    boolean interrupted = false;
    boolean ended = false;
    while (!ended) {
      try {
        ended = workers.awaitTermination(1, TimeUnit.DAYS);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Waits for what another thread computes.
   *
   * @throws RuntimeException what that thread threw
   * @throws IllegalStateException if this thread is interrupted, or the other threw a checked
   *     exception or an error
   */
  public static <T> T await(Future<T> result) {
    try {
      return result.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for another thread", e);
    }
  }
}
