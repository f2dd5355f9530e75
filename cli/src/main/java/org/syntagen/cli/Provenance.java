package org.syntagen.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.syntagen.diffusion.GenerationSettings;
import org.syntagen.diffusion.InitialImages;
import org.syntagen.diffusion.Lora;
import org.syntagen.diffusion.StableDiffusion;
import org.syntagen.diffusion.text.TextualInversion;
import org.syntagen.tensor.Device;
import org.syntagen.tensor.Dtype;

/** What datasets and their image files tell of how they were generated, in one order. */
final class Provenance {
  private Provenance() {}

  /** The model, for the text in image files. */
  static Map<String, String> about(
      String fingerprint, int clipSkip, List<TextualInversion> embeddings) {
    Map<String, String> about = new LinkedHashMap<>();
    about.put("Model fingerprint", fingerprint);
    if (clipSkip > 0) {
      about.put("Clip skip", Integer.toString(clipSkip + 1)); // as the web UI counts
    }
    if (!embeddings.isEmpty()) {
      about.put(
          "TI fingerprints",
          embeddings.stream()
              .map(embedding -> embedding.word() + ": " + embedding.fingerprint())
              .collect(Collectors.joining(", ")));
    }
    about.put("Version", Tool.NAME);
    return about;
  }

  static Map<String, Object> of(TextualInversion embedding) {
    return new TreeMap<>(
        Map.of(
            "word", embedding.word(),
            "vectors", embedding.count(),
            "fingerprint", embedding.fingerprint()));
  }

  /** What, beside the seed, determines the images. */
  static Map<String, Object> generator(
      StableDiffusion model,
      String fingerprint,
      GenerationSettings settings,
      Dtype dtype,
      List<String> classNames) {
    Map<String, Object> generator = new LinkedHashMap<>();
    generator.put("kind", "stable-diffusion");
    generator.put("modelFingerprint", fingerprint);
    generator.put("scheduler", settings.scheduler().className());
    generator.put("schedulerConfig", model.schedulerConfig().toMap());
    generator.put("steps", settings.steps());
    generator.put("guidance", settings.guidance());
    generator.put("guidanceRescale", settings.guidanceRescale());
    generator.put("negativePrompt", settings.negativePrompt());
    String cutOff = model.tokenizer().encode(settings.negativePrompt()).cutOff();
    if (!cutOff.isEmpty()) {
      generator.put("negativePromptTruncated", cutOff);
    }
    generator.put("width", settings.width());
    generator.put("height", settings.height());
    generator.put("dtype", dtype.name());
    generator.put("device", Device.current().id());
    generator.put("prompts", "templates");
    generator.put("classes", classNames);
    return generator;
  }

  static Map<String, Object> of(Lora.Merged lora) {
    return new TreeMap<>(Map.of("fingerprint", lora.fingerprint(), "scale", lora.scale()));
  }

  static Map<String, Object> of(InitialImages initial) {
    return new TreeMap<>(
        Map.of(
            "count", initial.count(),
            "fingerprint", initial.fingerprint(),
            "strength", initial.strength()));
  }
}
