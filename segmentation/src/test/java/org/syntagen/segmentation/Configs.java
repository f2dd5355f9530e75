package org.syntagen.segmentation;

/** Configurations of tests. */
final class Configs {
  private Configs() {}

  /** MobileNetV3-Large on crops of 32 pixels. */
  static Recipe tiny(String optimizer, int iterations, int batch, long seed) {
    return Recipe.of("competition")
        .with("backbone", "mobilenet_v3_large")
        .with("optimizer", optimizer)
        .with("iterations", Integer.toString(iterations))
        .with("batch_size", Integer.toString(batch))
        .with("base_size", "32")
        .with("crop_size", "32")
        .with("seed", Long.toString(seed));
  }
}
