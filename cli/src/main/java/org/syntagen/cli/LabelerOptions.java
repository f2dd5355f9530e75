package org.syntagen.cli;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.syntagen.dataset.ClassSet;
import org.syntagen.dataset.InputException;
import org.syntagen.labeling.Attribution;
import org.syntagen.labeling.ClassText;
import org.syntagen.labeling.ColorSegments;
import org.syntagen.labeling.Daam;
import org.syntagen.labeling.DatasetDiffusion;
import org.syntagen.labeling.Decision;
import org.syntagen.labeling.Labeler;
import org.syntagen.labeling.LearnedTokens;
import org.syntagen.labeling.Mean;
import org.syntagen.labeling.Ovam;
import org.syntagen.labeling.Pcc;
import org.syntagen.labeling.Refinement;
import org.syntagen.labeling.Spread;
import org.syntagen.labeling.Thresholds;
import org.syntagen.labeling.TokenOvam;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** How a model's view of an image becomes labels. */
final class LabelerOptions {
  static final String HEADING = "%nLabels:%n";

  /** The known ways to read a model. */
  enum Method {
    DATASET_DIFFUSION,
    DATASET_DIFFUSION_REFERENCE,
    DAAM,
    OVAM,
    PCC,
    CONTRAST,
    MEAN;

    String id() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The method with parameters that suit the bundled model, or else the published ones. */
    Attribution attribution(
        DatasetDiffusion.Parameters attention, Ovam.Parameters ovam, ClassSet classes) {
      return switch (this) {
        case DATASET_DIFFUSION -> new DatasetDiffusion(attention, classes);
        case DATASET_DIFFUSION_REFERENCE ->
            new DatasetDiffusion(DatasetDiffusion.Parameters.reference(), classes);
        case DAAM -> new Daam(classes);
        case OVAM -> new Ovam(ovam, classes);
        case PCC -> new Pcc(Pcc.Parameters.published(), classes);
        case CONTRAST -> TinyDefaults.contrast(classes);
        case MEAN -> new Mean(new Daam(classes), TinyDefaults.contrast(classes));
      };
    }

    Thresholds thresholds() {
      return switch (this) {
        case DAAM -> Daam.THRESHOLDS;
        case OVAM -> Ovam.THRESHOLDS;
        default -> DatasetDiffusion.THRESHOLDS;
      };
    }
  }

  /** The names of the methods. */
  static final class Methods implements Iterable<String>, ITypeConverter<Method> {
    @Override
    public Iterator<String> iterator() {
      return Arrays.stream(Method.values()).map(Method::id).iterator();
    }

    @Override
    public Method convert(String name) {
      return Arrays.stream(Method.values())
          .filter(method -> method.id().equals(name))
          .findFirst()
          .orElseThrow(
              () ->
                  new TypeConversionException(
                      "no such labeler: " + name + "; expected one of " + String.join(", ", this)));
    }
  }

  @Option(
      names = "--labeler",
      converter = Methods.class,
      completionCandidates = Methods.class,
      description = {
        "${COMPLETION-CANDIDATES}.",
        "mean is of daam and contrast, and the default for the bundled model;",
        "dataset-diffusion is the default for others."
      })
  private Method method;

  @Option(
      names = "--class-text",
      description = {
        "For dataset-diffusion: attention to the class words joined in one text, in sentences, or",
        "caption."
      })
  private ClassText classText;

  @Option(
      names = "--cross-factor",
      description = "For dataset-diffusion: cross-attention at 1/n of the latent's resolution.")
  private Integer crossFactor;

  @Option(
      names = "--self-factor",
      description = "For dataset-diffusion: self-attention at 1/n of the latent's resolution.")
  private Integer selfFactor;

  @Option(
      names = "--exponent",
      description = "For dataset-diffusion: how often self-attention is applied.")
  private Integer exponent;

  @Option(
      names = "--background-text",
      description = {
        "For ovam: what else an image may show, such as grass; draws attention from the classes.",
        "May be given several times."
      })
  private List<String> background = List.of();

  @Option(
      names = "--synonyms",
      description =
          "For ovam: also look for other names of VOC's classes, such as motorcycle for motorbike.")
  private boolean synonyms;

