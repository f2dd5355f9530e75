package org.syntagen.segmentation;

import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiConsumer;
import org.bytedeco.pytorch.Tensor;
import org.syntagen.dataset.ClassSet;
import org.syntagen.dataset.InputException;
import org.syntagen.dataset.LabelMap;
import org.syntagen.tensor.NoGrad;
import org.syntagen.tensor.Ops;
import org.syntagen.tensor.Scope;
import org.syntagen.tensor.Tensors;

/**
 * Labels images with a network: resizes them to the size it was trained at, and its scores back to
 * the original size before each pixel takes its best class, so that predictions fit the original
 * masks. The probabilities of several views of an image are averaged. Thread-safe while the network
 * is not being trained.
 *
 * @param model the network; not owned
 * @param shorterSide pixels that images are resized to, 0 to leave them as they are
 * @param scales multiples of that size at which the network sees an image
 * @param mirrored whether it also sees each mirrored
 */
public record Predictor(DeepLabV3 model, int shorterSide, List<Double> scales, boolean mirrored) {
  private static final double LEAST_SCALE = 0.1;
  private static final double MOST_SCALE = 10;

  /**
   * Labels with their probabilities.
   *
   * @param labels the best class of every pixel, at the size of the image
   * @param probabilities of these, (height, width), 0 to 1
   */
  public record Prediction(LabelMap labels, float[] probabilities) {}

  /**
   * How sure a network is of an image, as means over its pixels.
   *
   * @param probability of the best class, 0 to 1
   * @param logSumExp of the class scores, which is lower for unfamiliar images
   */
  public record Confidence(double probability, double logSumExp) {}

  /**
   * How wrong a network is about an image.
   *
   * @param value the mean cross-entropy over the labelled pixels
   * @param gradient of it by the image's levels 0 to 255, (3, height, width)
   */
  public record Loss(double value, float[] gradient) {}

  /**
   * Checks the sizes.
   *
   * @throws InputException if the shorter side is not from 0 to {@link Augmentation#MOST_SIZE}, a
   *     scale not from 0.1 to 10, or there is no scale
   */
  public Predictor {
    if (shorterSide < 0 || shorterSide > Augmentation.MOST_SIZE) {
      throw new InputException(
          "the shorter side must be 0 to " + Augmentation.MOST_SIZE + ", not " + shorterSide);
    }
    scales = List.copyOf(scales);
    if (scales.isEmpty() || !scales.stream().allMatch(s -> s >= LEAST_SCALE && s <= MOST_SCALE)) {
      throw new InputException(
          "the scales are " + scales + "; expected one or more from 0.1 to 10");
    }
  }

  /** Sees each image once, as it is. */
  public Predictor(DeepLabV3 model, int shorterSide) {
    this(model, shorterSide, List.of(1.0), false);
  }

  /** The best class of every pixel, at the size of the image. */
  public LabelMap predict(LabeledImage image) {
    return predict(List.of(image)).get(0).labels();
  }

  /**
   * Labels all images, one batch after the other.
   *
   * @param batchSize how many images of one size, one behind the other, go through the network at
   *     once; another size may change last bits
   * @param each receives every image with what the network makes of it, in order
   */
  public void predict(
      LabeledImages images, int batchSize, BiConsumer<LabeledImage, Prediction> each) {
    List<LabeledImage> batch = new ArrayList<>();
    images.forEach(
        image -> {
          if (batch.size() == batchSize || !batch.isEmpty() && !sameSize(batch.get(0), image)) {
            predict(batch, each);
            batch.clear();
          }
          batch.add(image);
        });
    if (!batch.isEmpty()) {
      predict(batch, each);
    }
  }

  private void predict(List<LabeledImage> batch, BiConsumer<LabeledImage, Prediction> each) {
    List<Prediction> predictions = predict(batch);
    for (int i = 0; i < batch.size(); i++) {
      each.accept(batch.get(i), predictions.get(i));
    }
  }

  private static boolean sameSize(LabeledImage a, LabeledImage b) {
    return a.width() == b.width() && a.height() == b.height();
  }

  /**
   * As {@link #predict(LabeledImage)} for images of one size, in one pass of the network a view.
   */
  public List<Prediction> predict(List<LabeledImage> images) {
    int width = images.get(0).width();
    int height = images.get(0).height();
    if (!images.stream().allMatch(image -> sameSize(images.get(0), image))) {
      throw new IllegalArgumentException("the images of a batch must have one size");
    }
    try (NoGrad noGrad = new NoGrad();
        Scope scope = new Scope()) {
      Tensor mean = mean(images); // [n, classes, height, width]
      long[] labels = Tensors.longs(Ops.argmax(mean, 1)); // [n, height, width]
      float[] best = Tensors.floats(mean.amax(new long[] {1}, false));
      return split(labels, best, images.size(), width, height);
    }
  }

