package org.syntagen.segmentation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class WindowTest {
  private static final double TOLERANCE = 1e-4;

  @Test
  void resizedColorsAreThoseOfTorchsAntialiasedBilinearFilter() {
    JsonNode fixture =
        JsonMapper.builder().build().readTree(TorchvisionParityTest.resource("resize.json"));
    int height = fixture.get("height").asInt();
    int width = fixture.get("width").asInt();
    byte[] rgb = new byte[3 * height * width];
    for (int i = 0; i < rgb.length; i++) {
      rgb[i] = (byte) fixture.get("image").get(i / 3).asInt();
    }
    LabeledImage image = new LabeledImage("grey", width, height, rgb, new byte[height * width]);
    for (JsonNode expected : fixture.get("cases")) {
      Placement placement =
          new Placement(expected.get("width").asInt(), expected.get("height").asInt(), false, 0, 0);
      Window window = Window.over(placement);
      float[] colors = new float[3 * window.pixels()];
      window.drawColors(image, placement, colors, 0);
      for (int channel = 0; channel < 3; channel++) {
        for (int i = 0; i < window.pixels(); i++) {
          assertThat((double) colors[channel * window.pixels() + i])
              .as("channel %d, element %d of %s", channel, i, placement)
              .isCloseTo(
                  Normalization.apply(channel, expected.get("values").get(i).asDouble()),
                  within(TOLERANCE));
        }
      }
    }
  }

  @Test
  void colorsAreNormalisedByTheStatisticsOfImageNet() {
    LabeledImage image =
        new LabeledImage("pixel", 1, 1, new byte[] {(byte) 255, 0, 51}, new byte[] {3});
    float[] colors = new float[3];
    new Window(1, 1).drawColors(image, new Placement(1, 1, false, 0, 0), colors, 0);
    assertThat((double) colors[0]).isCloseTo((1 - 0.485) / 0.229, within(1e-6));
    assertThat((double) colors[1]).isCloseTo((0 - 0.456) / 0.224, within(1e-6));
    assertThat((double) colors[2]).isCloseTo((0.2 - 0.406) / 0.225, within(1e-6));
  }

  @Test
  void outsideOfTheImageTheWindowIsBlackAndVoid() {
    LabeledImage image = Pictures.coded(2, 1);
    Window window = new Window(3, 2);
    Placement placement = new Placement(2, 1, true, 0, 0);
    assertThat(labels(window, image, placement)).containsExactly(2, 1, 255, 255, 255, 255);
    float[] colors = new float[3 * window.pixels()];
    window.drawColors(image, placement, colors, 0);
    for (int outside : new int[] {2, 3, 4, 5}) {
      assertThat(colors[outside]).isEqualTo(Normalization.apply(0, 0));
    }
  }

  @Test
  void labelsAreTakenFromTheNearestPixelAndNeverMixed() {
    LabeledImage image = Pictures.coded(2, 2); // labels 1 2 / 3 4
    assertThat(labels(new Window(4, 2), image, new Placement(4, 2, false, 0, 0)))
        .containsExactly(1, 1, 2, 2, 3, 3, 4, 4);
    assertThat(labels(new Window(1, 1), image, new Placement(1, 1, false, 0, 0)))
        .containsExactly(4);
  }

  @Test
  void aMirroredCropShowsTheColumnsOfTheMirroredImage() {
    LabeledImage image = Pictures.coded(5, 1); // labels 1 2 3 4 5, mirrored 5 4 3 2 1
    Window window = new Window(3, 1);
    assertThat(labels(window, image, new Placement(5, 1, false, 1, 0))).containsExactly(2, 3, 4);
    assertThat(labels(window, image, new Placement(5, 1, true, 1, 0))).containsExactly(4, 3, 2);
    assertThat(labels(window, image, new Placement(5, 1, true, 2, 0))).containsExactly(3, 2, 1);
  }

  @Test
  void imageAndLabelsMoveAlike() {
    LabeledImage image = Pictures.coded(12, 10);
    Window window = new Window(16, 16);
    Augmentation augmentation = new Augmentation(10, 16);
    for (int draw = 0; draw < 40; draw++) {
      Placement drawn = augmentation.draw(5, draw, image);
      // At twice the size every colour is at least three quarters that of one source pixel.
      Placement placement =
          new Placement(24, 20, drawn.mirrored(), drawn.left() % 9, drawn.top() % 5);
      float[] colors = new float[3 * window.pixels()];
      window.drawColors(image, placement, colors, 0);
      long[] labels = labels(window, image, placement);
      for (int i = 0; i < labels.length; i++) {
        double red = (colors[i] * 0.229 + 0.485) * 255;
        double green = (colors[window.pixels() + i] * 0.224 + 0.456) * 255;
        int pixel = (int) labels[i] - 1;
        assertThat(red / Pictures.STEP).isCloseTo(pixel % 12, within(0.251));
        assertThat(green / Pictures.STEP).isCloseTo(pixel / 12, within(0.251));
      }
    }
  }

  private static long[] labels(Window window, LabeledImage image, Placement placement) {
    long[] labels = new long[window.pixels()];
    window.drawLabels(image, placement, labels, 0);
    return labels;
  }

  @Test
  void theCountOfLabelledPixelsLeavesOutVoidAndPadding() {
    LabeledImage image =
        new LabeledImage("half void", 2, 1, new byte[6], new byte[] {(byte) 255, 0});
    long[] labels = new long[6];
    int labelled = new Window(3, 2).drawLabels(image, new Placement(2, 1, false, 0, 0), labels, 0);
    assertThat(labelled).isEqualTo(1);
    assertThat(labels).containsExactly(255, 0, 255, 255, 255, 255);
  }

  @Test
  void aWindowIntoALargeResizedImageEqualsTheCutOutOfTheWholeOne() {
    LabeledImage image = Pictures.coded(13, 9);
    Placement whole = new Placement(31, 22, true, 0, 0);
    Placement part = new Placement(31, 22, true, 6, 5);
    float[] all = new float[3 * 31 * 22];
    Window.over(whole).drawColors(image, whole, all, 0);
    Window window = new Window(10, 8);
    float[] cut = new float[3 * window.pixels()];
    window.drawColors(image, part, cut, 0);
    List<Float> expected = new ArrayList<>();
    for (int channel = 0; channel < 3; channel++) {
      for (int y = 5; y < 13; y++) {
        for (int x = 6; x < 16; x++) {
          expected.add(all[(channel * 22 + y) * 31 + x]);
        }
      }
    }
    assertThat(cut).hasSize(expected.size());
    for (int i = 0; i < cut.length; i++) {
      assertThat((double) cut[i]).isCloseTo(expected.get(i), within(1e-6));
    }
  }
}