  @Option(
      names = "--tokens",
      description =
          "For ovam: file of fitted tokens (syntagen fit-tokens), which stand for class words.")
  private Path tokens;

  @Option(
      names = "--spread",
      description = {
        "Multiply scores so often by the finest self-attention, which spreads them over what looks",
        "alike. Default: not at all."
      })
  private Integer spread;

  @Option(names = "--foreground", description = "Scores from here on are the class's.")
  private Double foreground;

  @Option(names = "--uncertain", description = "Scores from here to --foreground are void.")
  private Double uncertain;

  @Option(
      names = "--crf",
      negatable = true,
      description = {
        "Align masks with the image's edges by a dense CRF, instead of thresholds.",
        "Default: for the bundled model's default labeler, unless a threshold is given."
      })
  private Boolean crf;

  @Option(
      names = "--most-void",
      description = {
        "With a dense CRF: at most this share of a class's pixels is void, the least sure ones,",
        "so that thin objects keep labels; 0 to 1. Default: 1."
      })
  private Double mostVoid;

  /**
   * The labeler with what the user said; the rest is what suits the model.
   *
   * @param bundled whether the model is the bundled one
   */
  Labeler labeler(boolean bundled, ClassSet classes) {
    Method chosen = method != null ? method : bundled ? Method.MEAN : Method.DATASET_DIFFUSION;
    if (chosen != Method.DATASET_DIFFUSION
        && (classText != null || crossFactor != null || selfFactor != null || exponent != null)) {
      throw new InputException(
          "--class-text, --cross-factor, --self-factor and --exponent are for the labeler"
              + " dataset-diffusion, not for "
              + chosen.id());
    }
    boolean worded = !background.isEmpty() || synonyms;
    if (chosen != Method.OVAM && (worded || tokens != null)) {
      throw new InputException(
          "--background-text, --synonyms and --tokens are for the labeler ovam, not for "
              + chosen.id());
    }
    if (worded && tokens != null) {
      throw new InputException(
          "--tokens stand for words: give either them or --background-text and --synonyms");
    }
    return GenerateCommand.checked(
        () -> {
          Attribution plain =
              tokens != null
                  ? new TokenOvam(LearnedTokens.read(tokens), classes)
                  : chosen.attribution(attention(bundled), ovam(), classes);
          return new Labeler(
              spread == null ? plain : new Spread(plain, spread), decision(chosen, bundled));
        });
  }

  private DatasetDiffusion.Parameters attention(boolean bundled) {
    DatasetDiffusion.Parameters fitting =
        bundled ? TinyDefaults.attention() : DatasetDiffusion.Parameters.published();
    return new DatasetDiffusion.Parameters(
        classText == null ? fitting.classText() : classText,
        false,
        crossFactor == null ? fitting.crossFactor() : crossFactor,
        selfFactor == null ? fitting.selfFactor() : selfFactor,
        exponent == null ? fitting.exponent() : exponent);
  }

  private Ovam.Parameters ovam() {
    return new Ovam.Parameters(background, synonyms ? Ovam.VOC_SYNONYMS : Map.of());
  }

  private Decision decision(Method chosen, boolean bundled) {
    boolean given = foreground != null || uncertain != null;
    if (given && Boolean.TRUE.equals(crf)) {
      throw new InputException(
          "--crf decides without --foreground and --uncertain: give either it or these");
    }
    boolean published = method != null && method != Method.MEAN;
    if (Boolean.TRUE.equals(crf) || crf == null && !given && bundled && !published) {
      Refinement fitting = bundled ? TinyDefaults.decision() : Refinement.clipEs();
      return mostVoid == null ? fitting : fitting.withMostVoid(mostVoid);
    }
    if (mostVoid != null) {
      throw new InputException("--most-void is for the dense CRF; give --crf too");
    }
    if (chosen == Method.PCC && !given) {
      return bundled ? TinyDefaults.segments() : ColorSegments.published();
    }
    Thresholds fitting = tokens != null ? TokenOvam.THRESHOLDS : chosen.thresholds();
    double from = foreground == null ? fitting.foreground() : foreground;
    return new Thresholds(
        from, uncertain == null ? Math.min(fitting.uncertain(), from) : uncertain);
  }
}
