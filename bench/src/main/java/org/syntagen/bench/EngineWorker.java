package org.syntagen.bench;

import java.awt.image.BufferedImage;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.syntagen.dataset.ClassSet;
import org.syntagen.dataset.Prompt;
import org.syntagen.diffusion.GenerationSettings;
import org.syntagen.diffusion.ModelFolder;
import org.syntagen.diffusion.StableDiffusion;
import org.syntagen.diffusion.attention.AttentionProbe;
import org.syntagen.diffusion.scheduler.SchedulerKind;
import org.syntagen.labeling.Attribution;
import org.syntagen.labeling.Daam;
import org.syntagen.labeling.DatasetDiffusion;
import org.syntagen.labeling.DenoisingContrast;
import org.syntagen.labeling.Labeler;
import org.syntagen.labeling.Mean;
import org.syntagen.labeling.Refinement;
import org.syntagen.labeling.Scores;
import org.syntagen.tensor.Dtype;
import org.syntagen.tensor.NoGrad;
import org.syntagen.tensor.Ops;
import org.syntagen.tensor.SafeTensors;
import org.syntagen.tensor.Scope;
import org.syntagen.tensor.SeededNoise;
import org.syntagen.tensor.StateDict;
import org.syntagen.tensor.Tensors;
import org.syntagen.tensor.Threads;

/**
 * Does one piece of work a line of standard input and answers with the seconds it took, so that
 * {@code compare.py} can let it and diffusers take turns. Arguments: model folder, dtype, threads,
 * image size, steps. Lines: {@code text}, {@code unet}, {@code vae}, {@code image}, each alone or
 * with a file that receives the result; {@code unet-probe}, a call that Dataset Diffusion watches;
 * for {@code labelling.py} {@code probe}, a call of the U-Net that the labeler watches, and {@code
 * labels}, such a call with all that the labeler does once an image.
 */
public final class EngineWorker {
  private static final Prompt PROMPT =
      new Prompt(0, "a photo of a dog and a chair on a street", List.of(12, 9), 1);
  private static final double GUIDANCE = 7.5;
  private static final float TIMESTEP = 500;

  private final StableDiffusion model;
  private final int size;
  private final int steps;

  private final Attribution published =
      new DatasetDiffusion(DatasetDiffusion.Parameters.published(), ClassSet.VOC);

  /** In the manner of the bundled model's default. */
  private final Labeler labeler =
      new Labeler(
          new Mean(
              new Daam(ClassSet.VOC),
              new DenoisingContrast(
                  new DenoisingContrast.Parameters(List.of(200L, 400L, 600L), 0.047, 1),
                  ClassSet.VOC)),
          Refinement.clipEs());

  private EngineWorker(StableDiffusion model, int size, int steps) {
    this.model = model;
    this.size = size;
    this.steps = steps;
  }

  public static void main(String[] args) throws IOException {
    try (ModelFolder.Loaded loaded =
            new ModelFolder(Path.of(args[0])).load(List.of(), Dtype.valueOf(args[1]));
        BufferedReader lines =
            new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      Threads.set(Integer.parseInt(args[2]), 1);
      EngineWorker worker =
          new EngineWorker(loaded.model(), Integer.parseInt(args[3]), Integer.parseInt(args[4]));
      System.out.println("ready");
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        String[] words = line.split(" ", 2);
        System.out.println(worker.seconds(words[0], words.length == 2 ? Path.of(words[1]) : null));
      }
    }
  }

  private double seconds(String task, Path result) {
    try (NoGrad noGrad = new NoGrad();
        Scope scope = new Scope();
        SeededNoise noise = new SeededNoise(1);
        Attribution.Watch watch = watch(task)) {
      Tensor latent = noise.normal(1, 4, latentSide(), latentSide());
      Tensor texts = task.equals("text") ? null : texts();
      long start = System.nanoTime();
      Tensor made =
          switch (task) {
            case "text" -> texts();
            case "unet" -> call(latent, texts, null);
            case "unet-probe", "probe" -> call(latent, texts, watch.probe());
            case "labels" -> labels(latent, texts);
            case "vae" -> model.decode(latent);
            case "image" -> image();
            default -> throw new IllegalArgumentException("no such task: " + task);
          };
      double seconds = (System.nanoTime() - start) / 1e9;
      if (result != null) {
        try (StateDict state = new StateDict(task)) {
          state.put("result", made);
          SafeTensors.write(result, state, Map.of());
        }
      }
      return seconds;
    }
  }

  private Tensor texts() {
    return model.embed(List.of("", PROMPT.caption()));
  }

  private Tensor call(Tensor latent, Tensor texts, AttentionProbe probe) {
    Tensor both = Ops.cat(List.of(latent, latent), 0);
    return model.unet().forward(both, Tensors.full(TIMESTEP, 2), texts, probe);
  }

  /** Opened once an image, so not within the time of a call; null if nobody watches. */
  private Attribution.Watch watch(String task) {
    return switch (task) {
      case "unet-probe" -> published.watch(model, PROMPT, latentSide());
      case "probe" -> labeler.attribution().watch(model, PROMPT, latentSide());
      default -> null;
    };
  }

  private Tensor labels(Tensor latent, Tensor texts) {
    try (Attribution.Watch watch = labeler.attribution().watch(model, PROMPT, latentSide())) {
      Tensor result = call(latent, texts, watch.probe());
      Scores scores = watch.scores(latent, size, size);
      labeler.decision().label(scores, new BufferedImage(size, size, BufferedImage.TYPE_INT_RGB));
      return result;
    }
  }

  private Tensor image() {
    GenerationSettings settings =
        new GenerationSettings(size, size, steps, GUIDANCE, "", SchedulerKind.DDIM);
    return model.decode(
        model.sample(List.of(PROMPT.caption()), new long[] {PROMPT.seed()}, settings, null));
  }

  private int latentSide() {
    return size / model.vae().config().downscale();
  }
}
