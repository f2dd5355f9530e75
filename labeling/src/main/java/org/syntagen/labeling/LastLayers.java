package org.syntagen.labeling;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.syntagen.diffusion.attention.AttentionProbe;
import org.syntagen.diffusion.block.MultiHeadAttention.Observer;
import org.syntagen.diffusion.unet.UNetConfig;
import org.syntagen.tensor.Scope;

/**
 * Keeps the last self-attention layers that the U-Net passes, which are the end of its last call,
 * beside what another probe watches.
 */
final class LastLayers extends AttentionProbe {
  private final AttentionProbe other; // null: none
  private final int count;
  private final Deque<Layer> layers = new ArrayDeque<>();

  /**
   * A layer of the whole batch, both halves of guidance: [batch, heads, height · width, channels /
   * heads] each.
   */
  record Layer(long height, long width, Tensor queries, Tensor keys, Tensor outputs) {
    private static Tensor owned(Tensor x) {
      return Scope.own(x.detach().clone());
    }

    private void close() {
      queries.close();
      keys.close();
      outputs.close();
    }
  }

  private LastLayers(AttentionProbe other, int count) {
    this.other = other;
    this.count = count;
  }

  /** The layers of all blocks on the way up, which are one more a block than on the way down. */
  static LastLayers upward(AttentionProbe other, UNetConfig config) {
    int blocks = (int) config.crossAttention().stream().filter(attends -> attends).count();
    return new LastLayers(other, blocks * (config.layersPerBlock() + 1));
  }

  /** Those of the last block, at the finest grid that has attention. */
  static LastLayers finest(AttentionProbe other, UNetConfig config) {
    return new LastLayers(other, config.layersPerBlock() + 1);
  }

  /** From the coarsest to the finest; valid until the next call of the U-Net. */
  List<Layer> layers() {
    return List.copyOf(layers);
  }

  @Override
  public Observer onSelfAttention(long height, long width) {
    Observer first = other == null ? null : other.onSelfAttention(height, width);
    return (attention, queries, keys, outputs) -> {
      if (first != null) {
        first.observe(attention, queries, keys, outputs);
      }
      layers.add(
          new Layer(height, width, Layer.owned(queries), Layer.owned(keys), Layer.owned(outputs)));
      if (layers.size() > count) {
        layers.remove().close();
      }
    };
  }

  @Override
  public Observer onCrossAttention(long height, long width) {
    return other == null ? null : other.onCrossAttention(height, width);
  }

  /** Leaves the other probe open. */
  @Override
  public void close() {
    layers.forEach(Layer::close);
    layers.clear();
  }
}
