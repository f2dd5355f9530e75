package org.syntagen.labeling;

import java.awt.image.BufferedImage;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.syntagen.dataset.ClassSet;
import org.syntagen.dataset.Images;
import org.syntagen.dataset.LabelMap;
import org.syntagen.tensor.Dtype;
import org.syntagen.tensor.Ops;
import org.syntagen.tensor.Scope;
import org.syntagen.tensor.Tensors;

/**
 * The decision of {@link Pcc}: each pixel has the label that enough votes are for, void without
 * such. The image is cut into connected segments of similar colour, each of which takes the label
 * that most of its pixels have; then each class's region is smoothed and gets a rim of void.
 *
 * @param agreement the share of votes that a label must have, more than a half, at most 1
 * @param clusters of colour and position
 * @param least segments with fewer pixels are background
 * @param lead how many times the pixels of the next label a segment's own must have more than; else
 *     it is void
 * @param erosion of a class's region in pixels, then...
 * @param dilation of it, after which it is eroded by so much that erosions and dilation cancel out
 * @param rim of void around each class, in pixels
 */
public record ColorSegments(
    double agreement, int clusters, int least, double lead, int erosion, int dilation, int rim)
    implements Decision {
  static final String NAME = "color-segments";

  public ColorSegments {
    if (!(agreement > 0.5 && agreement <= 1)) {
      throw new IllegalArgumentException(
          "the agreement must be more than 0.5, at most 1, not " + agreement);
    }
    if (clusters < 1 || least < 0 || !(lead >= 1)) {
      throw new IllegalArgumentException(
          "clusters must be positive, the least pixels not negative, and the lead at least 1");
    }
    if (erosion < 0 || dilation < erosion || rim < 0 || dilation > 100 || rim > 100) {
      throw new IllegalArgumentException(
          "erosion, dilation and rim must be from 0 to 100 pixels, erosion at most the dilation");
    }
  }

  /** The entry's, for images of 512 × 512 pixels. */
  public static ColorSegments published() {
    return new ColorSegments(0.56, 20, 10, 2, 1, 5, 2);
  }

  @Override
  public Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("name", NAME);
    map.put("agreement", agreement);
    map.put("clusters", clusters);
    map.put("least", least);
    map.put("lead", lead);
    map.put("erosion", erosion);
    map.put("dilation", dilation);
    map.put("rim", rim);
    return map;
  }

  @Override
  public LabelMap label(Scores scores, BufferedImage image) {
    int[] segments = segmented(voted(scores), segments(image));
    return new LabelMap(
        scores.width(), scores.height(), smoothed(segments, scores.width(), scores.labels()));
  }

  /** The label with enough votes; the background has those that no class has. */
  private int[] voted(Scores scores) {
    int pixels = scores.pixels();
    int[] labels = new int[pixels];
    for (int p = 0; p < pixels; p++) {
      double background = 1;
      labels[p] = ClassSet.VOID;
      for (int k = 0; k < scores.labels().size(); k++) {
        float votes = scores.values()[k * pixels + p];
        background -= votes;
        if (votes >= agreement) {
          labels[p] = scores.labels().get(k);
        }
      }
      if (background >= agreement) {
        labels[p] = 0;
      }
    }
    return labels;
  }

  /** Connected parts of clusters of (red, green, blue, x, y), all from 0 to 255. */
  private Components segments(BufferedImage image) {
    long height = image.getHeight();
    long width = image.getWidth();
    try (Scope scope = new Scope()) {
      Tensor colors = Tensors.to(Tensors.of(Images.planes(image), 3, height * width), Dtype.F32);
      Tensor x = Tensors.range(width).unsqueeze(0).expand(height, width).reshape(1, -1);
      Tensor y = Tensors.range(height).unsqueeze(1).expand(height, width).reshape(1, -1);
      Tensor points =
          Ops.cat(List.of(colors, Ops.scale(x, 255.0 / width), Ops.scale(y, 255.0 / height)), 0);
      return Components.of(new KMeans(clusters, Pcc.SEED).of(points.t().contiguous()), (int) width);
    }
  }

  /** Each segment with the label that leads in it. */
  int[] segmented(int[] labels, Components segments) {
    int[][] counts = new int[segments.count()][ClassSet.VOID + 1];
    for (int p = 0; p < labels.length; p++) {
      counts[segments.of()[p]][labels[p]]++;
    }
    int[] leading = Arrays.stream(counts).mapToInt(this::leading).toArray();
    return Arrays.stream(segments.of()).map(segment -> leading[segment]).toArray();
  }

  private int leading(int[] counts) {
    int most = 0;
    int next = 0;
    int label = 0;
    for (int each = 0; each < counts.length; each++) {
      if (counts[each] > most) {
        next = most;
        most = counts[each];
        label = each;
      } else {
        next = Math.max(next, counts[each]);
      }
    }
    if (Arrays.stream(counts).sum() < least) {
      return 0;
    }
    return most > lead * next ? label : ClassSet.VOID;
  }

  /** Each class's region in the order of the classes, over those before it, with its rim. */
  byte[] smoothed(int[] labels, int width, List<Integer> classes) {
    byte[] result = new byte[labels.length];
    for (int p = 0; p < labels.length; p++) {
      result[p] = (byte) (labels[p] == ClassSet.VOID ? ClassSet.VOID : 0);
    }
    for (int label : classes) {
      float[] region = new float[labels.length];
      for (int p = 0; p < labels.length; p++) {
        region[p] = labels[p] == label ? 1 : 0;
      }
      try (Scope scope = new Scope()) {
        Tensor mask = Tensors.of(region, 1, 1, labels.length / width, width);
        Tensor closed = eroded(dilated(eroded(mask, erosion), dilation), dilation - erosion);
        byte[] inside = Tensors.bytes(Tensors.to(closed, Dtype.U8));
        byte[] around = Tensors.bytes(Tensors.to(dilated(closed, rim), Dtype.U8));
        for (int p = 0; p < labels.length; p++) {
          if (around[p] != 0) {
            result[p] = (byte) (inside[p] != 0 ? label : ClassSet.VOID);
          }
        }
      }
    }
    return result;
  }

  /** So many dilations by 3 × 3 pixels at once. */
  private static Tensor dilated(Tensor mask, int pixels) {
    return Ops.maxPool2d(mask, 2 * pixels + 1, 1, pixels);
  }

  /** The image's border erodes nothing. */
  private static Tensor eroded(Tensor mask, int pixels) {
    return Ops.scale(dilated(Ops.scale(mask, -1), pixels), -1);
  }
}
