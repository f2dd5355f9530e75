package org.syntagen.cli;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.syntagen.challenge.Rules;
import org.syntagen.tensor.WeightFile;
import picocli.CommandLine.Option;

/** Files beside the model that the making of an entry may have used. */
final class ReplicationOptions {
  @Option(
      names = "--lora",
      paramLabel = "FILE",
      description = "LoRA that an entry may have used; its manifest tells the scale. Repeatable.")
  private List<Path> loras = List.of();

  @Option(
      names = "--embedding",
      paramLabel = "FILE",
      description = "Textual inversion that an entry may have used. Repeatable.")
  private List<Path> embeddings = List.of();

  @Option(
      names = "--tokens",
      paramLabel = "FILE",
      description = "Fitted tokens that an entry's labels may rest on. Repeatable.")
  private List<Path> tokens = List.of();

  @Option(
      names = "--init",
      paramLabel = "FILE",
      description = {
        "Where a network that is trained again starts from, as for train.",
        "Default: random weights."
      })
  private Path init;

  /** The training that a network must come out of again. */
  CompetitionTraining training(Rules.Training rules) {
    return new CompetitionTraining(rules, Optional.ofNullable(init));
  }

  /**
   * These files with the models that a command has.
   *
   * @throws org.syntagen.tensor.WeightsException if a file is missing or damaged
   */
  ModelShelf shelf(List<ModelShelf.Source> models) {
    return new ModelShelf(
        models, byFingerprint(loras), byFingerprint(embeddings), byFingerprint(tokens));
  }

  private static Map<String, Path> byFingerprint(List<Path> files) {
    Map<String, Path> byFingerprint = new HashMap<>();
    files.forEach(file -> byFingerprint.put(WeightFile.fingerprint(file), file));
    return byFingerprint;
  }
}
