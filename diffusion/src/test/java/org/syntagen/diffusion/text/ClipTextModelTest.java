package org.syntagen.diffusion.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.syntagen.tensor.NoGrad;
import org.syntagen.tensor.Ops;
import org.syntagen.tensor.Scope;
import org.syntagen.tensor.SeededNoise;
import org.syntagen.tensor.StateDict;
import org.syntagen.tensor.Tensors;
import org.syntagen.tensor.Threads;
import org.syntagen.tensor.Weights;

class ClipTextModelTest {
  private static final int VOCABULARY = 11;
  private static final int WIDTH = 8;
  private static final int HEADS = 2;
  private static final int INNER = 12;
  private static final int POSITIONS = 6;
  private static final long[] IDS = {9, 4, 4, 0, 10};

  private NoGrad noGrad;
  private Scope scope;
  private StateDict state;

  @BeforeEach
  void open() {
    Threads.set(1, 1); // the tensors are small, and more threads wait for each other
    noGrad = new NoGrad();
    scope = new Scope();
  }

  @AfterEach
  void close() {
    if (state != null) {
      state.close();
    }
    scope.close();
    noGrad.close();
  }

  /** A model in which no parameter is left at a constant that could hide it. */
  private ClipTextModel model(int layers, boolean quickGelu) {
    try (SeededNoise noise = new SeededNoise(7)) {
      Weights random = Weights.random(noise);
      ClipTextModel model =
          new ClipTextModel(
              random,
              new ClipTextConfig(VOCABULARY, WIDTH, layers, HEADS, INNER, POSITIONS, quickGelu));
      state = random.state();
      for (String name : state.names()) {
        Tensor tensor = state.get(name);
        Ops.addInPlace(tensor, noise.normal(Tensors.shape(tensor)), 0.3);
      }
      return model;
    }
  }

  private static float[][] rows(ClipTextModel model, long... ids) {
    float[] all = Tensors.floats(model.forward(Tensors.of(ids, 1, ids.length)));
    float[][] rows = new float[ids.length][];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = Arrays.copyOfRange(all, i * WIDTH, (i + 1) * WIDTH);
    }
    return rows;
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void theModelFollowsASlowTwin(boolean quickGelu) {
    float[][] rows = rows(model(1, quickGelu), IDS);
    double[][] expected = twin(quickGelu ? ClipTextModelTest::quickGelu : ClipTextModelTest::gelu);
    for (int t = 0; t < IDS.length; t++) {
      for (int c = 0; c < WIDTH; c++) {
        assertThat((double) rows[t][c]).isCloseTo(expected[t][c], within(2e-5));
      }
    }
  }

  /** The twin knows one layer: what is left of three when two are skipped. */
  @Test
  void skippedLayersAreAsIfTheyWereNotThere() {
    ClipTextModel whole = model(3, true);
    float[][] rows = rows(whole.withoutLast(2), IDS);
    double[][] expected = twin(ClipTextModelTest::quickGelu);
    for (int t = 0; t < IDS.length; t++) {
      for (int c = 0; c < WIDTH; c++) {
        assertThat((double) rows[t][c]).isCloseTo(expected[t][c], within(2e-5));
      }
    }
    assertThat(rows(whole.withoutLast(1).withoutLast(1), IDS)).isDeepEqualTo(rows);
    assertThat(rows(whole.withoutLast(0), IDS)).isDeepEqualTo(rows(whole, IDS));
    assertThat(whole.withoutLast(2).config().layers()).isOne();
  }

  /** The twin has the added vectors in its vocabulary. */
  @Test
  void addedTokensAreAsIfTheVocabularyHadThem() {
    ClipTextModel model = model(2, true);
    float[] one = {1, -2, 0.5f, 0, 3, 1, -1, 2};
    float[] two = new float[2 * WIDTH];
    for (int i = 0; i < two.length; i++) {
      two[i] = i * 0.1f;
    }
    ClipTextModel extended = model.withTokens(one).withTokens(two);
    assertThat(extended.config().vocabSize()).isEqualTo(VOCABULARY + 3);
    String table = "text_model.embeddings.token_embedding.weight";
    try (StateDict larger = new StateDict("twin")) {
      for (String name : state.names()) {
        Tensor tensor = state.get(name);
        larger.put(
            name,
            name.equals(table)
                ? Ops.cat(List.of(tensor, rows(one), rows(two)), 0)
                : tensor.clone());
      }
      ClipTextModel twin = new ClipTextModel(Weights.of(larger), extended.config());
      for (long[] ids : new long[][] {IDS, {9, 11, 4, 12, 13}, {13, 13, 10, 0, 11}}) {
        assertThat(rows(extended, ids)).isDeepEqualTo(rows(twin, ids));
      }
    }
    assertThatThrownBy(() -> model.withTokens(new float[WIDTH + 1]))
        .hasMessage("9 numbers are no vectors of width 8");
  }

