package org.syntagen.labeling;

import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.syntagen.diffusion.attention.AttentionProbe;
import org.syntagen.labeling.ClassText.Tokens;
import org.syntagen.tensor.Scope;
import org.syntagen.tensor.Tensors;

/**
 * Looks at attention alone.
 *
 * @param probe is closed with it
 * @param tokens of the classes that can be scored
 * @param maps how the probe's attention becomes scores
 */
record ProbeWatch(AttentionProbe probe, List<Tokens> tokens, Maps maps)
    implements Attribution.Watch {

  /** Attention to scores. */
  @FunctionalInterface
  interface Maps {
    /**
     * @return [1, classes, height, width] of the image, owned by the open scope
     */
    Tensor of(AttentionProbe probe, List<Tokens> tokens, Tensor latent, long height, long width);
  }

  @Override
  public Scores scores(Tensor latent, int width, int height) {
    List<Integer> labels = tokens.stream().map(Tokens::label).toList();
    if (tokens.isEmpty()) {
      return new Scores(labels, new float[0], width, height);
    }
    try (Scope scope = new Scope()) {
      return new Scores(
          labels, Tensors.floats(maps.of(probe, tokens, latent, height, width)), width, height);
    }
  }

  @Override
  public void close() {
    probe.close();
  }
}
