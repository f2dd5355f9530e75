package org.syntagen.segmentation.robustness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.syntagen.dataset.ClassSet;
import org.syntagen.segmentation.Backbone;
import org.syntagen.segmentation.DeepLabV3;
import org.syntagen.segmentation.Evaluator;
import org.syntagen.segmentation.FormulaWeights;
import org.syntagen.segmentation.LabeledImage;
import org.syntagen.segmentation.LabeledImages;
import org.syntagen.segmentation.Pictures;
import org.syntagen.segmentation.Predictor;

class RobustnessSuiteTest {
  private static final ClassSet CLASSES = ClassSet.of(List.of("background", "red", "green"));
  private static DeepLabV3 model;

  @BeforeAll
  static void buildModel() {
    model = DeepLabV3.random(Backbone.MOBILENET_V3_LARGE, 3, 11);
    FormulaWeights.fill(model.state()); // random ones hardly see the image
  }

  @AfterAll
  static void freeModel() {
    model.close();
  }

  @Test
  void everyConditionIsMeasured() {
    LabeledImages images = LabeledImages.of(Pictures.squares(2, 24, 3, 2));
    LabeledImages others = LabeledImages.of(Pictures.squares(3, 24, 3, 9));
    RobustnessSuite suite =
        new RobustnessSuite(new Evaluator(CLASSES), images, Optional.of(others), 1);
    List<Integer> passes = new ArrayList<>();
    List<LabeledImage> seen = new ArrayList<>();
    RobustnessResult result =
        suite.measure(
            new Predictor(model, 0), (image, labels) -> seen.add(image), () -> passes.add(1));
    assertThat(seen).containsExactly(images.load(0), images.load(1));
    assertThat(passes).hasSize(suite.passes()).hasSize(1 + 75 + 2 + 1);
    assertThat(result.corrupted()).hasSize(15);
    assertThat(result.corrupted().values()).allMatch(severities -> severities.size() == 5);
    assertThat(result.attacked()).containsOnlyKeys("fgsm", "pgd");
    assertThat(result.swapped()).isPresent();
    assertThat(result.unfamiliar().orElseThrow().energy().auroc()).isBetween(0.0, 1.0);
    double mean = result.mean(Corruption.FOG);
    assertThat(result.degradation(mean))
        .isCloseTo((result.cleanMiou() - mean) / result.cleanMiou(), within(1e-12));
  }

  @Test
  void theGradientOfTheLossIsThatOfDifferences() {
    LabeledImage image = Pictures.squares(1, 32, 3, 4).get(0);
    for (int shorterSide : new int[] {0, 48}) {
      Predictor predictor = new Predictor(model, shorterSide);
      float[] gradient = predictor.loss(image).gradient();
      assertThat(gradient).hasSize(3 * 32 * 32);
      double alongGradient = 0;
      byte[] rgb = image.rgb().clone();
      for (int i = 0; i < rgb.length; i++) {
        float slope = gradient[i % 3 * 32 * 32 + i / 3];
        int change = (int) Math.signum(slope);
        if ((rgb[i] & 255) + change >= 0 && (rgb[i] & 255) + change <= 255) {
          rgb[i] += (byte) change;
          alongGradient += Math.abs(slope);
        }
      }
      LabeledImage moved = new LabeledImage("moved", 32, 32, rgb, image.labels());
      if (shorterSide == 0) {
        assertThat(predictor.loss(moved).value() - predictor.loss(image).value())
            .isCloseTo(alongGradient, within(0.3 * alongGradient));
      } else {
        assertThat(predictor.loss(moved).value()).isGreaterThan(predictor.loss(image).value());
      }
    }
  }

