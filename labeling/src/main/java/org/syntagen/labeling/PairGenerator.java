package org.syntagen.labeling;

import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntConsumer;
import org.bytedeco.pytorch.Tensor;
import org.syntagen.dataset.ClassSet;
import org.syntagen.dataset.DatasetWriter;
import org.syntagen.dataset.LabelMap;
import org.syntagen.dataset.Prompt;
import org.syntagen.dataset.PromptTemplates;
import org.syntagen.dataset.SampleOrigin;
import org.syntagen.diffusion.GenerationSettings;
import org.syntagen.diffusion.StableDiffusion;
import org.syntagen.diffusion.attention.AttentionProbe;
import org.syntagen.tensor.NoGrad;
import org.syntagen.tensor.Ops;
import org.syntagen.tensor.Scope;
import org.syntagen.tensor.Threads;

/**
 * Fills a dataset with pairs: prompts become images, and the attention that drew them becomes
 * masks. A pair depends on its prompt and seed alone; batches and workers only change the speed.
 */
public final class PairGenerator {
  private final StableDiffusion model;
  private final GenerationSettings settings;
  private final DatasetDiffusion labeler;
  private final ClassSet classes;

  public PairGenerator(
      StableDiffusion model,
      GenerationSettings settings,
      DatasetDiffusion labeler,
      ClassSet classes) {
    this.model = model;
    this.settings = settings;
    this.labeler = labeler;
    this.classes = classes;
  }

  /**
   * An image with its labels.
   *
   * @param scores what the labels were decided on
   */
  public record Pair(
      Prompt prompt, BufferedImage image, LabelMap mask, DatasetDiffusion.Scores scores) {}

  /**
   * How the work is spread; without influence on the result.
   *
   * @param batch samples a call of the U-Net
   * @param workers batches under way at once
   * @param threads within an operation, for each worker
   */
  public record Effort(int batch, int workers, int threads) {
    public Effort {
      if (batch < 1 || batch > 64 || workers < 1 || threads < 1) {
        throw new IllegalArgumentException("batch must be 1 to 64, workers and threads positive");
      }
    }
  }

  /**
   * Writes every sample that the writer misses.
   *
   * @param written told of each sample as it is written, from the workers' threads
   */
  public void fill(
      DatasetWriter writer, PromptTemplates prompts, Effort effort, IntConsumer written) {
    int[] missing = writer.missing().toArray();
    ExecutorService workers = Executors.newFixedThreadPool(effort.workers);
    try {
      List<Future<?>> running = new ArrayList<>();
      for (int from = 0; from < missing.length; from += effort.batch) {
        List<Prompt> batch = new ArrayList<>();
        for (int i = from; i < Math.min(missing.length, from + effort.batch); i++) {
          batch.add(prompts.prompt(missing[i]));
        }
        running.add(
            workers.submit(
                () -> {
                  Threads.set(effort.threads, 1);
                  for (Pair pair : generate(batch)) {
                    write(writer, pair);
                    written.accept(pair.prompt.index());
                  }
                }));
      }
      for (Future<?> each : running) {
        await(each);
      }
    } finally {
      workers.shutdownNow();
    }
  }

  private static void await(Future<?> future) {
    try {
      future.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("generation was interrupted", e);
    }
  }

  private void write(DatasetWriter writer, Pair pair) {
    Map<String, Object> provenance = new LinkedHashMap<>();
    provenance.put("classPrompt", pair.prompt.classPrompt(classes));
    writer.write(
        pair.prompt.index(),
        pair.image,
        pair.mask,
        new SampleOrigin(
            pair.prompt.caption(),
            pair.prompt.labels().stream().map(classes::name).toList(),
            pair.prompt.seed(),
            provenance));
  }

  /** Generates and labels some samples. */
  public List<Pair> generate(List<Prompt> prompts) {
    int f = model.vae().config().downscale();
    long latentHeight = settings.height() / f;
    long latentWidth = settings.width() / f;
    try (NoGrad noGrad = new NoGrad();
        Scope scope = new Scope()) {
      Tensor classPrompts =
          model.embed(prompts.stream().map(prompt -> prompt.classPrompt(classes)).toList());
      try (AttentionProbe probe = labeler.probe(classPrompts, latentHeight)) {
        Tensor latents =
            model.sample(
                prompts.stream().map(Prompt::caption).toList(),
                prompts.stream().mapToLong(Prompt::seed).toArray(),
                settings,
                probe);
        byte[] pixels = Ops.bytes(model.decode(latents));
        List<Pair> pairs = new ArrayList<>();
        for (int i = 0; i < prompts.size(); i++) {
          DatasetDiffusion.Scores scores =
              labeler.scores(
                  probe,
                  i,
                  prompts.get(i),
                  model.tokenizer(),
                  settings.width(),
                  settings.height(),
                  latentWidth,
                  latentHeight);
          pairs.add(new Pair(prompts.get(i), image(pixels, i), labeler.label(scores), scores));
        }
        return pairs;
      }
    }
  }

  /** The i-th image of [images, height, width, 3] bytes. */
  private BufferedImage image(byte[] pixels, int i) {
    int width = settings.width();
    int height = settings.height();
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    int at = i * width * height * 3;
    int[] rgb = new int[width * height];
    for (int p = 0; p < rgb.length; p++, at += 3) {
      rgb[p] = (pixels[at] & 255) << 16 | (pixels[at + 1] & 255) << 8 | (pixels[at + 2] & 255);
    }
    image.setRGB(0, 0, width, height, rgb, 0, width);
    return image;
  }
}
