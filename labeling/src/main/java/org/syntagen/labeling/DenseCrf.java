package org.syntagen.labeling;

import java.awt.image.BufferedImage;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

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
    int stride = lanes(labels);
    // Pixel by pixel from here on, with room for whole groups of the lattice's lanes.
    float[] energy = new float[pixels * stride];
    for (int label = 0, at = 0; label < labels; label++) {
      for (int p = 0; p < pixels; p++, at++) {
        double probability = Math.min(1, Math.max(LEAST, probabilities[at]));
        energy[p * stride + label] = (float) -Math.log(probability);
      }
    }
    List<Kernel> kernels =
        List.of(
            new Kernel(positions(width, height), 2, smoothWeight),
            new Kernel(positionsAndColors(image), 5, colorWeight));
    float[] belief = new float[energy.length];
    softmax(energy, belief, labels);
    float[] next = new float[energy.length];
    for (int i = 0; i < iterations; i++) {
      System.arraycopy(energy, 0, next, 0, energy.length);
      for (Kernel kernel : kernels) {
        kernel.subtract(belief, next, stride);
      }
      softmax(next, belief, labels);
    }
    float[] result = new float[probabilities.length];
    for (int label = 0, at = 0; label < labels; label++) {
      for (int p = 0; p < pixels; p++, at++) {
        result[at] = belief[p * stride + label];
      }
    }
    return result;
  }

  private static int lanes(int labels) {
    int lanes = PermutohedralLattice.LANES;
    return (labels + lanes - 1) / lanes * lanes;
  }

  /** A weighted kernel between all pixels: weight · n ∘ K(n ∘ x) with n = (K·1)^−½. */
  private static final class Kernel {
    private final PermutohedralLattice lattice;
    private final float[] scale;
    private final float weight;

    Kernel(float[] features, int dimensions, double weight) {
      lattice = new PermutohedralLattice(features, dimensions);
      this.weight = (float) weight;
      int lanes = PermutohedralLattice.LANES;
      scale = new float[features.length / dimensions];
      Arrays.fill(scale, 1);
      float[] ones = new float[scale.length * lanes];
      Arrays.fill(ones, 1);
      float[] sums = new float[ones.length];
      lattice.addFiltered(ones, scale, 1, sums, lanes);
      for (int i = 0; i < scale.length; i++) {
        scale[i] = (float) (1 / Math.sqrt(sums[i * lanes] + 1e-20));
      }
    }

    /** What labels gain from alike pixels is taken off their energy. */
    void subtract(float[] belief, float[] energy, int labels) {
      lattice.addFiltered(belief, scale, -weight, energy, labels);
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

  /** Of −energy over the labels of each pixel. */
  private static void softmax(float[] energy, float[] out, int labels) {
    int stride = lanes(labels);
    IntStream.range(0, energy.length / stride)
        .parallel()
        .forEach(
            p -> {
              int from = p * stride;
              float least = Float.POSITIVE_INFINITY;
              for (int at = from; at < from + labels; at++) {
                least = Math.min(least, energy[at]);
              }
              float sum = 0;
              for (int at = from; at < from + labels; at++) {
                out[at] = (float) Math.exp(least - energy[at]);
                sum += out[at];
              }
              for (int at = from; at < from + labels; at++) {
                out[at] /= sum;
              }
            });
  }
}
