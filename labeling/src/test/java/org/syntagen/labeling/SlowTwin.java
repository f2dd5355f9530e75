package org.syntagen.labeling;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.syntagen.dataset.ClassSet;
import org.syntagen.dataset.Prompt;
import org.syntagen.diffusion.StableDiffusion;
import org.syntagen.diffusion.attention.AttentionProbe;
import org.syntagen.diffusion.block.MultiHeadAttention;
import org.syntagen.tensor.Tensors;

/**
 * A published labeler written from its paper alone, number by number: it records every layer's
 * queries and keys and shares no code with the labelers but the U-Net itself.
 */
abstract class SlowTwin implements Attribution {
  private static final ClassSet VOC = ClassSet.VOC;

  /**
   * A head of a layer in one call.
   *
   * @param side of its grid
   * @param queries one row for each position
   * @param keys one row for each position or token
   */
  record Head(boolean self, int side, double[][] queries, double[][] keys) {

    /** softmax(q · k / √d): one row for each position. */
    double[][] attention() {
      double[][] rows = new double[queries.length][keys.length];
      for (int i = 0; i < queries.length; i++) {
        double sum = 0;
        for (int j = 0; j < keys.length; j++) {
          double dot = 0;
          for (int c = 0; c < queries[i].length; c++) {
            dot += queries[i][c] * keys[j][c];
          }
          rows[i][j] = Math.exp(dot / Math.sqrt(queries[i].length));
          sum += rows[i][j];
        }
        for (int j = 0; j < keys.length; j++) {
          rows[i][j] /= sum;
        }
      }
      return rows;
    }
  }

  /** The text whose attention is looked at; without padding if {@link #bare}. */
  abstract String text(Prompt prompt);

  boolean bare() {
    return false;
  }

  /** The map of a class. */
  abstract double[][] map(List<Head> heads, int[] rows, int latentSide, int imageSide);

  /** The rows of the text that belong to a class. */
  int[] rows(StableDiffusion model, Prompt prompt, int label) {
    long[] text = model.tokenizer().encode(text(prompt)).ids();
    long[] word = word(model, VOC.words(label));
    List<Integer> rows = new ArrayList<>();
    for (int at = 1; at + word.length <= text.length; at++) {
      if (Arrays.equals(Arrays.copyOfRange(text, at, at + word.length), word)) {
        for (int i = 0; i < word.length; i++) {
          rows.add(at + i);
        }
      }
    }
    return rows.stream().mapToInt(Integer::intValue).toArray();
  }

  private static long[] word(StableDiffusion model, String words) {
    var encoding = model.tokenizer().encode(words);
    return Arrays.copyOfRange(encoding.ids(), 1, encoding.tokens() - 1);
  }

  @Override
  public Map<String, Object> toMap() {
    return Map.of();
  }

  @Override
  public List<String> texts(Prompt prompt) {
    return List.of(text(prompt));
  }

  @Override
  public Watch watch(StableDiffusion model, Prompt prompt, long latentHeight) {
    Tensor text = model.embed(texts(prompt));
    if (bare()) {
      text = text.narrow(1, 0, model.tokenizer().encode(text(prompt)).tokens());
    }
    Recorder recorder = new Recorder(text, latentHeight);
    return new Watch() {
      @Override
      public AttentionProbe probe() {
        return recorder;
      }

      @Override
      public Scores scores(Tensor latent, int width, int height) {
        float[] values = new float[prompt.labels().size() * width * height];
        int at = 0;
        for (int label : prompt.labels()) {
          int[] rows = rows(model, prompt, label);
          for (double[] line : map(recorder.heads, rows, (int) latentHeight, height)) {
            for (double value : line) {
              values[at++] = (float) value;
            }
          }
        }
        return new Scores(prompt.labels(), values, width, height);
      }

      @Override
      public void close() {
        recorder.close();
      }
    };
  }

  private static final class Recorder extends AttentionProbe {
    private final Tensor text;
    private final List<Head> heads = new ArrayList<>();

