package org.syntagen.segmentation.robustness;

import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.syntagen.segmentation.LabeledImage;

/**
 * The colours of an image.
 *
 * @param planes red, green and blue, 0 to 1
 */
record Colors(List<Plane> planes) {
  static final int CHANNELS = 3;

  static Colors of(LabeledImage image) {
    return new Colors(
        IntStream.range(0, CHANNELS)
            .mapToObj(
                channel ->
                    Plane.of(
                        image.width(),
                        image.height(),
                        (x, y) ->
                            (image.rgb()[CHANNELS * (y * image.width() + x) + channel] & 255)
                                / 255.0))
            .toList());
  }

  int width() {
    return planes.get(0).width();
  }

  int height() {
    return planes.get(0).height();
  }

  /** The same change of every channel. */
  Colors map(UnaryOperator<Plane> change) {
    return new Colors(planes.stream().map(change).toList());
  }

  /** A plane added to every channel. */
  Colors plus(Plane plane) {
    return map(
        channel ->
            Plane.of(
                channel.width(), channel.height(), (x, y) -> channel.at(x, y) + plane.at(x, y)));
  }

  /** The image in these colours, cut off at 0 and 1; levels are rounded down as published. */
  LabeledImage on(LabeledImage image) {
    byte[] rgb = new byte[image.rgb().length];
    for (int i = 0; i < rgb.length; i++) {
      double value = planes.get(i % CHANNELS).values()[i / CHANNELS];
      rgb[i] = (byte) (255 * Math.max(0, Math.min(1, value)) + 1e-9); // 1e-9: 8-bit levels stay
    }
    return new LabeledImage(image.id(), image.width(), image.height(), rgb, image.labels());
  }
}
