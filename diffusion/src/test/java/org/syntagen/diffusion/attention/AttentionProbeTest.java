package org.syntagen.diffusion.attention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.syntagen.dataset.InputException;
import org.syntagen.diffusion.block.MultiHeadAttention;
import org.syntagen.diffusion.unet.UNet2DCondition;
import org.syntagen.diffusion.unet.UNetConfig;
import org.syntagen.tensor.Dtype;
import org.syntagen.tensor.NoGrad;
import org.syntagen.tensor.Ops;
import org.syntagen.tensor.Scope;
import org.syntagen.tensor.SeededNoise;
import org.syntagen.tensor.Tensors;
import org.syntagen.tensor.Threads;
import org.syntagen.tensor.Weights;

class AttentionProbeTest {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final int CHANNELS = 8;
  private static final int CONTEXT = 6;

  private NoGrad noGrad;
  private Scope scope;
  private SeededNoise noise;

  @BeforeEach
  void open() {
    Threads.set(1, 1); // the tensors are small, and more threads wait for each other
    noGrad = new NoGrad();
    scope = new Scope();
    noise = new SeededNoise(5);
  }

  @AfterEach
  void close() {
    noise.close();
    scope.close();
    noGrad.close();
  }

  // ---- within a U-Net ---------------------------------------------------------------------------

  private UNet2DCondition unet() {
    return new UNet2DCondition(
        Weights.random(noise),
        new UNetConfig(
            8,
            4,
            List.of(CHANNELS, 16),
            List.of(true, true),
            1,
            List.of(2, 4),
            CONTEXT,
            4,
            1e-5,
            false));
  }

  @Test
  void thePredictionIsTheSameBitsWithAndWithoutAProbe() {
    UNet2DCondition unet = unet();
    Tensor latent = noise.normal(2, 4, 8, 8);
    Tensor text = noise.normal(2, 5, CONTEXT);
    Tensor time = Tensors.full(400, 2);
    float[] without = Tensors.floats(unet.forward(latent, time, text, null));
    try (AttentionProbe probe =
        new AttentionProbe(noise.normal(1, 3, CONTEXT), 8, Set.of(1, 2), Set.of(1, 2))) {
      assertThat(Tensors.floats(unet.forward(latent, time, text, probe))).containsExactly(without);
    }
  }

  @Test
  void mapsHaveTheResolutionsAskedForAndRowsSumToOne() {
    UNet2DCondition unet = unet();
    Tensor latent = noise.normal(4, 4, 8, 12); // two samples, guided
    Tensor text = noise.normal(4, 5, CONTEXT);
    try (AttentionProbe probe =
        new AttentionProbe(noise.normal(2, 3, CONTEXT), 8, Set.of(1, 2), Set.of(2))) {
      for (int step = 0; step < 3; step++) {
        unet.forward(latent, Tensors.full(300 * step, 4), text, probe);
      }
      assertRows(probe.cross(1), 2, 96, 3);
      assertRows(probe.cross(2), 2, 24, 3);
      assertRows(probe.self(2), 2, 24, 24);
      assertThatThrownBy(() -> probe.self(1))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("no attention layer at 1/1 of the latent resolution");
    }
  }

  private static void assertRows(Tensor map, long samples, long positions, int keys) {
    assertThat(Tensors.shape(map)).containsExactly(samples, positions, keys);
    float[] values = Tensors.floats(map);
    for (int row = 0; row < samples * positions; row++) {
      double sum = 0;
      float least = 1;
      for (int i = 0; i < keys; i++) {
        sum += values[row * keys + i];
        least = Math.min(least, values[row * keys + i]);
      }
      assertThat(sum).isCloseTo(1, within(1e-5));
      assertThat(least).isNotNegative();
    }
  }

  /** The probe's text is not the prompt, and gets the attention that it would get as the prompt. */
  @Test
  void theTextIsThatOfTheProbeAndNotThePrompt() {
    UNet2DCondition unet = unet();
    Tensor latent = noise.normal(1, 4, 8, 8);
    Tensor time = Tensors.full(400, 1);
    Tensor prompt = noise.normal(1, 5, CONTEXT);
    Tensor words = noise.normal(1, 5, CONTEXT);
    float[] ofPrompt = cross(unet, latent, time, prompt, prompt);
    assertThat(cross(unet, latent, time, prompt, prompt)).containsExactly(ofPrompt);
    assertThat(cross(unet, latent, time, prompt, words)).isNotEqualTo(ofPrompt);
  }

