package org.syntagen.challenge.duplicates;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.syntagen.challenge.Datasets;
import org.syntagen.dataset.Dataset;
import org.syntagen.dataset.Fingerprint;
import org.syntagen.dataset.Images;

class NearDuplicatesTest {
  private static final Dataset SCENES = Dataset.open(Path.of("..", "assets", "scenes-test"));
  private static NearDuplicates originals;

  @TempDir Path folder;

  @BeforeAll
  static void theBundledScenes() {
    originals = new NearDuplicates(SCENES);
  }

  @Test
  void unrelatedImagesAreNotTakenForEachOther() {
    List<PerceptualHash> upright = new ArrayList<>();
    List<PerceptualHash> mirrored = new ArrayList<>();
    for (int i = 0; i < SCENES.size(); i++) {
      BufferedImage image = SCENES.image(i);
      upright.add(PerceptualHash.of(image));
      mirrored.add(PerceptualHash.of(NearDuplicates.mirrored(image)));
    }
    int nearest = 64;
    for (int i = 0; i < upright.size(); i++) {
      for (int j = 0; j < i; j++) {
        nearest = Math.min(nearest, upright.get(i).distance(upright.get(j)));
        nearest = Math.min(nearest, upright.get(i).distance(mirrored.get(j)));
      }
    }
    assertThat(nearest).isGreaterThan(NearDuplicates.MOST_DISTANCE);
  }

  @Test
  void copiesAreFoundHoweverTheyWereDisguised() {
    everyCopyIsFound("equal", NearDuplicates.Kind.SAME_PIXELS, image -> image);
    everyCopyIsFound("mirrored", NearDuplicates.Kind.MIRRORED, NearDuplicates::mirrored);
    everyCopyIsFound("enlarged", NearDuplicates.Kind.ALIKE, image -> resized(image, 512, 512));
    everyCopyIsFound("squeezed", NearDuplicates.Kind.ALIKE, image -> resized(image, 100, 75));
    everyCopyIsFound("compressed", NearDuplicates.Kind.ALIKE, NearDuplicatesTest::jpeg);
    everyCopyIsFound("brightened", NearDuplicates.Kind.ALIKE, image -> brightened(image, 1.15));
  }

  private static void everyCopyIsFound(
      String how, NearDuplicates.Kind kind, UnaryOperator<BufferedImage> disguise) {
    for (int i = 0; i < SCENES.size(); i += 5) {
      BufferedImage image = disguise.apply(SCENES.image(i));
      Optional<NearDuplicates.Match> match =
          originals.match("x", Fingerprint.ofImage(image), image);
      assertThat(match).as("%s %d", how, i).isPresent();
      assertThat(match.get().original()).isEqualTo(SCENES.ids().get(i));
      assertThat(match.get().kind()).isEqualTo(kind);
    }
  }

  @Test
  void copiesInADatasetAreNamedInItsOrder() throws IOException {
    Datasets.write(folder, "a", "b", "c");
    Images.writePng(folder.resolve("image/b.png"), NearDuplicates.mirrored(SCENES.image(7)));
    Images.writePng(folder.resolve("image/c.png"), SCENES.image(3));
    assertThat(originals.in(Dataset.open(folder)))
        .containsExactly(
            new NearDuplicates.Match("b", SCENES.ids().get(7), NearDuplicates.Kind.MIRRORED, 0),
            new NearDuplicates.Match("c", SCENES.ids().get(3), NearDuplicates.Kind.SAME_PIXELS, 0));
  }

  private static BufferedImage resized(BufferedImage image, int width, int height) {
    BufferedImage resized = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = resized.createGraphics();
    graphics.setRenderingHint(
        RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
    graphics.drawImage(image, 0, 0, width, height, null);
    graphics.dispose();
    return resized;
  }

  private static BufferedImage jpeg(BufferedImage image) {
    try {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      ImageIO.write(image, "jpg", bytes);
      return ImageIO.read(new ByteArrayInputStream(bytes.toByteArray()));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static BufferedImage brightened(BufferedImage image, double factor) {
    BufferedImage brighter =
        new BufferedImage(image.getWidth(), image.getHeight(), BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < image.getHeight(); y++) {
      for (int x = 0; x < image.getWidth(); x++) {
        int rgb = 0;
        for (int shift = 0; shift <= 16; shift += 8) {
          int level = (int) Math.min(255, (image.getRGB(x, y) >> shift & 0xFF) * factor);
          rgb |= level << shift;
        }
        brighter.setRGB(x, y, rgb);
      }
    }
    return brighter;
  }
}
