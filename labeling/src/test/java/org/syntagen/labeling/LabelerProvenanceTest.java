package org.syntagen.labeling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.syntagen.dataset.ClassSet;
import org.syntagen.dataset.InputException;
import org.syntagen.dataset.JsonFields;
import tools.jackson.databind.json.JsonMapper;

/** A labeler can be made again from what a dataset records of it. */
class LabelerProvenanceTest {
  private static final ClassSet VOC = ClassSet.VOC;
  private static final DatasetDiffusion ATTENTION =
      new DatasetDiffusion(
          new DatasetDiffusion.Parameters(ClassText.SENTENCES, false, 2, 1, 3), VOC);
  private static final DenoisingContrast CONTRAST =
      new DenoisingContrast(new DenoisingContrast.Parameters(List.of(100L, 700L), 0.05, 0.5), VOC);

  private static String json(Labeler labeler) {
    return JsonMapper.builder().build().writeValueAsString(labeler.toMap());
  }

  private static final LearnedTokens TOKENS =
      new LearnedTokens(Path.of("tokens.safetensors"), 2, Map.of("dog", new float[4]), "4711");

  private static Labeler read(String json) {
    return new RecordedLabeler(VOC, LabelerProvenanceTest::tokens)
        .of(JsonFields.parse(json, "labeler"));
  }

  private static LearnedTokens tokens(JsonFields recorded) {
    assertThat(recorded.text("fingerprint")).isEqualTo("4711");
    return TOKENS;
  }

  @Test
  void everyKindIsReadAsItWasWritten() {
    for (Attribution attribution :
        List.of(
            ATTENTION,
            new DatasetDiffusion(DatasetDiffusion.Parameters.reference(), VOC),
            new Daam(VOC),
            new Ovam(new Ovam.Parameters(List.of("grass", "sky"), Ovam.VOC_SYNONYMS), VOC),
            new Pcc(Pcc.Parameters.published(), VOC),
            new TokenOvam(TOKENS, VOC),
            new Spread(new Daam(VOC), 2),
            CONTRAST,
            new Mean(ATTENTION, CONTRAST))) {
      for (Decision decision :
          List.of(
              new Thresholds(0.7, 0.25),
              new Refinement(0.5, 0.2, 0.6, 0.3, new DenseCrf(5, 1, 3, 40, 13, 10)),
              ColorSegments.published())) {
        String written = json(new Labeler(attribution, decision));
        assertThat(json(read(written))).isEqualTo(written);
      }
    }
  }

  @Test
  void whatIsMissingOrOfAnotherKindIsNamed() {
    String written = json(new Labeler(ATTENTION, new Thresholds(0.7, 0.25)));
    assertThatExceptionOfType(InputException.class)
        .isThrownBy(() -> read(written.replace("dataset-diffusion", "clip")))
        .withMessage("labeler: there is no labeler or decision clip");
    assertThatExceptionOfType(InputException.class)
        .isThrownBy(() -> read(written.replace("\"exponent\":3", "\"exponent\":\"3\"")))
        .withMessage("labeler: \"exponent\" is not a whole number");
    assertThatExceptionOfType(InputException.class)
        .isThrownBy(() -> read(written.replace("sentences", "poems")))
        .withMessage("labeler: there is no class text poems");
  }
}
