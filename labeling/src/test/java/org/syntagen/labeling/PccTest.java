package org.syntagen.labeling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.syntagen.dataset.ClassSet;
import org.syntagen.dataset.Prompt;
import org.syntagen.diffusion.StableDiffusion;
import org.syntagen.diffusion.attention.AttentionProbe;
import org.syntagen.diffusion.block.MultiHeadAttention;
import org.syntagen.tensor.Scope;
import org.syntagen.tensor.Tensors;

class PccTest {
  private static final ClassSet VOC = ClassSet.VOC;
  private static final int DOG = VOC.label("dog");
  private static final int PLANT = VOC.label("pottedplant");
  private static final int SIDE = TinyModel.SIDE;
  private static final Prompt PROMPT =
      new Prompt(0, "a dog behind a potted plant", List.of(DOG, PLANT), 5);

  @Test
  void someClassesAreCalledByOtherNames() {
    assertThat(new Pcc(Pcc.Parameters.published(), VOC).texts(PROMPT))
        .containsExactly("dog pot plant");
    assertThatThrownBy(() -> new Pcc.Parameters(List.of(), List.of(0.5)))
        .hasMessageContaining("numbers of clusters");
    assertThatThrownBy(() -> new Pcc.Parameters(List.of(4L), List.of(1.0)))
        .hasMessageContaining("thresholds, between 0 and 1");
  }

  @Test
  void aPartTakesTheMapThatItOverlapsMost() {
    // Parts of 2, 2 and 4 pixels; the background's threshold is 0.6.
    Components parts = new Components(new int[] {0, 0, 1, 1, 2, 2, 2, 2}, 3);
    float[] maps = {
      1, 0.55f, 0, 0, 0.7f, 0, 0, 0, // 2 pixels: 1 of part 0, 1 of part 2
      0, 0, 0, 0, 0.6f, 0.7f, 0.4f, 0, // 2 pixels, all of part 2
      0, 0.6f, 0, 0, 0, 0, 0, 0, // 1 pixel of part 0: 1/2, more than the background's 1/3
    };
    assertThat(Pcc.best(parts, maps, 0.5)).containsExactly(2, 0, 1);
  }

  @Test
  void aPromptWithoutClassesHasNoScores() {
    StableDiffusion model = TinyModel.random();
    Prompt none = new Prompt(0, "a wall", List.of(), 5);
    assertThat(votes(model, none).labels()).isEmpty();
  }

  private static Scores votes(StableDiffusion model, Prompt prompt) {
    return TinyModel.scores(model, new Pcc(Pcc.Parameters.published(), VOC), prompt);
  }

  /** From recorded queries, keys and outputs, number by number; only k-means is shared. */
  @Test
  void votesEqualThoseOfASlowTwin() {
    StableDiffusion model = TinyModel.random();
    float[] votes = votes(model, PROMPT).values();
    float[] twin = new float[votes.length];
    try (Scope scope = new Scope()) {
      String text = "dog pot plant";
      int rows = model.tokenizer().encode(text).tokens();
      Recorder recorder = new Recorder(model.embed(List.of(text)).narrow(1, 0, rows));
      TinyModel.sample(model, PROMPT.caption(), recorder);
      int[] plant = model.tokenizer().spans(text, "pot plant").get(0);
      assertThat(plant).hasSizeGreaterThan(1);
      double[][][] maps = {
        map(recorder.heads, new int[] {0}),
        map(recorder.heads, new int[] {1}),
        map(recorder.heads, plant)
      };
      Tensor features = features(recorder.upward());
      for (int clusters : new int[] {4, 7, 10}) {
        List<Set<Integer>> parts = parts(new KMeans(clusters, 0).of(features));
        for (double threshold : new double[] {0.3, 0.5, 0.8}) {
          vote(parts, maps, threshold, twin);
        }
      }
    }
    long same =
        IntStream.range(0, votes.length).filter(i -> Math.abs(votes[i] - twin[i]) < 1e-5).count();
    assertThat((double) same / votes.length).isGreaterThan(0.99);
    assertThat(IntStream.range(0, votes.length).filter(i -> votes[i] > 0.3).count())
        .isGreaterThan(votes.length / 20);
  }

  private static void vote(
      List<Set<Integer>> parts, double[][][] maps, double threshold, float[] votes) {
    for (Set<Integer> part : parts) {
      int best = 0;
      double most = 0;
      for (int k = 0; k < maps.length; k++) {
        Set<Integer> region = new TreeSet<>();
        for (int p = 0; p < SIDE * SIDE; p++) {
          if (maps[k][p / SIDE][p % SIDE] > (k == 0 ? 1.2 : 1) * threshold) {
            region.add(p);
          }
        }
        Set<Integer> union = new TreeSet<>(region);
        union.addAll(part);
        region.retainAll(part);
        if ((double) region.size() / union.size() > most) {
          most = (double) region.size() / union.size();
          best = k;
        }
      }
      for (int p : part) {
        if (best > 0) {
          votes[(best - 1) * SIDE * SIDE + p] += 1 / 9f;
        }
      }
    }
  }

  private static List<Set<Integer>> parts(int[] clusters) {
    List<Set<Integer>> parts = new ArrayList<>();
    for (int p = 0; p < clusters.length; p++) {
      Set<Integer> merged = new TreeSet<>(Set.of(p));
      for (Set<Integer> part : List.copyOf(parts)) {
        int pixel = p;
        boolean touching =
            part.stream()
                .anyMatch(
                    q ->
                        clusters[q] == clusters[pixel]
                            && Math.abs(q % SIDE - pixel % SIDE) <= 1
                            && Math.abs(q / SIDE - pixel / SIDE) <= 1);
        if (touching) {
          merged.addAll(part);
          parts.remove(part);
        }
      }
      parts.add(merged);
    }
    return parts;
  }

