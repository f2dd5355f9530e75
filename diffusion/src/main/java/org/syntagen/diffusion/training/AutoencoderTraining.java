package org.syntagen.diffusion.training;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;
import org.bytedeco.pytorch.Tensor;
import org.syntagen.diffusion.vae.AutoencoderKl;
import org.syntagen.diffusion.vae.VaeConfig;
import org.syntagen.tensor.Ops;
import org.syntagen.tensor.Scope;
import org.syntagen.tensor.SeededNoise;
import org.syntagen.tensor.StateDict;
import org.syntagen.tensor.Tensors;
import org.syntagen.tensor.Weights;
import org.syntagen.tensor.optim.AdamW;

/**
 * Trains the autoencoder: mean squared error of the reconstruction plus a weighted Kullback–Leibler
 * divergence of the latent from a standard normal (Kingma and Welling, 2014). Half of the batches
 * decode a latent of half the size to an image of half the size: latents that scale as images do
 * are easier for a diffusion model (Kouzelis et al., 2025; Skorokhodov et al., 2025). Resumes from
 * its checkpoint; every step draws from its own seed, so an interrupted run ends in the same
 * weights.
 */
public final class AutoencoderTraining {

  /**
   * @param crop width and height of the random crops that it sees; the autoencoder is
   *     convolutional, so crops teach it as much as whole images for less
   * @param steps optimiser steps
   * @param batch crops a step, a multiple of {@code workers}
   * @param workers threads
   * @param klWeight of the divergence, a mean over latent elements, against the error, a mean over
   *     pixels in −1 … 1; 3e-4 made two of four channels collapse to noise, see {@link
   *     LatentStatistics#signal}
   */
  public record Settings(
      VaeConfig vae,
      int crop,
      long steps,
      int batch,
      int workers,
      double learningRate,
      double klWeight,
      long seed) {}

  private static final long CHECKPOINT_EVERY = 500;

  private final Settings settings;
  private final Checkpoint checkpoint;

  public AutoencoderTraining(Settings settings, Path checkpointFile) {
    this.settings = settings;
    this.checkpoint = new Checkpoint(checkpointFile);
  }

  /** Trains to the end and returns the weights, which the caller closes. */
  public StateDict run(CaptionedImages images, TrainingMonitor monitor) {
    long done = checkpoint.step();
    StateDict state;
    StateDict moments;
    if (checkpoint.exists()) {
      checkpoint.requireSettings(settings.toString());
      state = checkpoint.read("weights");
      moments = checkpoint.read("adam");
    } else {
      try (SeededNoise noise = new SeededNoise(settings.seed())) {
        Weights random = Weights.random(noise);
        new AutoencoderKl(random, settings.vae());
        state = random.state();
      }
      moments = new StateDict("adam");
    }
    LearningRate rate = new LearningRate(settings.learningRate(), 100, settings.steps());
    try (DataParallel<AutoencoderKl> parallel =
        new DataParallel<>(
            state, settings.workers(), weights -> new AutoencoderKl(weights, settings.vae()))) {
      AdamW optimiser = new AdamW(parallel.parameters(), moments, 0);
      for (long step = done + 1; step <= settings.steps(); step++) {
        long current = step;
        double loss = parallel.gradients((vae, worker) -> backward(vae, images, current, worker));
        optimiser.step(step, rate.at(step), 1.0);
        monitor.step("autoencoder", step, settings.steps(), loss);
        if (step % CHECKPOINT_EVERY == 0 || step == settings.steps()) {
          checkpoint.write(step, settings.toString(), Map.of("weights", state, "adam", moments));
        }
      }
    }
    moments.close();
    return state;
  }

  /** The share of a worker; every worker draws the whole batch and keeps its part. */
  private double backward(AutoencoderKl vae, CaptionedImages images, long step, int worker) {
    SplittableRandom random = new SplittableRandom(settings.seed() * 1_000_003 + step);
    int[] indices = random.ints(settings.batch(), 0, images.count()).toArray();
    int share = settings.batch() / settings.workers();
    int from = worker * share;
    int top = random.nextInt(images.size() - settings.crop() + 1);
    int left = random.nextInt(images.size() - settings.crop() + 1);
    try (Scope scope = new Scope();
        SeededNoise noise = new SeededNoise(settings.seed() * 1_000_003 + step)) {
      Tensor whole = images.load(Arrays.copyOfRange(indices, from, from + share));
      Tensor image =
          AutoencoderKl.normalise(
              whole.narrow(2, top, settings.crop()).narrow(3, left, settings.crop()));
      AutoencoderKl.Posterior posterior = vae.encode(image);
      Tensor mean = posterior.mean();
      Tensor logVariance = posterior.logVariance();
      long[] shape = Tensors.shape(mean);
      shape[0] = settings.batch();
      Tensor latent = posterior.sample(noise.normal(shape).narrow(0, from, share));
      if (random.nextBoolean()) {
        latent = Ops.avgPool2d(latent, 2);
        image = Ops.avgPool2d(image, 2);
      }
      Tensor error = vae.decode(latent).sub(image).square().mean();
      Tensor divergence =
          Ops.scale(
              Ops.plus(mean.square().add(logVariance.exp()).sub(logVariance), -1).mean(), 0.5);
      Tensor loss = Ops.add(error, divergence, settings.klWeight());
      Ops.scale(loss, 1.0 / settings.workers()).backward();
      return error.item_double() / settings.workers();
    }
  }
}