  /** The probability of every class at every pixel: class by class and row by row. */
  public float[] probabilities(BufferedImage image) {
    try (NoGrad noGrad = new NoGrad();
        Scope scope = new Scope()) {
      return Tensors.floats(mean(List.of(LabeledImage.unlabeled("", image))));
    }
  }

  /** The mean of all views' probabilities: [n, classes, height, width]. */
  private Tensor mean(List<LabeledImage> images) {
    Tensor sum = null;
    for (double scale : scales) {
      for (boolean mirror : mirrored ? new boolean[] {false, true} : new boolean[] {false}) {
        Tensor seen = Scope.compute(() -> Ops.softmax(logits(images, scale, mirror), 1));
        sum = sum == null ? seen : Ops.addInPlace(sum, seen, 1);
      }
    }
    return Ops.scale(sum, 1.0 / (scales.size() * (mirrored ? 2 : 1)));
  }

  /** How sure the network is of an image, seen once as it is. */
  public Confidence confidence(LabeledImage image) {
    try (NoGrad noGrad = new NoGrad();
        Scope scope = new Scope()) {
      Tensor logits = logits(List.of(image), 1, false); // [1, classes, height, width]
      long[] classes = {1};
      Tensor best = Ops.softmax(logits, 1).amax(classes, false);
      return new Confidence(
          best.mean().item_double(), logits.logsumexp(classes, false).mean().item_double());
    }
  }

  /**
   * The loss of an image that is seen once as it is. Where it is resized for the network, that is
   * plain linear interpolation here.
   *
   * @param image with a label that is not void
   */
  public Loss loss(LabeledImage image) {
    int width = image.width();
    int height = image.height();
    float[] levels = new float[3 * width * height];
    for (int i = 0; i < levels.length; i++) {
      levels[i % 3 * width * height + i / 3] = image.rgb()[i] & 0xFF;
    }
    long[] labels = new long[width * height];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = image.labels()[i] & 0xFF;
    }
    Placement placement = placement(width, height, 1, false);
    try (Scope scope = new Scope()) {
      Tensor colors = Tensors.of(levels, 1, 3, height, width).requires_grad_(true);
      Tensor seen = resized(Normalization.apply(colors), placement.width(), placement.height());
      Tensor logits = resized(model.forward(seen, Mode.evaluation()).out(), width, height);
      Tensor loss = Ops.crossEntropy(logits, Tensors.of(labels, 1, height, width), ClassSet.VOID);
      loss.backward();
      return new Loss(loss.item_double(), Tensors.floats(colors.grad()));
    }
  }

  private static Tensor resized(Tensor x, int width, int height) {
    return x.size(2) == height && x.size(3) == width ? x : Ops.resizeBilinear(x, height, width);
  }

  /** Scores of the classes, at the size of the images. */
  private Tensor logits(List<LabeledImage> images, double scale, boolean mirror) {
    int width = images.get(0).width();
    int height = images.get(0).height();
    Placement placement = placement(width, height, scale, mirror);
    Window window = Window.over(placement);
    float[] colors = new float[images.size() * 3 * window.pixels()];
    for (int i = 0; i < images.size(); i++) {
      window.drawColors(images.get(i), placement, colors, i * 3 * window.pixels());
    }
    Tensor batch = Tensors.of(colors, images.size(), 3, window.height(), window.width());
    Tensor logits = model.forward(batch, Mode.evaluation()).out();
    if (mirror) {
      logits = logits.flip(3);
    }
    return resized(logits, width, height);
  }

  private Placement placement(int width, int height, double scale, boolean mirror) {
    Placement whole =
        shorterSide == 0
            ? new Placement(width, height, mirror, 0, 0)
            : Placement.shorterSide(width, height, shorterSide, mirror, 0, 0);
    return new Placement(scaled(whole.width(), scale), scaled(whole.height(), scale), mirror, 0, 0);
  }

  private static int scaled(int side, double scale) {
    return (int) Math.max(1, Math.rint(side * scale));
  }

  private static List<Prediction> split(
      long[] labels, float[] probabilities, int count, int width, int height) {
    List<Prediction> predictions = new ArrayList<>();
    int pixels = width * height;
    for (int i = 0; i < count; i++) {
      byte[] map = new byte[pixels];
      for (int j = 0; j < pixels; j++) {
        map[j] = (byte) labels[i * pixels + j];
      }
      predictions.add(
          new Prediction(
              new LabelMap(width, height, map),
              Arrays.copyOfRange(probabilities, i * pixels, (i + 1) * pixels)));
    }
    return predictions;
  }
}
