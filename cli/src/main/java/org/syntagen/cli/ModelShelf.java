package org.syntagen.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.syntagen.dataset.InputException;
import org.syntagen.dataset.JsonFields;
import org.syntagen.diffusion.Lora;
import org.syntagen.diffusion.ModelFolder;
import org.syntagen.diffusion.text.TextualInversion;
import org.syntagen.labeling.LearnedTokens;
import org.syntagen.tensor.Dtype;

/**
 * The files that a verifier has, of which recorded generations say by fingerprints what they need.
 *
 * @param models are loaded one after the other until one is the recorded one
 * @param loras by fingerprint
 * @param embeddings textual inversions by fingerprint
 * @param tokens fitted for the labeler ovam, by fingerprint
 */
record ModelShelf(
    List<Source> models,
    Map<String, Path> loras,
    Map<String, Path> embeddings,
    Map<String, Path> tokens) {
  /** A model that can be loaded. */
  interface Source {
    /** Reads it; the caller closes it. */
    ModelFolder.Loaded load(List<Lora> loras, Dtype dtype);
  }

  /**
   * The model of a generation, with its LoRAs; the caller closes it.
   *
   * @throws InputException naming the fingerprint of what is missing
   */
  ModelFolder.Loaded model(JsonFields generation) {
    String wanted = generation.text("modelFingerprint");
    Dtype dtype = GenerateCommand.checked(() -> Dtype.valueOf(generation.text("dtype")));
    List<Lora> merged =
        generation.objects("loras").stream()
            .map(lora -> new Lora(file(lora, loras, "--lora"), lora.number("scale")))
            .toList();
    List<String> others = new ArrayList<>();
    for (Source source : models) {
      ModelFolder.Loaded loaded = source.load(merged, dtype);
      if (loaded.fingerprint().equals(wanted)) {
        return loaded;
      }
      loaded.close();
      others.add(loaded.fingerprint());
    }
    throw new InputException(
        "%s: modelFingerprint is %s; the models here have %s: give that one with --model"
            .formatted(generation.where(), wanted, String.join(", ", others)));
  }

  /**
   * The textual inversions of a generation.
   *
   * @throws InputException naming the fingerprint of what is missing
   */
  List<TextualInversion> embeddings(JsonFields generation) {
    return generation.objects("embeddings").stream()
        .map(embedding -> TextualInversion.read(file(embedding, embeddings, "--embedding")))
        .toList();
  }

  /**
   * The fitted tokens that labels rest on.
   *
   * @throws InputException naming the fingerprint of what is missing
   */
  LearnedTokens tokens(JsonFields recorded) {
    return LearnedTokens.read(file(recorded, tokens, "--tokens"));
  }

  private static Path file(JsonFields recorded, Map<String, Path> files, String option) {
    String wanted = recorded.text("fingerprint");
    return Optional.ofNullable(files.get(wanted))
        .orElseThrow(
            () ->
                new InputException(
                    "%s: no file here has the fingerprint %s; give it with %s"
                        .formatted(recorded.where(), wanted, option)));
  }
}