    Recorder(Tensor text, long latentHeight) {
      super(text, latentHeight, Set.of(), Set.of());
      this.text = text;
    }

    @Override
    public MultiHeadAttention.Observer onSelfAttention(long height, long width) {
      return (attention, queries, keys, outputs) -> record(true, (int) height, queries, keys);
    }

    @Override
    public MultiHeadAttention.Observer onCrossAttention(long height, long width) {
      return (attention, queries, keys, outputs) ->
          record(false, (int) height, queries, attention.keys(text));
    }

    private void record(boolean self, int side, Tensor queries, Tensor keys) {
      for (int head = 0; head < queries.size(1); head++) {
        heads.add(
            new Head(
                self,
                side,
                matrix(queries.select(0, 0).select(0, head)),
                matrix(keys.select(0, 0).select(0, head))));
      }
    }
  }

  /** The rows of a matrix. */
  static double[][] matrix(Tensor x) {
    float[] values = Tensors.floats(x);
    double[][] rows = new double[(int) x.size(0)][(int) x.size(1)];
    for (int i = 0; i < values.length; i++) {
      rows[i / rows[0].length][i % rows[0].length] = values[i];
    }
    return rows;
  }

  /** The mean over a word's tokens at each position. */
  static double[][] words(Head head, int[] rows) {
    double[][] attention = head.attention();
    double[][] map = new double[head.side][head.side];
    for (int p = 0; p < attention.length; p++) {
      for (int row : rows) {
        map[p / head.side][p % head.side] += attention[p][row] / rows.length;
      }
    }
    return map;
  }

  static void add(double[][] map, double[][] term) {
    for (int y = 0; y < map.length; y++) {
      for (int x = 0; x < map.length; x++) {
        map[y][x] += term[y][x];
      }
    }
  }

  /** Each value less {@code low} and divided by {@code range}. */
  static double[][] scaled(double[][] map, double low, double range) {
    return Arrays.stream(map)
        .map(line -> Arrays.stream(line).map(value -> (value - low) / range).toArray())
        .toArray(double[][]::new);
  }

  static double least(double[][] map) {
    return Arrays.stream(map).flatMapToDouble(Arrays::stream).min().orElseThrow();
  }

  static double most(double[][] map) {
    return Arrays.stream(map).flatMapToDouble(Arrays::stream).max().orElseThrow();
  }

  static double[][] clamped(double[][] map) {
    return Arrays.stream(map)
        .map(line -> Arrays.stream(line).map(value -> Math.max(0, value)).toArray())
        .toArray(double[][]::new);
  }

  /**
   * Bilinear (a = null) or bicubic with that a, with pixels' middles aligned, as PyTorch has it.
   */
  private static double[][] resized(double[][] map, int side, Double a) {
    double[][] result = new double[side][side];
    for (int y = 0; y < side; y++) {
      for (int x = 0; x < side; x++) {
        double fromY = (y + 0.5) * map.length / side - 0.5;
        double fromX = (x + 0.5) * map.length / side - 0.5;
        for (int i = (int) Math.floor(fromY) - 1; i <= Math.floor(fromY) + 2; i++) {
          for (int j = (int) Math.floor(fromX) - 1; j <= Math.floor(fromX) + 2; j++) {
            int row = Math.max(0, Math.min(map.length - 1, i));
            int column = Math.max(0, Math.min(map.length - 1, j));
            result[y][x] += weight(fromY - i, a) * weight(fromX - j, a) * map[row][column];
          }
        }
      }
    }
    return result;
  }

  private static double weight(double distance, Double a) {
    double t = Math.abs(distance);
    if (a == null) {
      return Math.max(0, 1 - t);
    }
    if (t <= 1) {
      return (a + 2) * t * t * t - (a + 3) * t * t + 1;
    }
    return t < 2 ? a * (t * t * t - 5 * t * t + 8 * t - 4) : 0;
  }

  static double[][] bicubic(double[][] map, int side) {
    return resized(map, side, -0.75);
  }

  static double[][] bilinear(double[][] map, int side) {
    return resized(map, side, null);
  }
}
