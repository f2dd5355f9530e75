package org.syntagen.cli;

import java.util.Optional;
import org.syntagen.dataset.ClassSet;
import org.syntagen.dataset.InputException;
import org.syntagen.labeling.DatasetDiffusion;
import org.syntagen.labeling.Refinement;
import picocli.CommandLine.Option;

/** How attention becomes labels. */
final class LabelerOptions {
  static final String HEADING = "%nLabels:%n";

  @Option(
      names = "--class-text",
      description =
          "Attention to the class words in one text or in a sentence each: joined or sentences.")
  private DatasetDiffusion.ClassText classText;

  @Option(
      names = "--cross-factor",
      description = "Cross-attention at 1/n of the latent's resolution.")
  private Integer crossFactor;

  @Option(
      names = "--self-factor",
      description = "Self-attention at 1/n of the latent's resolution.")
  private Integer selfFactor;

  @Option(names = "--exponent", description = "How often self-attention is applied.")
  private Integer exponent;

  @Option(names = "--foreground", description = "Scores from here on are the class's.")
  private Double foreground;

  @Option(names = "--uncertain", description = "Scores from here to --foreground are void.")
  private Double uncertain;

  @Option(
      names = "--crf",
      negatable = true,
      description = {
        "Align masks with the image's edges by a dense CRF, instead of thresholds.",
        "Default: for the bundled model, unless a threshold is given."
      })
  private Boolean crf;

  /**
   * The labeler with what the user said; the rest is what suits the model.
   *
   * @param bundled whether the model is the bundled one
   */
  DatasetDiffusion labeler(boolean bundled, ClassSet classes) {
    DatasetDiffusion.Parameters defaults = TinyDefaults.labeler(bundled);
    return new DatasetDiffusion(
        GenerateCommand.checked(() -> parameters(defaults)),
        classes,
        refinement(TinyDefaults.refinement(bundled)));
  }

  private DatasetDiffusion.Parameters parameters(DatasetDiffusion.Parameters defaults) {
    return new DatasetDiffusion.Parameters(
        classText == null ? defaults.classText() : classText,
        crossFactor == null ? defaults.crossFactor() : crossFactor,
        selfFactor == null ? defaults.selfFactor() : selfFactor,
        exponent == null ? defaults.exponent() : exponent,
        foreground == null ? defaults.foreground() : foreground,
        uncertain == null ? defaults.uncertain() : uncertain);
  }

  private Optional<Refinement> refinement(Optional<Refinement> fitting) {
    boolean thresholds = foreground != null || uncertain != null;
    if (Boolean.TRUE.equals(crf)) {
      if (thresholds) {
        throw new InputException(
            "--crf decides without --foreground and --uncertain: give either it or these");
      }
      return Optional.of(fitting.orElseGet(Refinement::clipEs));
    }
    return crf == null && !thresholds ? fitting : Optional.empty();
  }
}
