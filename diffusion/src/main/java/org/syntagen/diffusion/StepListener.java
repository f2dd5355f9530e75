package org.syntagen.diffusion;

import org.bytedeco.pytorch.Tensor;

/** Watches an image come into being: for progress and previews, and to end the work early. */
@FunctionalInterface
public interface StepListener {
  /** Watches nothing. */
  StepListener NONE = (step, steps, latents) -> {};

  /**
   * A call of the U-Net is done. Whatever is thrown here ends the sampling and reaches its caller
   * unchanged, with all native memory freed; {@link java.util.concurrent.CancellationException} is
   * meant for it.
   *
   * @param step of the call, from 1
   * @param steps of all calls; more than the settings' with Heun and PNDM
   * @param latents as they are now, [images, 4, height / f, width / f], noise and scale being the
   *     scheduler's; for the time of this call, not to be changed
   */
  void after(int step, int steps, Tensor latents);
}