  @Test
  void severalTextsOfASampleGetTheAttentionThatEachGetsAlone() {
    UNet2DCondition unet = unet();
    Tensor latent = noise.normal(4, 4, 8, 8); // two samples, guided
    Tensor time = Tensors.full(400, 4);
    Tensor prompt = noise.normal(4, 5, CONTEXT);
    Tensor texts = noise.normal(6, 5, CONTEXT); // three a sample
    try (AttentionProbe probe = new AttentionProbe(texts, 2, 8, Set.of(2), Set.of(2))) {
      unet.forward(latent, time, prompt, probe);
      assertRows(probe.cross(2), 6, 16, 5);
      assertRows(probe.self(2), 2, 16, 16);
      for (int text = 0; text < 3; text++) {
        Tensor one = Ops.cat(List.of(row(texts, text), row(texts, 3 + text)), 0);
        float[] alone = cross(unet, latent, time, prompt, one);
        float[] first = Tensors.floats(row(probe.cross(2), text));
        float[] second = Tensors.floats(row(probe.cross(2), 3 + text));
        assertThat(first).containsExactly(Arrays.copyOf(alone, first.length), within(1e-6f));
        assertThat(second)
            .containsExactly(Arrays.copyOfRange(alone, first.length, alone.length), within(1e-6f));
      }
    }
    assertThatThrownBy(() -> new AttentionProbe(texts, 4, 8, Set.of(2), Set.of()))
        .hasMessage("6 texts do not divide into 4 samples");
  }

  // ---- kept queries -----------------------------------------------------------------------------

  /** Two guided samples in three steps; three texts a sample, which come too late. */
  @Test
  void keptQueriesGiveTheMapsOfAProbeThatKnewTheTexts() {
    UNet2DCondition unet = unet();
    Tensor latent = noise.normal(4, 4, 8, 12);
    Tensor prompt = noise.normal(4, 5, CONTEXT);
    Tensor texts = noise.normal(6, 7, CONTEXT);
    Tensor other = noise.normal(2, 5, CONTEXT);
    try (AttentionProbe knew = new AttentionProbe(texts, 2, 8, Set.of(1, 2), Set.of());
        AttentionProbe knewOne = new AttentionProbe(texts, 2, 8, Set.of(2), Set.of());
        CrossQueries all = new CrossQueries(Set.of(1, 2), call -> true, Dtype.F32, 1 << 20);
        CrossQueries half = new CrossQueries(Set.of(2), call -> true, Dtype.BF16, 1 << 20);
        CrossQueries one = new CrossQueries(Set.of(2), call -> call == 1, Dtype.F32, 1 << 20)) {
      for (int step = 0; step < 3; step++) {
        Tensor time = Tensors.full(300 * step, 4);
        float[] expected = Tensors.floats(unet.forward(latent, time, prompt, knew));
        if (step == 1) {
          unet.forward(latent, time, prompt, knewOne);
        }
        for (CrossQueries store : List.of(all, half, one)) {
          try (AttentionProbe probe = new AttentionProbe(other, 2, 8, Set.of(), Set.of(), store)) {
            assertThat(Tensors.floats(unet.forward(latent, time, prompt, probe)))
                .containsExactly(expected);
          }
        }
      }
      for (int factor : new int[] {1, 2}) {
        assertThat(Tensors.floats(all.cross(factor, texts)))
            .containsExactly(Tensors.floats(knew.cross(factor)), within(1e-5f));
        assertThat(all.crossHeads(factor)).isEqualTo(knew.crossHeads(factor)).isPositive();
      }
      assertThat(one.crossHeads(1)).isZero();
      assertRows(all.cross(2, texts), 6, 24, 7);
      assertThat(Tensors.floats(half.cross(2, texts)))
          .containsExactly(Tensors.floats(knew.cross(2)), within(1e-2f));
      assertThat(Tensors.floats(one.cross(2, texts)))
          .containsExactly(Tensors.floats(knewOne.cross(2)), within(1e-5f));
      assertThat(half.bytes()).isEqualTo(3 * one.bytes() / 2).isPositive();
      assertThatThrownBy(() -> one.cross(1, texts))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("no queries were kept at 1/1 of the latent resolution");
      assertThatThrownBy(() -> one.cross(2, prompt.narrow(0, 0, 3)))
          .hasMessage("3 texts do not divide into 2 samples");
    }
  }

