package org.syntagen.diffusion.text;

/**
 * Shape of a {@link ClipTextModel}, with the meaning of the config.json in text_encoder.
 *
 * @param maxPositions longest encoding in tokens, start and end included
 * @param quickGelu OpenAI's approximation of GELU instead of the exact one
 */
public record ClipTextConfig(
    int vocabSize,
    int width,
    int layers,
    int heads,
    int intermediate,
    int maxPositions,
    boolean quickGelu) {

  public ClipTextConfig {
    if (vocabSize < 1 || width < 1 || layers < 1 || intermediate < 1 || maxPositions < 3) {
      throw new IllegalArgumentException("sizes of the text encoder must be positive");
    }
    if (heads < 1 || width % heads != 0) {
      throw new IllegalArgumentException(
          "hidden_size " + width + " is not a multiple of " + heads + " heads");
    }
  }
}
