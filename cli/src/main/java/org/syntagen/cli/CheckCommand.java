package org.syntagen.cli;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.bytedeco.pytorch.Tensor;
import org.syntagen.dataset.Fingerprint;
import org.syntagen.dataset.Images;
import org.syntagen.dataset.StorageException;
import org.syntagen.diffusion.GenerationSettings;
import org.syntagen.diffusion.ModelFolder;
import org.syntagen.diffusion.StableDiffusion;
import org.syntagen.diffusion.scheduler.SchedulerKind;
import org.syntagen.labeling.PairGenerator;
import org.syntagen.tensor.Dtype;
import org.syntagen.tensor.Scope;
import org.syntagen.tensor.Tensors;
import org.syntagen.tensor.Threads;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code syntagen models check}: one image, always the same. */
@Command(
    name = "check",
    description = {
      "Load a model, render one image, always the same, and print its fingerprint.",
      "It shows \"" + CheckCommand.PROMPT + "\": seed 1, 10 steps of DDIM, guidance 5,",
      "in the size that the model was trained on. Two machines make the same image; for large models",
      "only with the same number of threads."
    },
    footer = {
      "",
      "Example: does the model work, and what does it paint?",
      "  syntagen models check sd15 --out check.png"
    })
final class CheckCommand implements Callable<Integer> {
  static final String PROMPT = "a photo of a dog on the grass";
  private static final long SEED = 1;
  private static final int STEPS = 10;
  private static final double GUIDANCE = 5;

  @Parameters(
      paramLabel = "MODEL",
      description =
          "Stable Diffusion 1.x or 2.x: folder in diffusers layout, or one .safetensors or .ckpt"
              + " file.")
  private Path model;

  @Option(names = "--out", description = "PNG file for the image. Default: none.")
  private Path out;

  @Option(names = "--json", description = "Print the result as one line of JSON.")
  private boolean json;

  @ArgGroup(validate = false, heading = SingleFileOptions.HEADING)
  private final SingleFileOptions singleFile = new SingleFileOptions();

  @Override
  public Integer call() {
    long start = System.nanoTime();
    try (ModelFolder.Loaded loaded = singleFile.load(model, List.of(), Dtype.F32)) {
      double loading = secondsSince(start);
      int cores = Runtime.getRuntime().availableProcessors();
      int threads = PairGenerator.Effort.suiting(loaded.elements(), cores, 0).threads();
      Threads.set(threads, 1);
      long sampling = System.nanoTime();
      BufferedImage image = image(loaded.model());
      double rendering = secondsSince(sampling);
      if (out != null) {
        write(image);
      }
      Map<String, Object> result = new LinkedHashMap<>();
      result.put("model", model.toString());
      result.put("modelFingerprint", loaded.fingerprint());
      result.put("imageFingerprint", Fingerprint.ofImage(image));
      result.put("width", image.getWidth());
      result.put("height", image.getHeight());
      result.put("threads", threads);
      result.put("loadSeconds", loading);
      result.put("renderSeconds", rendering);
      print(result);
    }
    return 0;
  }

  private void print(Map<String, Object> result) {
    if (json) {
      System.out.println(Json.line(result));
      return;
    }
    System.out.println("model " + result.get("modelFingerprint"));
    System.out.println("image " + result.get("imageFingerprint"));
    System.out.printf(
        "%d x %d pixels in %.1f s (threads: %d) after %.1f s of loading%n",
        result.get("width"),
        result.get("height"),
        result.get("renderSeconds"),
        result.get("threads"),
        result.get("loadSeconds"));
  }

  private static BufferedImage image(StableDiffusion model) {
    int size = model.nativeSize();
    GenerationSettings settings =
        new GenerationSettings(size, size, STEPS, GUIDANCE, "", SchedulerKind.DDIM);
    try (Scope scope = new Scope()) {
      Tensor latent = model.sample(List.of(PROMPT), new long[] {SEED}, settings, null);
      return Images.ofRgb(Tensors.bytes(model.decode(latent)), size, size);
    }
  }

  private void write(BufferedImage image) {
    try {
      Images.writePng(out, image);
    } catch (IOException e) {
      throw StorageException.of(out, e);
    }
  }

  private static double secondsSince(long nanos) {
    return (System.nanoTime() - nanos) / 1e9;
  }
}
