package org.syntagen.segmentation.robustness;

import java.util.Optional;
import java.util.stream.IntStream;
import org.syntagen.dataset.SplitMix64;
import org.syntagen.segmentation.LabeledImage;
import org.syntagen.segmentation.LabeledImages;

/**
 * Images whose objects stand before the background of another image (Xiao et al. 2021, "Noise or
 * signal: the role of image backgrounds in object recognition"): what is not background in the
 * other is filled with tiles of its largest rectangle of background. It is as right as the masks
 * are. Pixels around an object whose truth is void stay with it.
 */
final class SwappedBackgrounds implements LabeledImages {
  private static final int BACKGROUND = 0;

  private final LabeledImages images;
  private final int[] partner;

  SwappedBackgrounds(LabeledImages images, long seed) {
    this.images = images;
    this.partner = cycle(images.size(), new SplitMix64(seed));
  }

  /** A permutation in one cycle (Sattolo 1986), so that no image is its own partner. */
  private static int[] cycle(int size, SplitMix64 random) {
    int[] partner = IntStream.range(0, size).toArray();
    for (int i = size - 1; i > 0; i--) {
      int j = random.nextInt(i);
      int kept = partner[i];
      partner[i] = partner[j];
      partner[j] = kept;
    }
    return partner;
  }

  @Override
  public int size() {
    return images.size();
  }

  @Override
  public String id(int position) {
    return images.id(position);
  }

  /** The image at a position; as it is if its partner shows no background. */
  @Override
  public LabeledImage load(int position) {
    LabeledImage image = images.load(position);
    LabeledImage behind = images.load(partner[position]);
    return Rectangle.largestIn(behind).map(tile -> composed(image, behind, tile)).orElse(image);
  }

  private static LabeledImage composed(LabeledImage image, LabeledImage behind, Rectangle tile) {
    byte[] rgb = image.rgb().clone();
    for (int y = 0; y < image.height(); y++) {
      for (int x = 0; x < image.width(); x++) {
        int at = y * image.width() + x;
        if (image.labels()[at] != BACKGROUND) {
          continue;
        }
        int from = y % behind.height() * behind.width() + x % behind.width();
        if (behind.labels()[from] != BACKGROUND) {
          from = (tile.top + y % tile.height) * behind.width() + tile.left + x % tile.width;
        }
        System.arraycopy(behind.rgb(), 3 * from, rgb, 3 * at, 3);
      }
    }
    return new LabeledImage(image.id(), image.width(), image.height(), rgb, image.labels());
  }

  /** A part of an image; sides are positive. */
  record Rectangle(int left, int top, int width, int height) {
    private int area() {
      return width * height;
    }

    /** The largest that shows only background; empty if no pixel does. */
    static Optional<Rectangle> largestIn(LabeledImage image) {
      int width = image.width();
      int[] free = new int[width]; // pixels of background from the row upwards
      Rectangle best = null;
      for (int y = 0; y < image.height(); y++) {
        for (int x = 0; x < width; x++) {
          free[x] = image.labels()[y * width + x] == BACKGROUND ? free[x] + 1 : 0;
        }
        for (int left = 0; left < width; left++) {
          int height = free[left];
          for (int right = left; right < width && free[right] > 0; right++) {
            height = Math.min(height, free[right]);
            Rectangle found = new Rectangle(left, y - height + 1, right - left + 1, height);
            best = best == null || found.area() > best.area() ? found : best;
          }
        }
      }
      return Optional.ofNullable(best);
    }
  }
}
