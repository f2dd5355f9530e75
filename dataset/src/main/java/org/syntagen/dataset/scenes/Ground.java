package org.syntagen.dataset.scenes;

/**
 * What a background offers objects to stand on.
 *
 * @param horizon where the ground begins, as a share of the height from the top; 1 where there is
 *     none and objects may hang anywhere
 * @param shadow how dark a contact shadow is at its middle, 0 for none to 1 for black
 */
record Ground(double horizon, double shadow) {
  Ground {
    if (!(horizon > 0 && horizon <= 1 && shadow >= 0 && shadow <= 1)) {
      throw new IllegalArgumentException("a ground from %s with %s".formatted(horizon, shadow));
    }
  }

  static Ground none() {
    return new Ground(1, 0);
  }

  boolean exists() {
    return horizon < 1;
  }
}
