package org.syntagen.labeling;

import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntConsumer;
import org.bytedeco.pytorch.Tensor;
import org.syntagen.dataset.ClassSet;
import org.syntagen.dataset.DatasetWriter;
import org.syntagen.dataset.Images;
import org.syntagen.dataset.InputException;
import org.syntagen.dataset.LabelMap;
import org.syntagen.dataset.Prompt;
import org.syntagen.dataset.PromptTemplates;
import org.syntagen.dataset.SampleOrigin;
import org.syntagen.diffusion.GenerationSettings;
import org.syntagen.diffusion.InitialImages;
import org.syntagen.diffusion.ParametersText;
import org.syntagen.diffusion.StableDiffusion;
import org.syntagen.diffusion.StepListener;
import org.syntagen.tensor.NoGrad;
import org.syntagen.tensor.Scope;
import org.syntagen.tensor.Tensors;
import org.syntagen.tensor.Threads;

/**
 * Fills a dataset with pairs: prompts become images, and the attention that drew them becomes
 * masks. A pair depends on its prompt, its seed and the image that it starts from, if any; batches
 * and workers only change the speed.
 */
public final class PairGenerator {
  private final StableDiffusion model;
  private final GenerationSettings settings;
  private final Labeler labeler;
  private final ClassSet classes;
  private final InitialImages initial; // null: from noise
  private final Map<String, String> about;

  /**
   * @param initial what images start from; null for noise alone
   * @param about the model, for the text in image files ({@link ParametersText}), such as its
   *     fingerprint
   * @throws InputException if the model lacks what the labeler looks at
   */
  public PairGenerator(
      StableDiffusion model,
      GenerationSettings settings,
      Labeler labeler,
      ClassSet classes,
      InitialImages initial,
      Map<String, String> about) {
    labeler.attribution().requireFits(model.unet().config());
    this.model = model;
    this.settings = settings;
    this.labeler = labeler;
    this.classes = classes;
    this.initial = initial;
    this.about = about;
  }

  /**
   * An image with its labels.
   *
   * @param scores what the labels were decided on
   */
  public record Pair(Prompt prompt, BufferedImage image, LabelMap mask, Scores scores) {}

  /**
   * How the work is spread. The batch is without influence on the result: every sample has U-Net
   * calls of its own, because kernels sum in another order for another batch size, so stacking
   * samples into one call would change last bits, and with them fingerprints. For the same reason
   * another number of threads within operations may change last bits.
   *
   * @param batch samples under way at once
   * @param threads within an operation, for each of them
   */
  public record Effort(int batch, int threads) {
    public Effort {
      if (batch < 1 || batch > MOST_BATCH || threads < 1) {
        throw new IllegalArgumentException(
            "batch must be 1 to %d, not %d, and threads positive".formatted(MOST_BATCH, batch));
      }
    }

    private static final long SMALL = 100_000_000;
    private static final int MOST_BATCH = 256;

    /**
     * What suits a model: a small one runs best one sample a core, each on one thread; a large one
     * shares the cores among the threads of each operation.
     *
     * @param weights of the model in all
     * @param batch samples at once, 0 to choose
     */
    public static Effort suiting(long weights, int cores, int batch) {
      boolean small = weights < SMALL;
      int chosen = batch > 0 ? batch : small ? Math.min(cores, MOST_BATCH) : 1;
      return new Effort(chosen, small ? 1 : Math.max(1, cores / chosen));
    }

    /** What is done for one sample. */
    @FunctionalInterface
    public interface Work {
      /**
       * @param going to be called now and then; throws when another sample has failed
       */
      void sample(int index, Runnable going);
    }

    /**
     * Works on samples. If one fails, those under way are given up. When this returns or throws, no
     * worker is left.
     */
    public void run(int[] indices, Work work) {
      AtomicBoolean ended = new AtomicBoolean();
      Runnable going =
          () -> {
            if (ended.get()) {
              throw new CancellationException("another sample failed");
            }
          };
      ExecutorService workers = Executors.newFixedThreadPool(batch);
      try {
        List<Future<?>> running = new ArrayList<>();
        for (int index : indices) {
          running.add(
              workers.submit(
                  () -> {
                    going.run();
                    Threads.set(threads, 1);
                    work.sample(index, going);
                  }));
        }
        for (Future<?> sample : running) {
          Threads.await(sample);
        }
      } finally {
        ended.set(true);
        Threads.finish(workers);
      }
    }
  }

  /**
   * Writes every sample that the writer misses. If one fails, or the listener ends it, those under
   * way are given up, and what was written stays for a later call. When this returns or throws, no
   * worker is left.
   *
   * @param written told of each sample as it is written, from the workers' threads
   * @param listener told of each step of each sample, from the workers' threads; what it throws
   *     ends the whole work
   */
  public void fill(
      DatasetWriter writer,
      PromptTemplates prompts,
      Effort effort,
      IntConsumer written,
      StepListener listener) {
    effort.run(
        writer.missing().toArray(),
        (index, going) -> {
          StepListener each =
              (step, steps, latents) -> {
                going.run();
                listener.after(step, steps, latents);
              };
          write(writer, generate(prompts.prompt(index), each));
          written.accept(index);
        });
  }

  private void write(DatasetWriter writer, Pair pair) {
    Map<String, Object> provenance = new LinkedHashMap<>();
    provenance.put("classTexts", labeler.attribution().texts(pair.prompt));
    String cutOff = model.tokenizer().encode(pair.prompt.caption()).cutOff();
    if (!cutOff.isEmpty()) {
      provenance.put("truncated", cutOff);
    }
    if (initial != null) {
      provenance.put("initialImage", initial.fingerprint(pair.prompt.index()));
    }
    writer.write(
        pair.prompt.index(),
        pair.image,
        pair.mask,
        new SampleOrigin(
            pair.prompt.caption(),
            pair.prompt.labels().stream().map(classes::name).toList(),
            pair.prompt.seed(),
            provenance),
        ParametersText.of(settings, pair.prompt.caption(), pair.prompt.seed(), about));
  }

  /** Generates and labels one sample. */
  public Pair generate(Prompt prompt) {
    return generate(prompt, StepListener.NONE);
  }

  private Pair generate(Prompt prompt, StepListener listener) {
    long latentHeight = settings.height() / model.vae().config().downscale();
    try (NoGrad noGrad = new NoGrad();
        Scope scope = new Scope();
        Attribution.Watch watch = labeler.attribution().watch(model, prompt, latentHeight)) {
      Tensor latent =
          model.sample(
              List.of(prompt.caption()),
              new long[] {prompt.seed()},
              settings,
              initial == null ? null : initial.start(prompt.index()),
              watch.probe(),
              listener);
      Scores scores = watch.scores(latent, settings.width(), settings.height());
      BufferedImage image = image(latent);
      return new Pair(prompt, image, labeler.decision().label(scores, image), scores);
    }
  }

  private BufferedImage image(Tensor latent) {
    return Images.ofRgb(Tensors.bytes(model.decode(latent)), settings.width(), settings.height());
  }
}
