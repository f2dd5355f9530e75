package org.syntagen.segmentation.robustness;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import org.syntagen.dataset.Images;
import org.syntagen.dataset.SplitMix64;
import org.syntagen.segmentation.AxisFilter;
import org.syntagen.segmentation.LabeledImage;

/** The fourth group of ImageNet-C: contrast, elastic warps, large pixels and JPEG. */
final class Digital {
  private static final double[] CONTRAST = {0.4, 0.3, 0.2, 0.1, 0.05};
  private static final double[] PIXELS = {0.6, 0.5, 0.4, 0.3, 0.25};
  private static final int[] QUALITY = {25, 18, 15, 10, 7};

  private Digital() {}

  /** Less distance from each channel's mean. */
  static Colors contrast(Colors colors, int severity, SplitMix64 random) {
    double factor = CONTRAST[severity - 1];
    return colors.map(
        plane -> {
          double mean = plane.mean();
          return plane.map(value -> (value - mean) * factor + mean);
        });
  }

  /** Fewer pixels, each the mean of what it covers. */
  static Colors pixelate(Colors colors, int severity, SplitMix64 random) {
    int width = Math.max(1, (int) (colors.width() * PIXELS[severity - 1]));
    int height = Math.max(1, (int) (colors.height() * PIXELS[severity - 1]));
    int[] columns = AxisFilter.nearest(width, colors.width());
    int[] rows = AxisFilter.nearest(height, colors.height());
    return colors.map(
        plane -> {
          Plane few = boxes(plane, width, height);
          return Plane.of(plane.width(), plane.height(), (x, y) -> few.at(columns[x], rows[y]));
        });
  }

  private static Plane boxes(Plane plane, int width, int height) {
    return Plane.of(
        width,
        height,
        (x, y) -> {
          int left = edge(x, plane.width(), width);
          int right = edge(x + 1, plane.width(), width);
          int top = edge(y, plane.height(), height);
          int bottom = edge(y + 1, plane.height(), height);
          double sum = 0;
          for (int row = top; row < bottom; row++) {
            for (int column = left; column < right; column++) {
              sum += plane.at(column, row);
            }
          }
          return sum / ((right - left) * (bottom - top));
        });
  }

  /** The pixel at which one of {@code into} equal parts of an axis begins. */
  private static int edge(int part, int size, int into) {
    return (int) ((double) part * size / into + 0.5);
  }

  /** Compression as libjpeg does it at a low quality. */
  static LabeledImage jpeg(LabeledImage image, int severity, SplitMix64 random) {
    BufferedImage pixels = Images.ofRgb(image.rgb(), image.width(), image.height());
    ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
    ByteArrayOutputStream encoded = new ByteArrayOutputStream();
    try (ImageOutputStream out = new MemoryCacheImageOutputStream(encoded)) {
      ImageWriteParam how = writer.getDefaultWriteParam();
      how.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
      how.setCompressionQuality(50f / (5000 / QUALITY[severity - 1])); // libjpeg's whole percents
      writer.setOutput(out);
      writer.write(null, new IIOImage(pixels, null, null), how);
      out.flush();
      BufferedImage decoded = ImageIO.read(new ByteArrayInputStream(encoded.toByteArray()));
      return LabeledImage.of(image.id(), decoded, image.mask());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      writer.dispose();
    }
  }
}