  @Test
  void keptQueriesStayWithinTheirBounds() {
    MultiHeadAttention attention = attention(CONTEXT, 2);
    Tensor x = noise.normal(1, 4, CHANNELS);
    Tensor prompt = noise.normal(1, 5, CONTEXT);
    long each = 4 * CHANNELS * 4;
    CrossQueries store = new CrossQueries(Set.of(4), call -> true, Dtype.F32, 2 * each);
    try (AttentionProbe probe = new AttentionProbe(prompt, 1, 8, Set.of(), Set.of(), store)) {
      assertThat(probe.onCrossAttention(4, 4)).isNull();
      attention.forward(x, prompt, probe.onCrossAttention(2, 2));
      attention.forward(x, prompt, probe.onCrossAttention(2, 2));
      assertThatThrownBy(() -> attention.forward(x, prompt, probe.onCrossAttention(2, 2)))
          .isInstanceOf(InputException.class)
          .hasMessageContaining("more than the " + 2 * each + " bytes")
          .hasMessageContaining("BF16");
    }
    assertThat(store.bytes()).isEqualTo(2 * each);
    store.close();
    assertThat(store.bytes()).isZero();
    assertThatThrownBy(() -> new CrossQueries(Set.of(), call -> true, Dtype.I64, 1))
        .hasMessage("queries are kept as F32 or BF16, not I64");
  }

  private static Tensor row(Tensor tensor, long index) {
    return tensor.narrow(0, index, 1);
  }

  private static float[] cross(
      UNet2DCondition unet, Tensor latent, Tensor time, Tensor prompt, Tensor words) {
    try (AttentionProbe probe = new AttentionProbe(words, 8, Set.of(2), Set.of())) {
      unet.forward(latent, time, prompt, probe);
      return Tensors.floats(probe.cross(2));
    }
  }

  // ---- against a slow twin ----------------------------------------------------------------------

  /** Two layers with different numbers of heads see three steps. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void mapsAreMeansOverStepsLayersAndHeads(int guidance) {
    int samples = 2;
    int tokens = 3;
    MultiHeadAttention[] self = {attention(CHANNELS, 1), attention(CHANNELS, 4)};
    MultiHeadAttention[] cross = {attention(CONTEXT, 2), attention(CONTEXT, 4)};
    Tensor words = noise.normal(samples, tokens, CONTEXT);
    Tensor prompt = noise.normal(samples * guidance, 5, CONTEXT);
    double[][][] selfTwin = new double[samples][4][4];
    double[][][] crossTwin = new double[samples][4][tokens];
    try (AttentionProbe probe = new AttentionProbe(words, 8, Set.of(4), Set.of(4))) {
      for (int step = 0; step < 3; step++) {
        Tensor x = noise.normal(samples * guidance, 4, CHANNELS); // 2 × 2 pixels
        for (int layer = 0; layer < 2; layer++) {
          self[layer].forward(x, x, probe.onSelfAttention(2, 2));
          cross[layer].forward(x, prompt, probe.onCrossAttention(2, 2));
          for (int i = 0; i < samples; i++) {
            Tensor watched = x.narrow(0, samples * (guidance - 1) + i, 1);
            addTwin(selfTwin[i], self[layer], watched, watched, 6);
            addTwin(crossTwin[i], cross[layer], watched, words.narrow(0, i, 1), 6);
          }
        }
      }
      assertClose(probe.self(4), selfTwin);
      assertClose(probe.cross(4), crossTwin);
    }
  }

  private MultiHeadAttention attention(long context, int heads) {
    return MultiHeadAttention.of(Weights.random(noise), CHANNELS, context, heads);
  }

  /** Adds the mean over heads of softmax(q·k/√d), divided by {@code parts}. */
  private static void addTwin(
      double[][] sum, MultiHeadAttention attention, Tensor x, Tensor context, int parts) {
    double[][] q = project(attention.toQ().weight(), x);
    double[][] k = project(attention.toK().weight(), context);
    int heads = attention.heads();
    int d = CHANNELS / heads;
    for (int head = 0; head < heads; head++) {
      for (int row = 0; row < q.length; row++) {
        double[] weight = new double[k.length];
        double total = 0;
        for (int key = 0; key < k.length; key++) {
          double product = 0;
          for (int c = head * d; c < (head + 1) * d; c++) {
            product += q[row][c] * k[key][c];
          }
          weight[key] = Math.exp(product / Math.sqrt(d));
          total += weight[key];
        }
        for (int key = 0; key < k.length; key++) {
          sum[row][key] += weight[key] / total / heads / parts;
        }
      }
    }
  }

