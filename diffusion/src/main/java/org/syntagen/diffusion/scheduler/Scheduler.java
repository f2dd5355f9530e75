package org.syntagen.diffusion.scheduler;

import org.bytedeco.pytorch.Tensor;

/**
 * Walks a sample from noise to image in the steps of one sampling run:
 *
 * <pre>{@code
 * try (Scheduler scheduler = kind.create(config, steps, noise)) {
 *   x = noise · scheduler.initNoiseSigma()
 *   for (int i = 0; i < scheduler.timesteps().length; i++) {
 *     x = scheduler.step(model(scheduler.scaleInput(x, i), scheduler.timesteps()[i]), i, x)
 *   }
 * }
 * }</pre>
 *
 * <p>A scheduler that calls the model several times a step has one timestep and one step here for
 * each call. One instance serves one run and may keep native memory between its steps, which {@link
 * #close} frees. Not thread-safe. Results belong to the open scope. Samples are [batch, …]; items
 * of a batch do not influence each other, bit for bit.
 */
public interface Scheduler extends AutoCloseable {

  /**
   * The training timesteps at which the model is called, noisiest first, in [0, number of timesteps
   * in training) and not always whole; a copy.
   */
  float[] timesteps();

  /**
   * One step towards the image.
   *
   * @param modelOutput what the model says of {@code sample} at the timestep, as the
   *     configuration's {@link Prediction}
   * @param stepIndex index in {@link #timesteps}; a run may begin midway and then goes in order
   * @param sample as the previous step returned it
   * @return the sample at the next noise level
   * @throws IllegalStateException if this step does not follow the one before, or a run cannot
   *     begin with it because it needs what earlier ones gave
   */
  Tensor step(Tensor modelOutput, int stepIndex, Tensor sample);

  /**
   * Index in {@link #timesteps} of the first call of a step, where a run may begin.
   *
   * @param step as users count them, from 0
   * @throws org.syntagen.dataset.InputException if no run can begin with that step
   */
  default int firstCall(int step) {
    return step;
  }

  /** Noises a clean sample to the level at which the step of that index begins. */
  Tensor addNoise(Tensor x0, Tensor noise, int stepIndex);

  /** Scale of the noise that a run starts from. */
  default double initNoiseSigma() {
    return 1.0;
  }

  /** The model's input for a sample; may be the sample itself. */
  default Tensor scaleInput(Tensor sample, int stepIndex) {
    return sample;
  }

  @Override
  default void close() {}
}
