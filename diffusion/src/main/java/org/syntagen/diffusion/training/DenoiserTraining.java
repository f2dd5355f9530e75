package org.syntagen.diffusion.training;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.bytedeco.pytorch.Tensor;
import org.syntagen.diffusion.ModelFolder;
import org.syntagen.diffusion.ModelFolder.Part;
import org.syntagen.diffusion.scheduler.NoiseSchedule;
import org.syntagen.diffusion.scheduler.Prediction;
import org.syntagen.diffusion.text.ClipTextConfig;
import org.syntagen.diffusion.text.ClipTextModel;
import org.syntagen.diffusion.unet.UNet2DCondition;
import org.syntagen.diffusion.unet.UNetConfig;
import org.syntagen.tensor.Autocast;
import org.syntagen.tensor.Device;
import org.syntagen.tensor.Dtype;
import org.syntagen.tensor.Ops;
import org.syntagen.tensor.Scope;
import org.syntagen.tensor.SeededNoise;
import org.syntagen.tensor.StateDict;
import org.syntagen.tensor.Tensors;
import org.syntagen.tensor.Weights;
import org.syntagen.tensor.optim.AdamW;
import org.syntagen.tensor.optim.WeightAverage;

/**
 * Trains text encoder and U-Net together to predict noise or velocity in the latents of captioned
 * images (Ho et al., 2020; Salimans and Ho, 2022). Captions are dropped at times, for
 * classifier-free guidance; the loss is weighted by min(1, γ / (SNR + 1)), which is min-SNR
 * weighting (Hang et al., 2023) with full weight on the noisiest steps, where composition is
 * decided. Resumes from its checkpoint; every step draws from its own seed, so an interrupted run
 * ends in the same weights.
 */
public final class DenoiserTraining {
  private static final double SNR_GAMMA = 5;
  private static final double AVERAGE_DECAY = 0.999;
  private static final double WEIGHT_DECAY = 0.01;
  private static final String TEXT = "text.";
  private static final String UNET = "unet.";

  /**
   * @param batch samples a step, a multiple of {@code workers}
   * @param workers threads
   * @param captionDropout probability that a caption is replaced by the empty one
   * @param previewEvery steps between two previews and checkpoints
   */
  public record Settings(
      ClipTextConfig text,
      UNetConfig unet,
      long steps,
      int batch,
      int workers,
      double learningRate,
      double captionDropout,
      long previewEvery,
      long seed) {

    /** The same with another text encoder. */
    Settings withText(ClipTextConfig other) {
      return new Settings(
          other, unet, steps, batch, workers, learningRate, captionDropout, previewEvery, seed);
    }
  }

  /** Sees the averaged weights from time to time. */
  @FunctionalInterface
  public interface Preview {
    void show(long step, ClipTextModel text, UNet2DCondition unet);
  }

  /** The averaged weights at the end; the caller closes both. */
  public record Trained(StateDict text, StateDict unet) {}

  /**
   * Where training samples come from.
   *
   * @param tokens [images, tokens], dtype I64
   * @param emptyTokens [1, tokens], the encoding of the empty caption
   * @param scalingFactor of the latents
   * @param curriculum at progress p in 0 … 1 samples are drawn from the first {@code
   *     curriculum[floor(p · length)]} images
   */
  record Samples(
      LatentCache latents,
      Tensor tokens,
      Tensor emptyTokens,
      double scalingFactor,
      int[] curriculum) {}

  private final Settings settings;
  private final NoiseSchedule schedule;
  private final Prediction prediction;
  private final Checkpoint checkpoint;
  private final Optional<ModelFolder> start;

  /**
   * @param start a model whose text encoder and U-Net are trained further, instead of random ones
   */
  public DenoiserTraining(
      Settings settings,
      NoiseSchedule schedule,
      Prediction prediction,
      Path checkpointFile,
      Optional<ModelFolder> start) {
    this.start = start;
    this.settings = settings;
    this.schedule = schedule;
    this.prediction = prediction;
    this.checkpoint = new Checkpoint(checkpointFile);
  }

  Trained run(Samples samples, TrainingMonitor monitor, Preview preview) {
    long done = checkpoint.step();
    StateDict state;
    StateDict moments;
    WeightAverage average;
    if (checkpoint.exists()) {
      checkpoint.requireSettings(settings.toString());
      state = checkpoint.read("weights");
      moments = checkpoint.read("adam");
      average = new WeightAverage(checkpoint.read("average"), AVERAGE_DECAY);
    } else {
      state = initial();
      moments = new StateDict("adam");
      average = WeightAverage.startingAt(state, AVERAGE_DECAY);
    }
    LearningRate rate = new LearningRate(settings.learningRate(), 200, settings.steps());
    try (DataParallel<Model> parallel =
        new DataParallel<>(state, settings.workers(), this::model)) {
      AdamW optimiser = new AdamW(parallel.parameters(), moments, WEIGHT_DECAY);
      for (long step = done + 1; step <= settings.steps(); step++) {
        long current = step;
        double loss =
            parallel.gradients((model, worker) -> backward(model, samples, current, worker));
        optimiser.step(step, rate.at(step), 1.0);
        average.update(state, step);
        monitor.step("denoiser", step, settings.steps(), loss);
        if (step % settings.previewEvery() == 0 || step == settings.steps()) {
          Model averaged = model(Weights.of(average.average()));
          preview.show(step, averaged.text, averaged.unet);
          // Last, so that a run which is killed before shows the model again.
          checkpoint.write(
              step,
              settings.toString(),
              Map.of("weights", state, "adam", moments, "average", average.average()));
        }
      }
    }
    state.close();
    moments.close();
    try (StateDict trained = average.average()) {
      return new Trained(part(trained, TEXT), part(trained, UNET));
    }
  }