  /** The maximum over tokens of the mean over heads, enlarged, block by block, from 0 to 1. */
  private static double[][] map(List<SlowTwin.Head> heads, int[] rows) {
    double[][] most = new double[SIDE][SIDE];
    for (int row : rows) {
      double[][] sum = new double[SIDE][SIDE];
      for (SlowTwin.Head head : heads) {
        SlowTwin.add(sum, SlowTwin.bilinear(SlowTwin.words(head, new int[] {row}), SIDE));
      }
      double[][] full = SlowTwin.bilinear(sum, 4 * SIDE);
      for (int y = 0; y < SIDE; y++) {
        for (int x = 0; x < SIDE; x++) {
          double block = 0;
          for (int i = 0; i < 16; i++) {
            block += full[4 * y + i / 4][4 * x + i % 4];
          }
          most[y][x] = Math.max(most[y][x], block);
        }
      }
    }
    double low = SlowTwin.least(most);
    return SlowTwin.scaled(most, low, SlowTwin.most(most) - low);
  }

  private static Tensor features(List<double[][]> outputs) {
    List<double[]> columns = new ArrayList<>();
    for (double[][] rows : outputs) {
      int side = (int) Math.sqrt(rows.length);
      for (double[] component : components(rows)) {
        double[] column = new double[SIDE * SIDE];
        for (int p = 0; p < column.length; p++) {
          column[p] = component[p / SIDE * side / SIDE * side + p % SIDE * side / SIDE];
        }
        columns.add(column);
      }
    }
    columns.add(IntStream.range(0, SIDE * SIDE).mapToDouble(p -> p % SIDE).toArray());
    columns.add(IntStream.range(0, SIDE * SIDE).mapToDouble(p -> p / SIDE).toArray());
    float[] values = new float[columns.size() * SIDE * SIDE];
    for (int c = 0; c < columns.size(); c++) {
      double[][] column = {columns.get(c)};
      double low = SlowTwin.least(column);
      for (int p = 0; p < SIDE * SIDE; p++) {
        values[p * columns.size() + c] =
            (float) ((column[0][p] - low) / (SlowTwin.most(column) - low));
      }
    }
    return Tensors.of(values, SIDE * SIDE, columns.size());
  }

  /** The first three principal components by power iteration, each taken out before the next. */
  private static double[][] components(double[][] rows) {
    int n = rows.length;
    int d = rows[0].length;
    double[][] left = new double[n][d];
    for (int j = 0; j < d; j++) {
      double mean = 0;
      for (double[] row : rows) {
        mean += row[j] / n;
      }
      for (int i = 0; i < n; i++) {
        left[i][j] = rows[i][j] - mean;
      }
    }
    double[][] components = new double[3][n];
    for (double[] component : components) {
      double[] direction = new double[d];
      for (int j = 0; j < d; j++) {
        direction[j] = Math.cos(j + 1);
      }
      for (int round = 0; round < 5000; round++) {
        double[] next = new double[d];
        for (double[] row : left) {
          double along = dot(row, direction);
          for (int j = 0; j < d; j++) {
            next[j] += along * row[j];
          }
        }
        double length = Math.sqrt(dot(next, next));
        for (int j = 0; j < d; j++) {
          direction[j] = next[j] / length;
        }
      }
      for (int i = 0; i < n; i++) {
        component[i] = dot(left[i], direction);
        for (int j = 0; j < d; j++) {
          left[i][j] -= component[i] * direction[j];
        }
      }
    }
    return components;
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int j = 0; j < a.length; j++) {
      sum += a[j] * b[j];
    }
    return sum;
  }

  private static final class Recorder extends AttentionProbe {
    private final Tensor text;
    private final List<SlowTwin.Head> heads = new ArrayList<>();
    private final List<List<double[][]>> layers = new ArrayList<>();

    Recorder(Tensor text) {
      super(text, SIDE, Set.of(), Set.of());
      this.text = text;
    }

    @Override
    public MultiHeadAttention.Observer onSelfAttention(long height, long width) {
      return (attention, queries, keys, outputs) -> {
        List<double[][]> layer = new ArrayList<>();
        for (int half = 0; half < 2; half++) { // of guidance
          for (int head = 0; head < outputs.size(1); head++) {
            layer.add(SlowTwin.matrix(outputs.select(0, half).select(0, head)));
          }
        }
        layers.add(layer);
      };
    }

    @Override
    public MultiHeadAttention.Observer onCrossAttention(long height, long width) {
      return (attention, queries, keys, outputs) -> {
        Tensor watched = queries.select(0, 1);
        Tensor words = attention.keys(text).select(0, 0);
        for (int head = 0; head < queries.size(1); head++) {
          heads.add(
              new SlowTwin.Head(
                  false,
                  (int) height,
                  SlowTwin.matrix(watched.select(0, head)),
                  SlowTwin.matrix(words.select(0, head))));
        }
      };
    }

    /** All heads of the two resolutions' two upward layers in the last call. */
    List<double[][]> upward() {
      return layers.subList(layers.size() - 4, layers.size()).stream()
          .flatMap(List::stream)
          .toList();
    }
  }
}
