package org.syntagen.challenge.duplicates;

import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.syntagen.dataset.Dataset;
import org.syntagen.dataset.Fingerprint;

/**
 * Finds images of one dataset in another: the same pixels, or nearly so, also mirrored. Immutable
 * and thread-safe.
 */
public final class NearDuplicates {
  /**
   * Of each 64-bit hash, the most bits that may differ. Of the bundled test scenes, which are
   * unrelated, no two are nearer than 15; resized, recompressed or brightened copies of them lie
   * within 8.
   */
  static final int MOST_DISTANCE = 10;

  /** How a copy lies to its original. */
  public enum Kind {
    /** Every pixel is equal. */
    SAME_PIXELS,
    /** The picture is alike. */
    ALIKE,
    /** The picture is alike once it is mirrored. */
    MIRRORED
  }

  /**
   * An image that was found.
   *
   * @param id in the dataset that was searched
   * @param original the id of the image that it copies
   * @param distance bits that differ, 0 to 10
   */
  public record Match(String id, String original, Kind kind, int distance) {}

  /** An original, as it is and mirrored. */
  private record Original(String id, PerceptualHash upright, PerceptualHash mirrored) {}

  private final Map<String, String> ids = new HashMap<>(); // by hash of the pixels
  private final List<Original> originals = new ArrayList<>();

  /** To find a dataset's images; decodes all of them. */
  public NearDuplicates(Dataset originals) {
    for (int i = 0; i < originals.size(); i++) {
      BufferedImage image = originals.image(i);
      String id = originals.ids().get(i);
      ids.put(Fingerprint.ofImage(image), id);
      this.originals.add(
          new Original(id, PerceptualHash.of(image), PerceptualHash.of(mirrored(image))));
    }
  }

  /** All copies in a dataset, in its order; decodes all of its images. */
  public List<Match> in(Dataset dataset) {
    return IntStream.range(0, dataset.size())
        .parallel()
        .mapToObj(
            i -> {
              BufferedImage image = dataset.image(i);
              return match(dataset.ids().get(i), Fingerprint.ofImage(image), image);
            })
        .flatMap(Optional::stream)
        .toList();
  }

  /**
   * The nearest original of an image, if one is near enough.
   *
   * @param hash {@link Fingerprint#ofImage} it
   */
  public Optional<Match> match(String id, String hash, BufferedImage image) {
    String same = ids.get(hash);
    if (same != null) {
      return Optional.of(new Match(id, same, Kind.SAME_PIXELS, 0));
    }
    PerceptualHash picture = PerceptualHash.of(image);
    Match nearest = null;
    for (Original original : originals) {
      int upright = picture.distance(original.upright);
      int mirrored = picture.distance(original.mirrored);
      int distance = Math.min(upright, mirrored);
      if (distance <= MOST_DISTANCE && (nearest == null || distance < nearest.distance)) {
        Kind kind = upright <= mirrored ? Kind.ALIKE : Kind.MIRRORED;
        nearest = new Match(id, original.id, kind, distance);
      }
    }
    return Optional.ofNullable(nearest);
  }

  static BufferedImage mirrored(BufferedImage image) {
    int width = image.getWidth();
    BufferedImage mirrored =
        new BufferedImage(width, image.getHeight(), BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < image.getHeight(); y++) {
      for (int x = 0; x < width; x++) {
        mirrored.setRGB(width - 1 - x, y, image.getRGB(x, y));
      }
    }
    return mirrored;
  }
}
