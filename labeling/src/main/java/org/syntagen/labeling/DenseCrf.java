package org.syntagen.labeling;

import java.awt.image.BufferedImage;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.syntagen.labeling.PermutohedralLattice.Filter;
import org.syntagen.tensor.NoGrad;
import org.syntagen.tensor.Ops;
import org.syntagen.tensor.Scope;
import org.syntagen.tensor.Tensors;

/**
 * Sharpens soft labels along the edges of the image: mean-field inference in a conditional random
 * field that connects every pixel to every other (Krähenbühl and Koltun, Efficient Inference in
 * Fully Connected CRFs with Gaussian Edge Potentials, 2011), with Potts potentials, a kernel over
 * positions and one over positions and colours, both normalised symmetrically.
 *
 * @param iterations of mean-field inference
 * @param smoothDeviation of the kernel over positions, in pixels
 * @param smoothWeight of that kernel
 * @param positionDeviation of the kernel over positions and colours, in pixels
 * @param colorDeviation of that kernel, in levels of 0 … 255
 * @param colorWeight of that kernel
 */
public record DenseCrf(
    int iterations,
    double smoothDeviation,
    double smoothWeight,
    double positionDeviation,
    double colorDeviation,
    double colorWeight) {
  private static final float LEAST = 1e-5f;

  public DenseCrf {
    if (iterations < 1 || iterations > 100) {
      throw new IllegalArgumentException("CRF iterations must be 1 to 100, not " + iterations);
    }
    if (!(smoothDeviation > 0 && positionDeviation > 0 && colorDeviation > 0)) {
      throw new IllegalArgumentException("the CRF's deviations must be positive");
    }
    if (!(smoothWeight >= 0 && colorWeight >= 0)) {
      throw new IllegalArgumentException("the CRF's weights must not be negative");
    }
  }

  /** As CLIP-ES uses it (Lin et al., 2023). */
  public static DenseCrf clipEs() {
    return new DenseCrf(10, 1, 3, 67, 3, 4);
  }

  /** For provenance. */
  public Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("name", "dense-crf");
    map.put("iterations", iterations);
    map.put("smoothDeviation", smoothDeviation);
    map.put("smoothWeight", smoothWeight);
    map.put("positionDeviation", positionDeviation);
    map.put("colorDeviation", colorDeviation);
    map.put("colorWeight", colorWeight);
    return map;
  }

  /**
   * Refines probabilities.
   *
   * @param image as large as they
   * @param probabilities label by label and row by row; need not add up to 1, and are cut off at
   *     1e-5 below and 1 above
   * @return the same order; each pixel's add up to 1
   */
  public float[] refine(BufferedImage image, float[] probabilities) {
    int width = image.getWidth();
    int height = image.getHeight();
    int pixels = width * height;
    int labels = probabilities.length / pixels;
    try (NoGrad noGrad = new NoGrad();
        Scope scope = new Scope()) {
      Tensor given = Tensors.of(probabilities, labels, pixels);
      Tensor logits = Ops.clamp(given, LEAST, 1).log().t().contiguous(); // [pixels, labels]
      List<PermutohedralLattice> lattices =
          Stream.of(positions(width, height), positionsAndColors(image))
              .parallel()
              .map(features -> PermutohedralLattice.of(features, features.length / pixels))
              .toList();
      Filter smooth = lattices.get(0).filter().normalised(smoothWeight);
      Filter alike = lattices.get(1).filter().normalised(colorWeight);
      Tensor belief = Ops.softmax(logits, 1);
      for (int i = 0; i < iterations; i++) {
        Tensor previous = belief;
        belief =
            Scope.compute(
                () -> {
                  Tensor sum = smooth.of(previous);
                  sum = Ops.addInPlace(sum, alike.of(previous), 1);
                  sum = Ops.addInPlace(sum, logits, 1);
                  return Ops.softmax(sum, 1);
                });
      }
      return Tensors.floats(belief.t());
    }
  }

  private float[] positions(int width, int height) {
    float[] features = new float[2 * width * height];
    for (int y = 0, at = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        features[at++] = (float) (x / smoothDeviation);
        features[at++] = (float) (y / smoothDeviation);
      }
    }
    return features;
  }

  private float[] positionsAndColors(BufferedImage image) {
    int width = image.getWidth();
    int height = image.getHeight();
    float[] features = new float[5 * width * height];
    for (int y = 0, at = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int rgb = image.getRGB(x, y);
        features[at++] = (float) (x / positionDeviation);
        features[at++] = (float) (y / positionDeviation);
        for (int shift = 16; shift >= 0; shift -= 8) {
          features[at++] = (float) ((rgb >> shift & 255) / colorDeviation);
        }
      }
    }
    return features;
  }
}