  @Test
  void attacksRaiseTheLossWithinTheirDistance() {
    Predictor predictor = new Predictor(model, 0);
    LabeledImage image = Pictures.squares(1, 32, 3, 6).get(0);
    double clean = predictor.loss(image).value();
    double fgsm = attackedLoss(Attack.FGSM, predictor, image);
    double pgd = attackedLoss(Attack.PGD, predictor, image);
    assertThat(fgsm).isGreaterThan(clean);
    assertThat(pgd).isGreaterThan(fgsm);
  }

  private static double attackedLoss(Attack attack, Predictor predictor, LabeledImage image) {
    LabeledImage attacked = attack.apply(predictor, image, 3);
    for (int i = 0; i < attacked.rgb().length; i++) {
      assertThat(Math.abs((attacked.rgb()[i] & 255) - (image.rgb()[i] & 255)))
          .isLessThanOrEqualTo(attack.distance());
    }
    assertThat(attack.apply(predictor, image, 3).rgb()).isEqualTo(attacked.rgb());
    return predictor.loss(attacked).value();
  }

  @Test
  void anImageWithoutLabelsIsNotAttacked() {
    byte[] unknown = new byte[256];
    Arrays.fill(unknown, (byte) ClassSet.VOID);
    LabeledImage image = new LabeledImage("void", 16, 16, new byte[768], unknown);
    assertThat(Attack.PGD.apply(new Predictor(model, 0), image, 1)).isSameAs(image);
  }

  @Test
  void objectsStandBeforeTheBackgroundOfTheOther() {
    LabeledImage one = filled("one", 8, 6, (byte) 10, (byte) 20);
    LabeledImage other = filled("other", 5, 7, (byte) 30, (byte) 40);
    LabeledImages swapped = new SwappedBackgrounds(LabeledImages.of(List.of(one, other)), 1);
    assertColors(swapped.load(0), 30, 20);
    assertColors(swapped.load(1), 10, 40);
    assertThat(swapped.load(0).labels()).isEqualTo(one.labels());
  }

  /** Background in one colour with an object in the other and void around it. */
  private static LabeledImage filled(String id, int width, int height, byte behind, byte object) {
    byte[] labels = new byte[width * height];
    byte[] rgb = new byte[3 * labels.length];
    Arrays.fill(rgb, behind);
    for (int p = 2 * width + 1; p < 2 * width + 4; p++) {
      labels[p] = (byte) (p == 2 * width + 2 ? 1 : ClassSet.VOID);
      Arrays.fill(rgb, 3 * p, 3 * p + 3, object);
    }
    return new LabeledImage(id, width, height, rgb, labels);
  }

  private static void assertColors(LabeledImage image, int behind, int object) {
    for (int p = 0; p < image.labels().length; p++) {
      assertThat(image.rgb()[3 * p] & 255).isEqualTo(image.labels()[p] == 0 ? behind : object);
    }
  }

  @Test
  void theLargestRectangleOfBackgroundIsFound() {
    byte[] labels = {
      0, 1, 0, 0,
      0, 1, 0, 0,
      1, 0, 0, 0
    };
    LabeledImage image = new LabeledImage("map", 4, 3, new byte[36], labels);
    assertThat(SwappedBackgrounds.Rectangle.largestIn(image))
        .hasValue(new SwappedBackgrounds.Rectangle(2, 0, 2, 3));
    Arrays.fill(labels, (byte) 1);
    assertThat(SwappedBackgrounds.Rectangle.largestIn(image)).isEmpty();
  }

  @Test
  void separationIsTheChanceOfTheRightOrder() {
    assertThat(Separation.of(new double[] {3, 4}, new double[] {1, 2}))
        .isEqualTo(new Separation(1, 0));
    assertThat(Separation.of(new double[] {1, 3}, new double[] {2, 3, 0, 1}).auroc())
        .isCloseTo((0.5 + 1 + 1 + 0.5 + 1 + 1) / 8, within(1e-12));
    assertThat(Separation.of(new double[] {1, 1}, new double[] {1}))
        .isEqualTo(new Separation(0.5, 1));
  }
}
