package org.syntagen.diffusion.scheduler;

import org.bytedeco.pytorch.Tensor;
import org.syntagen.dataset.InputException;
import org.syntagen.tensor.Ops;
import org.syntagen.tensor.Scope;

/**
 * Pseudo numerical methods for diffusion models (PNDM; Liu et al., 2022): the linear multistep
 * method PLMS, which transfers along Adams–Bashforth means of the last four outputs. With
 * skip_prk_steps the history begins with one step of two model calls, as in Stable Diffusion (a run
 * of n steps has n + 1 calls); otherwise with three pseudo Runge–Kutta steps (PRK) of four (n + 9
 * calls, n at least 4).
 *
 * <p>As in the reference it is the model's outputs that are averaged, whatever they predict; they
 * may be ε or v.
 */
public final class PndmScheduler extends TimestepScheduler {
  private static final int PRK_CALLS = 12;
  private static final double[] PRK_WEIGHTS = {1 / 6.0, 1 / 3.0, 1 / 3.0, 1 / 6.0};

  /** Weights of the latest outputs by how many there are, the newest first. */
  private static final double[][] ADAMS_BASHFORTH = {
    {1},
    {3 / 2.0, -1 / 2.0},
    {23 / 12.0, -16 / 12.0, 5 / 12.0},
    {55 / 24.0, -59 / 24.0, 37 / 24.0, -9 / 24.0}
  };

  private final int stride;
  private final int prkCalls;
  private final History outputs = new History(ADAMS_BASHFORTH.length); // at whole steps
  private final History starts = new History(1); // where a step of several calls began
  private final History sums = new History(1); // its weighted outputs so far

  /**
   * A run of {@code steps} steps.
   *
   * @throws InputException if the schedule has no room for that many steps, or the configuration
   *     asks for what PNDM does not have
   */
  public PndmScheduler(SchedulerConfig config, int steps) {
    super(config, config.skipPrkSteps() ? plms(config, steps) : prk(config, steps));
    config.refuse(config.prediction() == Prediction.SAMPLE, "prediction_type sample", "PNDM");
    config.refuse(config.thresholding(), "thresholding", "PNDM");
    config.refuse(config.zeroTerminalSnr(), "rescale_betas_zero_snr", "PNDM");
    stride = config.trainTimesteps() / steps;
    prkCalls = config.skipPrkSteps() ? 0 : PRK_CALLS;
  }

  /** The grid with its second timestep twice. */
  private static int[] plms(SchedulerConfig config, int steps) {
    int[] grid = TimestepGrid.inclusive(config, steps);
    if (steps == 1) {
      return grid;
    }
    int[] timesteps = new int[steps + 1];
    for (int i = 0; i <= steps; i++) {
      timesteps[i] = grid[i < 2 ? i : i - 1];
    }
    return timesteps;
  }

  /** The first three strides of the grid by their start, twice their middle, and their end. */
  private static int[] prk(SchedulerConfig config, int steps) {
    int[] grid = TimestepGrid.inclusive(config, steps);
    if (steps < 4) {
      throw new InputException(
          "PNDM with Runge-Kutta steps (skip_prk_steps false) needs at least 4 sampling steps, not "
              + steps);
    }
    int half = config.trainTimesteps() / steps / 2;
    int[] timesteps = new int[PRK_CALLS + steps - 3];
    for (int i = 0; i < PRK_CALLS; i++) {
      int stride = i / 4;
      timesteps[i] =
          switch (i % 4) {
            case 0 -> grid[stride];
            case 3 -> grid[stride + 1];
            default -> grid[stride + 1] + half;
          };
    }
    System.arraycopy(grid, 3, timesteps, PRK_CALLS, steps - 3);
    return timesteps;
  }

  /** The first step has two calls; with Runge–Kutta steps a run begins with the first alone. */
  @Override
  public int firstCall(int step) {
    if (step > 0 && prkCalls > 0) {
      throw new InputException(
          "PNDM with Runge-Kutta steps (skip_prk_steps false) cannot begin at step "
              + (step + 1)
              + "; choose another scheduler or strength 1");
    }
    return step == 0 ? 0 : step + 1;
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalStateException also if a run begins where a step needs what earlier ones gave
   */
  @Override
  public Tensor step(Tensor modelOutput, int stepIndex, Tensor sample) {
    boolean needsHistory = prkCalls > 0 ? stepIndex > 0 : stepIndex == 1;
    if (needsHistory && outputs.size() == 0) {
      throw new IllegalStateException("a PNDM run cannot begin at step " + stepIndex);
    }
    outputs.begin(stepIndex);
    return Scope.compute(
        () ->
            stepIndex < prkCalls
                ? rungeKutta(modelOutput, stepIndex, sample)
                : multistep(modelOutput, stepIndex, sample));
  }

  private Tensor rungeKutta(Tensor modelOutput, int stepIndex, Tensor sample) {
    int call = stepIndex % 4;
    int from = timesteps[stepIndex - call];
    int to = timesteps[stepIndex] - (call % 2 == 0 ? stride / 2 : 0);
    Tensor weighted = Ops.scale(modelOutput, PRK_WEIGHTS[call]);
    if (call == 0) {
      outputs.add(modelOutput.clone());
      starts.add(sample.clone());
    } else {
      weighted = sums.get(0).add(weighted);
    }
    Tensor result = transfer(starts.get(0), from, to, call == 3 ? weighted : modelOutput);
    sums.add(weighted);
    return result;
  }

  private Tensor multistep(Tensor modelOutput, int stepIndex, Tensor sample) {
    int t = timesteps[stepIndex];
    if (prkCalls == 0 && stepIndex == 1) {
      // The first step once more, along the mean of the outputs at both its ends.
      Tensor mean = CleanSample.blend(0.5, modelOutput, 0.5, outputs.get(0));
      return transfer(starts.get(0), t + stride, t, mean);
    }
    outputs.add(modelOutput.clone());
    if (stepIndex == 0) {
      starts.add(sample.clone());
    }
    double[] weights = ADAMS_BASHFORTH[outputs.size() - 1];
    Tensor mean = Ops.scale(outputs.get(0), weights[0]);
    for (int age = 1; age < weights.length; age++) {
      mean = CleanSample.plus(mean, weights[age], outputs.get(age));
    }
    return transfer(sample, t, t - stride, mean);
  }

  /** Formula (9) of the paper: the sample moved from one timestep to another along an output. */
  private Tensor transfer(Tensor sample, int from, int to, Tensor output) {
    double alpha = alpha(from);
    double next = alpha(to);
    double ofNoise =
        (alpha - next) / (alpha * Math.sqrt(1 - next) + Math.sqrt(alpha * (1 - alpha) * next));
    return CleanSample.blend(
        Math.sqrt(next / alpha), sample, ofNoise, epsilon(output, alpha, sample));
  }

  @Override
  public void close() {
    outputs.close();
    starts.close();
    sums.close();
  }
}
