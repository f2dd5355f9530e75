package org.syntagen.labeling;

import java.util.Arrays;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.syntagen.dataset.ClassSet;
import org.syntagen.dataset.InputException;
import org.syntagen.dataset.JsonFields;

/**
 * Makes a labeler again from what a dataset records of it.
 *
 * @param classes of the dataset
 * @param tokens finds the fitted tokens that a record names by their fingerprint
 */
public record RecordedLabeler(ClassSet classes, Function<JsonFields, LearnedTokens> tokens) {
  /**
   * The labeler that {@link Labeler#toMap} describes.
   *
   * @throws InputException if it describes an unknown kind, or a value is missing or of another
   *     type
   * @throws IllegalArgumentException if a value is out of range
   */
  public Labeler of(JsonFields recorded) {
    return new Labeler(attribution(recorded), decision(recorded.within("decision")));
  }

  private Attribution attribution(JsonFields recorded) {
    return switch (recorded.text("name")) {
      case DatasetDiffusion.NAME ->
          new DatasetDiffusion(
              new DatasetDiffusion.Parameters(
                  classText(recorded),
                  recorded.flag("wordRows"),
                  recorded.count("crossFactor"),
                  recorded.count("selfFactor"),
                  recorded.count("exponent")),
              classes);
      case Daam.NAME -> new Daam(classes);
      case Ovam.NAME -> new Ovam(ovam(recorded), classes);
      case TokenOvam.NAME -> new TokenOvam(tokens.apply(recorded.within("tokens")), classes);
      case Spread.NAME -> new Spread(attribution(recorded.within("of")), recorded.count("times"));
      case Pcc.NAME ->
          new Pcc(
              new Pcc.Parameters(recorded.wholes("clusters"), recorded.numbers("thresholds")),
              classes);
      case DenoisingContrast.NAME -> contrast(recorded);
      case Mean.NAME ->
          new Mean(
              attribution(recorded.within("attention")), contrast(recorded.within("denoising")));
      default -> throw unknown(recorded);
    };
  }

  private DenoisingContrast contrast(JsonFields recorded) {
    return new DenoisingContrast(
        new DenoisingContrast.Parameters(
            recorded.wholes("timesteps"), recorded.number("smoothing"), recorded.number("peak")),
        classes);
  }

  private static Ovam.Parameters ovam(JsonFields recorded) {
    JsonFields synonyms = recorded.within("synonyms");
    return new Ovam.Parameters(
        recorded.texts("background"),
        synonyms.fields().keySet().stream()
            .collect(Collectors.toMap(Function.identity(), synonyms::texts)));
  }

  private static ClassText classText(JsonFields recorded) {
    String id = recorded.text("classText");
    return Arrays.stream(ClassText.values())
        .filter(text -> text.id().equals(id))
        .findFirst()
        .orElseThrow(() -> new InputException(recorded.where() + ": there is no class text " + id));
  }

  private static Decision decision(JsonFields recorded) {
    return switch (recorded.text("name")) {
      case Thresholds.NAME ->
          new Thresholds(recorded.number("foreground"), recorded.number("uncertain"));
      case Refinement.NAME ->
          new Refinement(
              recorded.number("background"),
              recorded.number("temperature"),
              recorded.number("confidence"),
              recorded.number("mostVoid"),
              crf(recorded.within("crf")));
      case ColorSegments.NAME ->
          new ColorSegments(
              recorded.number("agreement"),
              recorded.count("clusters"),
              recorded.count("least"),
              recorded.number("lead"),
              recorded.count("erosion"),
              recorded.count("dilation"),
              recorded.count("rim"));
      default -> throw unknown(recorded);
    };
  }

  private static DenseCrf crf(JsonFields recorded) {
    return new DenseCrf(
        recorded.count("iterations"),
        recorded.number("smoothDeviation"),
        recorded.number("smoothWeight"),
        recorded.number("positionDeviation"),
        recorded.number("colorDeviation"),
        recorded.number("colorWeight"));
  }

  private static InputException unknown(JsonFields recorded) {
    return new InputException(
        "%s: there is no labeler or decision %s"
            .formatted(recorded.where(), recorded.text("name")));
  }
}
