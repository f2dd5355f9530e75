package org.syntagen.labeling;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.syntagen.dataset.ClassSet;
import org.syntagen.dataset.Prompt;
import org.syntagen.dataset.SampleSeed;
import org.syntagen.diffusion.StableDiffusion;
import org.syntagen.diffusion.attention.AttentionProbe;
import org.syntagen.diffusion.scheduler.NoiseSchedule;
import org.syntagen.tensor.Ops;
import org.syntagen.tensor.Scope;
import org.syntagen.tensor.SeededNoise;
import org.syntagen.tensor.Tensors;

/**
 * Where knowing a class helps to denoise: the image is noised to a few timesteps, and the U-Net's
 * squared error without a text is compared, position by position, with that under "a photo of a
 * dog". A classifier made of a diffusion model compares the same errors summed over the image (Li
 * et al., Your Diffusion Model is Secretly a Zero-Shot Classifier, 2023, equation 5); kept apart,
 * they tell where the class is. A class keeps what it gains over the best of the others that are
 * looked for. Needs no attention, so it labels images whatever drew them.
 */
public final class DenoisingContrast implements Attribution {
  static final String NAME = "denoising-contrast";

  /**
   * @param timesteps to noise to, each below the schedule's size; one U-Net call each, and one more
   *     for each class
   * @param smoothing deviation of the Gaussian over the errors, as a share of the latent's height
   * @param peak the root of the gain that scores 1, or the class's own highest if that is more: a
   *     class that is not there stays low
   */
  public record Parameters(List<Long> timesteps, double smoothing, double peak) {
    public Parameters {
      timesteps = List.copyOf(timesteps);
      if (timesteps.isEmpty()) {
        throw new IllegalArgumentException("a contrast needs at least one timestep");
      }
      if (!(smoothing > 0 && smoothing < 0.5)) {
        throw new IllegalArgumentException(
            "the smoothing must be between 0 and 0.5 of the height, not " + smoothing);
      }
      if (!(peak > 0)) {
        throw new IllegalArgumentException("the peak must be positive, not " + peak);
      }
    }
  }

  private final Parameters parameters;
  private final ClassSet classes;

  public DenoisingContrast(Parameters parameters, ClassSet classes) {
    this.parameters = parameters;
    this.classes = classes;
  }

  @Override
  public Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("name", NAME);
    map.put("timesteps", parameters.timesteps);
    map.put("smoothing", parameters.smoothing);
    map.put("peak", parameters.peak);
    return map;
  }

  /** The same prompt with other classes, at least one, and a caption that names these. */
  Prompt about(Prompt prompt, List<Integer> labels) {
    return new Prompt(prompt.index(), ClassText.sentence(classes, labels), labels, prompt.seed());
  }

  @Override
  public List<String> texts(Prompt prompt) {
    List<String> texts = new ArrayList<>(List.of(""));
    prompt.labels().forEach(label -> texts.add(ClassText.sentence(classes, label)));
    return texts;
  }

  @Override
  public Watch watch(StableDiffusion model, Prompt prompt, long latentHeight) {
    return new Watch() {
      @Override
      public AttentionProbe probe() {
        return null;
      }

      @Override
      public Scores scores(Tensor latent, int width, int height) {
        if (prompt.labels().isEmpty()) {
          return new Scores(List.of(), new float[0], width, height);
        }
        try (Scope scope = new Scope()) {
          Tensor roots = leads(model, prompt, latent).sqrt();
          Tensor highest = Ops.clampMin(roots.amax(new long[] {2, 3}, true), parameters.peak);
          Tensor scores = Ops.resizeBicubic(roots.div(highest), height, width);
          return new Scores(prompt.labels(), Tensors.floats(scores), width, height);
        }
      }

      @Override
      public void close() {}
    };
  }

  /**
   * How much each class leads, the mean over all positions: un-normalised evidence that it is
   * there, class by class in the prompt's order.
   *
   * @param prompt with at least one class
   */
  double[] evidence(StableDiffusion model, Prompt prompt, Tensor latent) {
    try (Scope scope = new Scope()) {
      float[] means = Tensors.floats(Ops.mean(leads(model, prompt, latent), false, 2, 3));
      double[] evidence = new double[means.length];
      for (int k = 0; k < means.length; k++) {
        evidence[k] = means[k];
      }
      return evidence;
    }
  }

  /** What each class gains over the best of the others: [1, classes, height, width]. */
  private Tensor leads(StableDiffusion model, Prompt prompt, Tensor latent) {
    Tensor gains =
        Gaussian.blur(gains(model, prompt, latent), parameters.smoothing * latent.size(2));
    return Ops.clampMin(gains.sub(rivals(gains)), 0);
  }

  /** For each class the highest gain of the others, 0 at least: [1, classes, height, width]. */
  private static Tensor rivals(Tensor gains) {
    long classes = gains.size(1);
    List<Tensor> rivals = new ArrayList<>();
    for (long k = 0; k < classes; k++) {
      Tensor best = Ops.scale(gains.narrow(1, k, 1), 0);
      for (long other = 0; other < classes; other++) {
        if (other != k) {
          best = best.maximum(gains.narrow(1, other, 1));
        }
      }
      rivals.add(best);
    }
    return Ops.cat(rivals, 1);
  }

  /**
   * How much smaller the squared error is for each class, summed over channels, the mean over
   * timesteps: [1, classes, height, width].
   */
  private Tensor gains(StableDiffusion model, Prompt prompt, Tensor latent) {
    NoiseSchedule schedule = new NoiseSchedule(model.schedulerConfig());
    Tensor texts = model.embed(texts(prompt));
    long count = texts.size(0);
    return Scope.compute(
        () -> {
          Tensor total = null;
          // Not the stream that an image of this seed was drawn from.
          try (SeededNoise stream = new SeededNoise(SampleSeed.of(prompt.seed(), 0))) {
            for (long timestep : parameters.timesteps) {
              try (Scope scope = new Scope()) {
                Tensor noise = stream.normal(Tensors.shape(latent));
                long[] at = {timestep};
                Tensor noisy = schedule.addNoise(latent, noise, at);
                Tensor target =
                    model.schedulerConfig().prediction().target(schedule, latent, noise, at);
                Tensor without = predict(model, noisy, timestep, texts.narrow(0, 0, 1));
                List<Tensor> each = new ArrayList<>();
                for (long i = 1; i < count; i++) {
                  Tensor with = predict(model, noisy, timestep, texts.narrow(0, i, 1));
                  // a² − b² as (a − b)(a + b), which keeps its digits where a and b are alike.
                  Tensor sum = without.add(with).sub(Ops.scale(target, 2));
                  each.add(Ops.sum(without.sub(with).mul(sum), true, 1));
                }
                Tensor gain = Ops.cat(each, 1);
                total = scope.keep(total == null ? gain : total.add(gain));
              }
            }
          }
          return Ops.scale(total, 1.0 / parameters.timesteps.size());
        });
  }

  private static Tensor predict(StableDiffusion model, Tensor noisy, long timestep, Tensor text) {
    return model.unet().forward(noisy, Tensors.full(timestep, 1), text, null);
  }
}
