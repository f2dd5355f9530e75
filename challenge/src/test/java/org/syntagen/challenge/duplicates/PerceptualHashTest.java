package org.syntagen.challenge.duplicates;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.syntagen.challenge.Datasets;
import org.syntagen.dataset.Images;

class PerceptualHashTest {
  private static final Path SCENES = Path.of("..", "assets", "scenes-test", "image");

  @Test
  void everyBitIsThatOfImageHash() throws IOException {
    List<String> lines;
    try (InputStream in = PerceptualHashTest.class.getResourceAsStream("hashes.tsv")) {
      lines = new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().skip(1).toList();
    }
    assertThat(lines).hasSize(300);
    for (String line : lines) {
      String[] row = line.split("\t");
      BufferedImage image =
          Images.readRgb(SCENES.resolve(row[0] + ".png"))
              .getSubimage(0, 0, Integer.parseInt(row[1]), Integer.parseInt(row[2]));
      PerceptualHash hash = PerceptualHash.of(image);
      assertThat("%016x %016x".formatted(hash.dHash(), hash.pHash()))
          .as(line)
          .isEqualTo(row[3] + " " + row[4]);
    }
  }

  @Test
  void theSmallestImageHasAHash() {
    PerceptualHash flat = PerceptualHash.of(Datasets.image(1, 1, 1));
    assertThat(flat.dHash()).isZero();
  }
}
