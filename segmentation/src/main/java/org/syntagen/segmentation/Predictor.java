package org.syntagen.segmentation;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.syntagen.dataset.LabelMap;
import org.syntagen.tensor.NoGrad;
import org.syntagen.tensor.Ops;
import org.syntagen.tensor.Scope;

/**
 * Labels images with a network: resizes them to the size it was trained at, and its scores back to
 * the original size before each pixel takes its best class, so that predictions fit the original
 * masks. Not thread-safe.
 *
 * @param model the network; not owned
 * @param shorterSide pixels that images are resized to, 0 to leave them as they are
 */
public record Predictor(DeepLabV3 model, int shorterSide) {
  /** Checks the size. */
  public Predictor {
    if (shorterSide < 0 || shorterSide > Augmentation.MOST_SIZE) {
      throw new IllegalArgumentException(
          "shorter side must be 0 to " + Augmentation.MOST_SIZE + ", not " + shorterSide);
    }
  }

  /** The best class of every pixel, at the size of the image. */
  public LabelMap predict(LabeledImage image) {
    return predict(List.of(image)).get(0);
  }

  /** As {@link #predict(LabeledImage)} for images of one size, in one pass of the network. */
  public List<LabelMap> predict(List<LabeledImage> images) {
    int width = images.get(0).width();
    int height = images.get(0).height();
    if (images.stream().anyMatch(image -> image.width() != width || image.height() != height)) {
      throw new IllegalArgumentException("the images of a batch must have one size");
    }
    Placement placement =
        shorterSide == 0
            ? new Placement(width, height, false, 0, 0)
            : Placement.shorterSide(width, height, shorterSide, false, 0, 0);
    Window window = Window.over(placement);
    float[] colors = new float[images.size() * 3 * window.pixels()];
    for (int i = 0; i < images.size(); i++) {
      window.drawColors(images.get(i), placement, colors, i * 3 * window.pixels());
    }
    try (NoGrad noGrad = new NoGrad();
        Scope scope = new Scope()) {
      Tensor batch = Ops.of(colors, images.size(), 3, window.height(), window.width());
      Tensor logits = model.forward(batch, Mode.evaluation()).out();
      if (window.width() != width || window.height() != height) {
        logits = Ops.resizeBilinear(logits, height, width);
      }
      long[] labels = Ops.longs(Ops.argmax(logits, 1)); // [n, height, width]
      return split(labels, images.size(), width, height);
    }
  }

  private static List<LabelMap> split(long[] labels, int count, int width, int height) {
    List<LabelMap> maps = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      byte[] map = new byte[width * height];
      for (int j = 0; j < map.length; j++) {
        map[j] = (byte) labels[i * map.length + j];
      }
      maps.add(new LabelMap(width, height, map));
    }
    return maps;
  }
}
