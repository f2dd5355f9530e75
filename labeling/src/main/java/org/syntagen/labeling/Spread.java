package org.syntagen.labeling;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.syntagen.dataset.Prompt;
import org.syntagen.diffusion.StableDiffusion;
import org.syntagen.diffusion.attention.AttentionProbe;
import org.syntagen.diffusion.unet.UNetConfig;
import org.syntagen.tensor.Ops;
import org.syntagen.tensor.Scope;
import org.syntagen.tensor.Tensors;

/**
 * A finer pass: the scores of another attribution, multiplied by the self-attention of the finest
 * grid in the U-Net's last call, so that they spread over what the pixels themselves take for
 * alike. Each class keeps its lowest and its highest score.
 *
 * <p>The self-attention of n pixels is never held: its product with the scores is an attention
 * whose values are the scores, computed some rows at a time. At 64 × 64 the weights of one head
 * alone would take 64 MiB.
 *
 * @param of what is spread
 * @param times how often it is multiplied
 */
public record Spread(Attribution of, int times) implements Attribution {
  static final String NAME = "spread";

  public Spread {
    if (times < 1 || times > 64) {
      throw new IllegalArgumentException("scores are spread 1 to 64 times, not " + times);
    }
  }

  @Override
  public Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("name", NAME);
    map.put("of", of.toMap());
    map.put("times", times);
    return map;
  }

  @Override
  public void requireFits(UNetConfig unet) {
    of.requireFits(unet);
  }

  @Override
  public List<String> texts(Prompt prompt) {
    return of.texts(prompt);
  }

  @Override
  public Watch watch(StableDiffusion model, Prompt prompt, long latentHeight) {
    Watch watch = of.watch(model, prompt, latentHeight);
    LastLayers layers = LastLayers.finest(watch.probe(), model.unet().config());
    return new Watch() {
      @Override
      public AttentionProbe probe() {
        return layers;
      }

      @Override
      public Scores scores(Tensor latent, int width, int height) {
        Scores scores = watch.scores(latent, width, height);
        if (scores.labels().isEmpty()) {
          return scores;
        }
        try (Scope scope = new Scope()) {
          Tensor full = Tensors.of(scores.values(), 1, scores.labels().size(), height, width);
          return new Scores(
              scores.labels(), Tensors.floats(spread(full, layers.layers())), width, height);
        }
      }

      @Override
      public void close() {
        layers.close();
        watch.close();
      }
    };
  }

  /**
   * @param scores [1, classes, height, width]
   * @param layers of one grid
   */
  private Tensor spread(Tensor scores, List<LastLayers.Layer> layers) {
    long height = layers.get(0).height();
    long width = layers.get(0).width();
    Tensor low = scores.amin(new long[] {2, 3}, true);
    Tensor range = scores.amax(new long[] {2, 3}, true).sub(low);
    Tensor maps = Ops.resizeArea(scores, height, width).flatten(2, 3).squeeze(0).t();
    // A constant passes through: without the mean, what differs keeps its digits.
    maps = maps.sub(Ops.mean(maps, true, 0));
    for (int i = 0; i < times; i++) {
      Tensor columns = maps;
      maps = Scope.compute(() -> product(layers, columns));
    }
    Tensor scaled = ClassMaps.scaled(maps.t().reshape(1, scores.size(1), height, width));
    return Ops.resizeBicubic(scaled.mul(range).add(low), scores.size(2), scores.size(3));
  }

  /**
   * The mean over layers and heads of the self-attention of the conditional half, times the maps.
   *
   * @param maps [positions, classes]
   * @return [positions, classes]
   */
  static Tensor product(List<LastLayers.Layer> layers, Tensor maps) {
    Tensor total = null;
    for (LastLayers.Layer layer : layers) {
      Tensor product = attended(conditional(layer.queries()), conditional(layer.keys()), maps);
      total = total == null ? product : total.add(product);
    }
    return Ops.scale(total, 1.0 / layers.size());
  }

  private static Tensor conditional(Tensor batch) {
    return batch.narrow(0, batch.size(0) - 1, 1);
  }

  /**
   * Attention that holds no weights wants values as wide as the keys, so the maps are filled up
   * with zeros to a multiple of that.
   *
   * @param queries [1, heads, positions, d]
   */
  private static Tensor attended(Tensor queries, Tensor keys, Tensor maps) {
    long heads = queries.size(1);
    long positions = maps.size(0);
    long classes = maps.size(1);
    long d = queries.size(3);
    List<Tensor> products = new ArrayList<>();
    for (long from = 0; from < classes; from += d) {
      long count = Math.min(d, classes - from);
      Tensor some = Ops.pad(maps.narrow(1, from, count), 0, d - count, 0, 0);
      Tensor values = some.expand(1, heads, positions, d);
      Tensor mean = Ops.mean(Ops.attention(queries, keys, values), false, 0, 1);
      products.add(mean.narrow(1, 0, count));
    }
    return Ops.cat(products, 1);
  }
}