  private static Tensor rows(float[] vectors) {
    return Tensors.of(vectors, vectors.length / WIDTH, WIDTH);
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 3, 4})
  void someLayerMustBeLeft(int skipped) {
    ClipTextModel whole = model(3, true);
    assertThatThrownBy(() -> whole.withoutLast(skipped))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("clip skip must be 0 to 2 for a text encoder of 3 layers, not " + skipped);
  }

  @Test
  void theTwoActivationsDiffer() {
    float[] quick = rows(model(1, true), IDS)[2];
    state.close();
    assertThat(quick).isNotEqualTo(rows(model(1, false), IDS)[2]);
  }

  @Test
  void aLaterTokenDoesNotChangeEarlierRows() {
    ClipTextModel model = model(3, true);
    float[][] before = rows(model, IDS);
    for (int changed = 0; changed < IDS.length; changed++) {
      long[] ids = IDS.clone();
      ids[changed] = 7;
      float[][] after = rows(model, ids);
      for (int t = 0; t < IDS.length; t++) {
        if (t < changed) {
          assertThat(after[t]).containsExactly(before[t]);
        } else {
          assertThat(after[t]).isNotEqualTo(before[t]);
        }
      }
    }
  }

  @Test
  void aPrefixHasTheRowsOfTheWhole() {
    ClipTextModel model = model(2, true);
    float[][] whole = rows(model, IDS);
    float[][] prefix = rows(model, Arrays.copyOf(IDS, 3));
    for (int t = 0; t < prefix.length; t++) {
      assertThat(prefix[t]).containsExactly(whole[t], within(1e-5f));
    }
  }

  @Test
  void equalTokensAreToldApartByTheirPosition() {
    float[][] rows = rows(model(1, true), 4, 4);
    assertThat(rows[0]).isNotEqualTo(rows[1]);
  }

  @Test
  void textsOfABatchDoNotMix() {
    ClipTextModel model = model(2, true);
    long[] other = {9, 1, 2, 3, 10};
    long[] both = new long[10];
    System.arraycopy(IDS, 0, both, 0, 5);
    System.arraycopy(other, 0, both, 5, 5);
    Tensor batch = model.forward(Tensors.of(both, 2, 5));
    assertThat(Tensors.shape(batch)).containsExactly(2, 5, WIDTH);
    float[] second = Tensors.floats(batch.narrow(0, 1, 1));
    assertThat(second)
        .containsExactly(Tensors.floats(model.forward(Tensors.of(other, 1, 5))), within(1e-5f));
  }

  @Test
  void tensorsHaveTheNamesOfPublicCheckpoints() {
    model(1, true);
    String layer = "text_model.encoder.layers.0.";
    assertThat(state.names())
        .containsExactly(
            "text_model.embeddings.token_embedding.weight",
            "text_model.embeddings.position_embedding.weight",
            layer + "layer_norm1.weight",
            layer + "layer_norm1.bias",
            layer + "self_attn.q_proj.weight",
            layer + "self_attn.q_proj.bias",
            layer + "self_attn.k_proj.weight",
            layer + "self_attn.k_proj.bias",
            layer + "self_attn.v_proj.weight",
            layer + "self_attn.v_proj.bias",
            layer + "self_attn.out_proj.weight",
            layer + "self_attn.out_proj.bias",
            layer + "layer_norm2.weight",
            layer + "layer_norm2.bias",
            layer + "mlp.fc1.weight",
            layer + "mlp.fc1.bias",
            layer + "mlp.fc2.weight",
            layer + "mlp.fc2.bias",
            "text_model.final_layer_norm.weight",
            "text_model.final_layer_norm.bias");
  }

  @Test
  void impossibleSizesAreRefused() {
    assertThatThrownBy(() -> new ClipTextConfig(10, 8, 1, 3, 8, 8, true))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("hidden_size 8 is not a multiple of 3 heads");
    assertThatThrownBy(() -> new ClipTextConfig(10, 8, 0, 2, 8, 8, true))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("sizes of the text encoder must be positive");
  }

  // ---- the twin: one layer, number by number ----------------------------------------------------

  private double[][] twin(DoubleUnaryOperator activation) {
    double[][] hidden = new double[IDS.length][WIDTH];
    float[] tokens = values("embeddings.token_embedding.weight");
    float[] positions = values("embeddings.position_embedding.weight");
    for (int t = 0; t < IDS.length; t++) {
      for (int c = 0; c < WIDTH; c++) {
        hidden[t][c] = (double) tokens[(int) IDS[t] * WIDTH + c] + positions[t * WIDTH + c];
      }
    }
    String layer = "encoder.layers.0.";
    double[][] normed = norm(hidden, layer + "layer_norm1");
    double[][] q = linear(normed, layer + "self_attn.q_proj", WIDTH);
    double[][] k = linear(normed, layer + "self_attn.k_proj", WIDTH);
    double[][] v = linear(normed, layer + "self_attn.v_proj", WIDTH);
    add(hidden, linear(attend(q, k, v), layer + "self_attn.out_proj", WIDTH));
    double[][] inner = linear(norm(hidden, layer + "layer_norm2"), layer + "mlp.fc1", INNER);
    for (double[] row : inner) {
      Arrays.setAll(row, i -> activation.applyAsDouble(row[i]));
    }
    add(hidden, linear(inner, layer + "mlp.fc2", WIDTH));
    return norm(hidden, "final_layer_norm");
  }

  private static double[][] attend(double[][] q, double[][] k, double[][] v) {
    int d = WIDTH / HEADS;
    double[][] mixed = new double[q.length][WIDTH];
    for (int head = 0; head < HEADS; head++) {
      for (int t = 0; t < q.length; t++) {
        double[] weight = new double[t + 1]; // a token sees itself and those before
        double sum = 0;
        for (int s = 0; s <= t; s++) {
          double product = 0;
          for (int c = head * d; c < (head + 1) * d; c++) {
            product += q[t][c] * k[s][c];
          }
          weight[s] = Math.exp(product / Math.sqrt(d));
          sum += weight[s];
        }
        for (int s = 0; s <= t; s++) {
          for (int c = head * d; c < (head + 1) * d; c++) {
            mixed[t][c] += weight[s] / sum * v[s][c];
          }
        }
      }
    }
    return mixed;
  }

  private double[][] norm(double[][] x, String name) {
    float[] weight = values(name + ".weight");
    float[] bias = values(name + ".bias");
    double[][] y = new double[x.length][WIDTH];
    for (int t = 0; t < x.length; t++) {
      double mean = Arrays.stream(x[t]).average().orElseThrow();
      double variance =
          Arrays.stream(x[t]).map(e -> (e - mean) * (e - mean)).average().orElseThrow();
      for (int c = 0; c < WIDTH; c++) {
        y[t][c] = (x[t][c] - mean) / Math.sqrt(variance + 1e-5) * weight[c] + bias[c];
      }
    }
    return y;
  }

  private double[][] linear(double[][] x, String name, int out) {
    float[] weight = values(name + ".weight");
    float[] bias = values(name + ".bias");
    double[][] y = new double[x.length][out];
    for (int t = 0; t < x.length; t++) {
      for (int o = 0; o < out; o++) {
        y[t][o] = bias[o];
        for (int i = 0; i < x[t].length; i++) {
          y[t][o] += weight[o * x[t].length + i] * x[t][i];
        }
      }
    }
    return y;
  }

  private float[] values(String name) {
    return Tensors.floats(state.get("text_model." + name));
  }

  private static void add(double[][] x, double[][] y) {
    for (int t = 0; t < x.length; t++) {
      for (int c = 0; c < x[t].length; c++) {
        x[t][c] += y[t][c];
      }
    }
  }

  private static double quickGelu(double x) {
    return x / (1 + Math.exp(-1.702 * x));
  }

  /** x·Φ(x), with the error function's power series. */
  private static double gelu(double x) {
    double z = x / Math.sqrt(2);
    double term = z;
    double sum = z;
    for (int n = 1; n < 100; n++) {
      term *= -z * z / n;
      sum += term / (2 * n + 1);
    }
    return x * (1 + 2 / Math.sqrt(Math.PI) * sum) / 2;
  }
}
