package org.syntagen.dataset.scenes;

import org.syntagen.dataset.SplitMix64;

/** Smooth random texture: values on a lattice, blended between, summed over three octaves. */
final class ValueNoise {
  private static final int SIDE = 64;
  private static final int MASK = SIDE - 1;
  private static final int OCTAVES = 3;

  private final float[] lattice = new float[SIDE * SIDE]; // (row, column), -1 to 1

  ValueNoise(SplitMix64 random) {
    for (int i = 0; i < lattice.length; i++) {
      lattice[i] = (float) random.between(-1, 1);
    }
  }

  /** The noise at a point, between -1 and 1 and mostly near 0; it repeats every 64 units. */
  double at(double x, double y) {
    double sum = 0;
    double weight = 0.5;
    double scale = 1;
    for (int octave = 0; octave < OCTAVES; octave++) {
      sum += weight * smooth(x * scale + 17 * octave, y * scale + 5 * octave);
      weight /= 2;
      scale *= 2;
    }
    return sum;
  }

  private double smooth(double x, double y) {
    double floorX = Math.floor(x);
    double floorY = Math.floor(y);
    double fx = x - floorX;
    double fy = y - floorY;
    double u = fx * fx * (3 - 2 * fx);
    double v = fy * fy * (3 - 2 * fy);
    int column = (int) floorX & MASK;
    int row = ((int) floorY & MASK) * SIDE;
    int nextColumn = column + 1 & MASK;
    int nextRow = row + SIDE & SIDE * SIDE - 1;
    double top = lattice[row + column] + u * (lattice[row + nextColumn] - lattice[row + column]);
    double bottom =
        lattice[nextRow + column] + u * (lattice[nextRow + nextColumn] - lattice[nextRow + column]);
    return top + v * (bottom - top);
  }
}
