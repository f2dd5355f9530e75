package org.syntagen.labeling;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.syntagen.dataset.ClassSet;
import org.syntagen.dataset.Prompt;
import org.syntagen.diffusion.StableDiffusion;
import org.syntagen.diffusion.attention.AttentionProbe;
import org.syntagen.diffusion.unet.UNetConfig;
import org.syntagen.labeling.ClassText.Tokens;
import org.syntagen.tensor.Ops;
import org.syntagen.tensor.Scope;
import org.syntagen.tensor.Tensors;

/**
 * PCC segmentation, an entry to the SyntaGen competition of 2024: pixels whose self-attention puts
 * out alike are clustered, and each connected part of a cluster takes the class whose map of
 * open-vocabulary attention it covers best. Several numbers of clusters and several thresholds of
 * the maps vote; a class's score is its share of the votes, the rest is the background's, which the
 * start token's map stands for. {@link ColorSegments} is the decision that goes with it.
 *
 * <p>Attention is that of the conditional half of guidance, as in {@link Ovam}.
 */
public final class Pcc implements Attribution {
  static final String NAME = "pcc";

  /** Of k-means, as published. */
  static final long SEED = 0;

  private static final int COMPONENTS = 3; // of each head's outputs
  private static final double BACKGROUND_FACTOR = 1.2; // of its threshold

  /** As published; else the class set's words. */
  private static final Map<String, String> RENAMED =
      Map.of(
          "aeroplane", "airplane",
          "diningtable", "table",
          "pottedplant", "pot plant",
          "tvmonitor", "monitor");

  /**
   * @param clusters numbers of clusters that vote
   * @param thresholds of maps scaled to 0 … 1, above which they count as the class's; each votes
   *     with each number of clusters
   */
  public record Parameters(List<Long> clusters, List<Double> thresholds) {
    public Parameters {
      clusters = List.copyOf(clusters);
      thresholds = List.copyOf(thresholds);
      if (clusters.isEmpty() || clusters.stream().anyMatch(k -> k < 1 || k > 1000)) {
        throw new IllegalArgumentException(
            "there must be numbers of clusters, from 1 to 1000, not " + clusters);
      }
      if (thresholds.isEmpty() || thresholds.stream().anyMatch(t -> !(t > 0 && t < 1))) {
        throw new IllegalArgumentException(
            "there must be thresholds, between 0 and 1, not " + thresholds);
      }
    }

    /** The entry's. */
    public static Parameters published() {
      return new Parameters(List.of(4L, 7L, 10L), List.of(0.3, 0.5, 0.8));
    }
  }

  private final Parameters parameters;
  private final ClassSet classes;

  public Pcc(Parameters parameters, ClassSet classes) {
    this.parameters = parameters;
    this.classes = classes;
  }