  private static double[][] project(Tensor weight, Tensor x) {
    float[] w = Tensors.floats(weight); // [CHANNELS, in]
    float[] values = Tensors.floats(x); // [1, n, in]
    int in = (int) x.size(2);
    double[][] y = new double[(int) x.size(1)][CHANNELS];
    for (int row = 0; row < y.length; row++) {
      for (int c = 0; c < CHANNELS; c++) {
        for (int i = 0; i < in; i++) {
          y[row][c] += (double) w[c * in + i] * values[row * in + i];
        }
      }
    }
    return y;
  }

  private static void assertClose(Tensor map, double[][][] expected) {
    float[] found = Tensors.floats(map);
    int at = 0;
    for (double[][] sample : expected) {
      for (double[] row : sample) {
        for (double value : row) {
          assertThat((double) found[at++]).isCloseTo(value, within(1e-5));
        }
      }
    }
    assertThat(found).hasSize(at);
  }

  // ---- life -------------------------------------------------------------------------------------

  @Test
  void resolutionsThatNobodyAskedForAreNotWatched() {
    try (AttentionProbe probe =
        new AttentionProbe(noise.normal(1, 3, CONTEXT), 17, Set.of(2), Set.of(4))) {
      assertThat(probe.onSelfAttention(17, 17)).isNull();
      assertThat(probe.onSelfAttention(9, 9)).isNull();
      assertThat(probe.onSelfAttention(5, 5)).isNotNull(); // an odd latent, halved twice
      assertThat(probe.onCrossAttention(9, 9)).isNotNull();
      assertThat(probe.onCrossAttention(5, 5)).isNull();
    }
  }

  @Test
  void aClosedProbeHasNoMaps() {
    AttentionProbe probe = new AttentionProbe(noise.normal(1, 3, CONTEXT), 2, Set.of(), Set.of(1));
    Tensor x = noise.normal(1, 4, CHANNELS);
    attention(CHANNELS, 1).forward(x, x, probe.onSelfAttention(2, 2));
    assertThat(Tensors.shape(probe.self(1))).containsExactly(1, 4, 4);
    probe.close();
    assertThatThrownBy(() -> probe.self(1)).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void memoryDoesNotGrowWithSteps() throws IOException {
    assumeTrue(Files.isReadable(STATUS), "no " + STATUS + ": resident memory cannot be measured");
    MultiHeadAttention attention = attention(CHANNELS, 1);
    Tensor x = noise.normal(1, 1024, CHANNELS);
    try (AttentionProbe probe =
        new AttentionProbe(noise.normal(1, 3, CONTEXT), 32, Set.of(), Set.of(1))) {
      long before = 0;
      for (int step = 0; step < 60; step++) {
        if (step == 10) {
          before = residentMib();
        }
        try (Scope each = new Scope()) {
          attention.forward(x, x, probe.onSelfAttention(32, 32));
        }
      }
      // A map takes 4 MiB; all of them would be 200 more.
      assertThat(residentMib() - before).isLessThan(50);
      assertRows(probe.self(1), 1, 1024, 1024);
    }
  }

  private static long residentMib() throws IOException {
    for (String line : Files.readAllLines(STATUS)) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("\\D", "")) / 1024;
      }
    }
    throw new IllegalStateException("no VmRSS in " + STATUS);
  }
}
