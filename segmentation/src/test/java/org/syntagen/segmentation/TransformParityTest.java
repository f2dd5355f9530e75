package org.syntagen.segmentation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Compares with what parity/segmentation/transforms.py recorded of torchvision. */
class TransformParityTest {
  @Test
  void aDrawnCropIsThatOfTorchvision() {
    JsonNode fixture =
        JsonMapper.builder().build().readTree(TorchvisionParityTest.resource("transforms.json"));
    int size = fixture.get("crop").asInt();
    Window window = new Window(size, size);
    for (JsonNode draw : fixture.get("cases")) {
      LabeledImage image = picture(draw.get("width").asInt(), draw.get("height").asInt());
      Placement placement =
          Placement.shorterSide(
              image.width(),
              image.height(),
              draw.get("side").asInt(),
              draw.get("mirrored").asBoolean(),
              draw.get("left").asInt(),
              draw.get("top").asInt());
      float[] colors = new float[3 * window.pixels()];
      long[] labels = new long[window.pixels()];
      window.drawColors(image, placement, colors, 0);
      window.drawLabels(image, placement, labels, 0);
      for (int i = 0; i < colors.length; i++) {
        assertThat((double) colors[i])
            .as("color %d of side %s", i, draw.get("side"))
            .isCloseTo(draw.get("colors").get(i).asDouble(), within(2e-5));
      }
      for (int i = 0; i < labels.length; i++) {
        assertThat(labels[i])
            .as("label %d of side %s", i, draw.get("side"))
            .isEqualTo(draw.get("labels").get(i).asLong());
      }
    }
  }

  private static LabeledImage picture(int width, int height) {
    byte[] rgb = new byte[3 * width * height];
    byte[] labels = new byte[width * height];
    for (int i = 0; i < rgb.length; i++) {
      rgb[i] = (byte) FormulaWeights.hashed("transform " + width, i, 256);
    }
    for (int i = 0; i < labels.length; i++) {
      labels[i] = (byte) FormulaWeights.hashed("mask " + width, i, 21);
    }
    return new LabeledImage("picture", width, height, rgb, labels);
  }
}