  @Override
  public Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("name", NAME);
    map.put("clusters", parameters.clusters);
    map.put("thresholds", parameters.thresholds);
    return map;
  }

  private String words(int label) {
    return RENAMED.getOrDefault(classes.name(label), classes.words(label));
  }

  @Override
  public void requireFits(UNetConfig unet) {
    LayerMean.requireFits(unet);
  }

  @Override
  public List<String> texts(Prompt prompt) {
    return List.of(String.join(" ", prompt.labels().stream().map(this::words).toList()));
  }

  @Override
  public Watch watch(StableDiffusion model, Prompt prompt, long latentHeight) {
    String text = texts(prompt).get(0);
    int rows = model.tokenizer().encode(text).tokens();
    List<Tokens> tokens = new ArrayList<>(List.of(new Tokens(0, 0, List.of(new int[] {0}))));
    for (int label : prompt.labels()) {
      model.tokenizer().spans(text, words(label)).stream()
          .flatMapToInt(Arrays::stream)
          .forEach(row -> tokens.add(new Tokens(label, 0, List.of(new int[] {row}))));
    }
    AttentionProbe cross =
        new AttentionProbe(
            model.embed(List.of(text)).narrow(1, 0, rows),
            latentHeight,
            LayerMean.FACTORS,
            Set.of());
    LastLayers probe = LastLayers.upward(cross, model.unet().config());
    int downscale = model.vae().config().downscale();
    return new Watch() {
      @Override
      public AttentionProbe probe() {
        return probe;
      }

      @Override
      public Scores scores(Tensor latent, int width, int height) {
        List<Integer> labels =
            tokens.stream().map(Tokens::label).distinct().filter(label -> label > 0).toList();
        if (labels.isEmpty()) {
          return new Scores(labels, new float[0], width, height);
        }
        try (Scope scope = new Scope()) {
          Tensor maps = ClassMaps.scaled(maps(cross, tokens, latent, downscale));
          float[] votes = votes(maps, features(probe.layers(), latent));
          Tensor shares = Tensors.of(votes, 1, labels.size(), latent.size(2), latent.size(3));
          return new Scores(
              labels, Tensors.floats(Ops.upsampleNearest(shares, height, width)), width, height);
        }
      }

      @Override
      public void close() {
        probe.close();
        cross.close();
      }
    };
  }

  /**
   * The maps of the background and of each class, the maximum over its tokens: enlarged to the
   * image and summed over the squares that are the latent's positions, as published.
   *
   * @return [1, 1 + classes, height, width] of the latent
   */
  private static Tensor maps(
      AttentionProbe probe, List<Tokens> tokens, Tensor latent, int downscale) {
    Tensor mean = LayerMean.BILINEAR.of(probe, tokens, latent);
    Tensor full = Ops.resizeBilinear(mean, downscale * latent.size(2), downscale * latent.size(3));
    Tensor blocks = Ops.avgPool2d(full, downscale); // the sum, but for a factor
    List<Tensor> maps = new ArrayList<>();
    for (int label : tokens.stream().map(Tokens::label).distinct().toList()) {
      Tensor most = null;
      for (int i = 0; i < tokens.size(); i++) {
        if (tokens.get(i).label() == label) {
          Tensor map = blocks.narrow(1, i, 1);
          most = most == null ? map : most.maximum(map);
        }
      }
      maps.add(most);
    }
    return Ops.cat(maps, 1);
  }

  /** What is clustered: [positions, columns], each column from 0 to 1, the last two x and y. */
  private static Tensor features(List<LastLayers.Layer> layers, Tensor latent) {
    long height = latent.size(2);
    long width = latent.size(3);
    Tensor columns =
        Ops.cat(layers.stream().map(layer -> principal(layer, height, width)).toList(), 1);
    Tensor low = columns.amin(new long[] {0}, true);
    Tensor range = Ops.clampMin(columns.amax(new long[] {0}, true).sub(low), 1e-12);
    Tensor x = Tensors.range(width).unsqueeze(0).expand(height, width).reshape(-1, 1);
    Tensor y = Tensors.range(height).unsqueeze(1).expand(height, width).reshape(-1, 1);
    return Ops.cat(
        List.of(
            columns.sub(low).div(range),
            Ops.scale(x, 1.0 / Math.max(1, width - 1)),
            Ops.scale(y, 1.0 / Math.max(1, height - 1))),
        1);
  }

  /**
   * The first components of the outputs of each head, of both halves of guidance, over the
   * positions: [height · width, columns].
   */
  private static Tensor principal(LastLayers.Layer layer, long height, long width) {
    return Scope.compute(
        () -> {
          Tensor parts = Ops.principalComponents(layer.outputs(), COMPONENTS);
          Tensor maps = parts.transpose(2, 3).reshape(1, -1, layer.height(), layer.width());
          return Ops.upsampleNearest(maps, height, width).flatten(2, 3).squeeze(0).t();
        });
  }

  /** The share of votes of each class but the background: class by class and row by row. */
  private float[] votes(Tensor maps, Tensor features) {
    int classes = (int) maps.size(1);
    int pixels = (int) features.size(0);
    float[] values = Tensors.floats(maps);
    float[] votes = new float[(classes - 1) * pixels];
    float each = 1f / (parameters.clusters.size() * parameters.thresholds.size());
    for (long clusters : parameters.clusters) {
      Components parts =
          Components.of(new KMeans((int) clusters, SEED).of(features), (int) maps.size(3));
      for (double threshold : parameters.thresholds) {
        int[] best = best(parts, values, threshold);
        for (int p = 0; p < pixels; p++) {
          int winner = best[parts.of()[p]];
          if (winner > 0) {
            votes[(winner - 1) * pixels + p] += each;
          }
        }
      }
    }
    return votes;
  }

  /**
   * For each component the map that it has the highest intersection over union with, the first of
   * equals; 0, the background, if it touches none.
   *
   * @param maps background first, then the classes, each scaled to 0 … 1
   */
  static int[] best(Components parts, float[] maps, double threshold) {
    int pixels = parts.of().length;
    int[] sizes = parts.sizes();
    int[] best = new int[parts.count()];
    double[] most = new double[parts.count()];
    for (int map = 0; map < maps.length / pixels; map++) {
      double least = map == 0 ? BACKGROUND_FACTOR * threshold : threshold;
      int size = 0;
      int[] common = new int[parts.count()];
      for (int p = 0; p < pixels; p++) {
        if (maps[map * pixels + p] > least) {
          size++;
          common[parts.of()[p]]++;
        }
      }
      for (int part = 0; part < best.length; part++) {
        double iou = (double) common[part] / (sizes[part] + size - common[part]);
        if (iou > most[part]) {
          most[part] = iou;
          best[part] = map;
        }
      }
    }
    return best;
  }
}