  private StateDict initial() {
    if (start.isPresent()) {
      StateDict state = new StateDict("start");
      adopt(state, TEXT, start.get().weights(Part.TEXT_ENCODER));
      adopt(state, UNET, start.get().weights(Part.UNET));
      model(Weights.of(state)); // refuses weights of another shape
      return state;
    }
    try (SeededNoise noise = new SeededNoise(settings.seed())) {
      Weights random = Weights.random(noise);
      model(random);
      return random.state();
    }
  }

  private static void adopt(StateDict state, String prefix, StateDict part) {
    try (part) {
      part.names().forEach(name -> state.share(prefix + name, part.get(name)));
    }
  }

  private record Model(ClipTextModel text, UNet2DCondition unet) {}

  private Model model(Weights weights) {
    return new Model(
        new ClipTextModel(weights.at("text"), settings.text()),
        new UNet2DCondition(weights.at("unet"), settings.unet()));
  }

  /** The tensors under a prefix, without it, sharing their memory. */
  private static StateDict view(StateDict state, String prefix) {
    StateDict view = new StateDict(state.origin());
    for (String name : state.names()) {
      if (name.startsWith(prefix)) {
        view.share(name.substring(prefix.length()), state.get(name));
      }
    }
    return view;
  }

  private static StateDict part(StateDict state, String prefix) {
    try (StateDict view = view(state, prefix)) {
      return view.copy(Dtype.F32);
    }
  }

  /** The share of a worker; every worker draws the whole batch and keeps its part. */
  private double backward(Model model, Samples samples, long step, int worker) {
    int batch = settings.batch();
    int share = batch / settings.workers();
    int from = worker * share;
    SplittableRandom random = new SplittableRandom(settings.seed() * 1_000_003 + step);
    double progress = (step - 1.0) / settings.steps();
    int[] curriculum = samples.curriculum;
    int pool = curriculum[(int) (progress * curriculum.length)];
    long[] indices = part(random.longs(batch, 0, pool).toArray(), from, share);
    long[] timesteps = part(spread(random.nextDouble(), batch, schedule.size()), from, share);
    double[] drop = Arrays.copyOfRange(random.doubles(batch).toArray(), from, from + share);
    float[] keep = new float[share];
    float[] weight = new float[share];
    for (int i = 0; i < share; i++) {
      keep[i] = drop[i] < settings.captionDropout() ? 0 : 1;
      weight[i] = (float) Math.min(1, SNR_GAMMA / (schedule.snr((int) timesteps[i]) + 1));
    }
    try (Scope scope = new Scope();
        SeededNoise stream = new SeededNoise(settings.seed() * 1_000_003 + step)) {
      long[] shape = latentShape(batch);
      Tensor posteriorNoise = stream.normal(shape).narrow(0, from, share);
      Tensor noise = stream.normal(shape).narrow(0, from, share);
      Tensor chosen = Tensors.of(indices, share);
      Tensor latent =
          Ops.scale(samples.latents.sample(chosen, posteriorNoise), samples.scalingFactor);
      Tensor noisy = schedule.addNoise(latent, noise, timesteps);
      Tensor target = prediction.target(schedule, latent, noise, timesteps);
      Tensor kept = Tensors.to(Tensors.of(keep, share, 1), Dtype.I64);
      Tensor tokens = samples.tokens.index_select(0, chosen);
      tokens = tokens.sub(samples.emptyTokens).mul(kept).add(samples.emptyTokens);
      Tensor predicted = predict(model, noisy, timesteps, tokens);
      Tensor error = Ops.mean(predicted.sub(target).square(), false, 1, 2, 3);
      Tensor loss =
          Ops.scale(error.mul(Tensors.of(weight, share)).mean(), 1.0 / settings.workers());
      loss.backward();
      return loss.item_double();
    }
  }

  /** In bfloat16 where that is faster. */
  private static Tensor predict(Model model, Tensor noisy, long[] timesteps, Tensor tokens) {
    Tensor time = Tensors.to(Tensors.of(timesteps, timesteps.length), Dtype.F32);
    if (!Device.current().multipliesBf16Fast()) {
      return model.unet.forward(noisy, time, model.text.forward(tokens), null);
    }
    try (Autocast autocast = new Autocast()) {
      Tensor context = model.text.forward(tokens);
      return Tensors.to(model.unet.forward(noisy, time, context, null), Dtype.F32);
    }
  }

  /**
   * Evenly spaced timesteps after a random first, each uniform by itself: a batch sees all noise
   * levels, and its loss varies less (Kingma et al., 2021, appendix I).
   */
  static long[] spread(double first, int batch, int timesteps) {
    long[] spread = new long[batch];
    for (int i = 0; i < batch; i++) {
      spread[i] = (long) ((first + (double) i / batch) % 1 * timesteps);
    }
    return spread;
  }

  private static long[] part(long[] batch, int from, int share) {
    return Arrays.copyOfRange(batch, from, from + share);
  }

  private long[] latentShape(int batch) {
    UNetConfig unet = settings.unet();
    return new long[] {batch, unet.latentChannels(), unet.sampleSize(), unet.sampleSize()};
  }
}
