package org.syntagen.labeling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.syntagen.dataset.ClassSet;
import org.syntagen.dataset.Prompt;
import org.syntagen.diffusion.StableDiffusion;
import org.syntagen.tensor.Scope;
import org.syntagen.tensor.SeededNoise;
import org.syntagen.tensor.Tensors;

class SpreadTest {
  private static final ClassSet VOC = ClassSet.VOC;
  private static final Path STATUS = Path.of("/proc/self/status");

  private static LastLayers.Layer layer(
      SeededNoise noise, long batch, long heads, long side, long d) {
    return new LastLayers.Layer(
        side,
        side,
        noise.normal(batch, heads, side * side, d),
        noise.normal(batch, heads, side * side, d),
        Tensors.zeros(1));
  }

  /** Of the conditional half alone, and with more classes than a head has channels. */
  @Test
  void theProductEqualsThatWithTheWholeSelfAttention() {
    try (Scope scope = new Scope();
        SeededNoise noise = new SeededNoise(1)) {
      List<LastLayers.Layer> layers = List.of(layer(noise, 2, 3, 7, 4), layer(noise, 2, 3, 7, 4));
      Tensor maps = noise.normal(49, 6);
      float[] product = Tensors.floats(Spread.product(layers, maps));
      double[][] columns = SlowTwin.matrix(maps);
      List<double[][]> attentions = new ArrayList<>();
      for (LastLayers.Layer layer : layers) {
        for (int head = 0; head < 3; head++) {
          attentions.add(
              new SlowTwin.Head(
                      true,
                      7,
                      SlowTwin.matrix(layer.queries().select(0, 1).select(0, head)),
                      SlowTwin.matrix(layer.keys().select(0, 1).select(0, head)))
                  .attention());
        }
      }
      for (int p = 0; p < 49; p++) {
        for (int k = 0; k < 6; k++) {
          double expected = 0;
          for (double[][] attention : attentions) {
            for (int q = 0; q < 49; q++) {
              expected += attention[p][q] * columns[q][k] / attentions.size();
            }
          }
          assertThat((double) product[p * 6 + k]).isCloseTo(expected, within(1e-5));
        }
      }
    }
  }

  /** The weights of the one head would take 1 GiB. */
  @Test
  void theSelfAttentionIsNeverHeld() throws IOException {
    assumeTrue(Files.isReadable(STATUS), "no " + STATUS + ": the peak of memory is not measured");
    try (Scope scope = new Scope();
        SeededNoise noise = new SeededNoise(2)) {
      List<LastLayers.Layer> layers = List.of(layer(noise, 1, 1, 128, 8));
      Tensor maps = noise.normal(128 * 128, 3);
      long before = peakBytes();
      Spread.product(layers, maps);
      assertThat(peakBytes() - before).isLessThan(128L << 20);
    }
  }

  private static long peakBytes() throws IOException {
    for (String line : Files.readAllLines(STATUS)) {
      if (line.startsWith("VmHWM:")) {
        return Long.parseLong(line.replaceAll("\\D", "")) << 10;
      }
    }
    throw new IllegalStateException("no VmHWM in " + STATUS);
  }

  @Test
  void eachClassKeepsItsLowestAndHighestScore() {
    StableDiffusion model = TinyModel.random();
    Prompt prompt = new Prompt(0, "a dog and a dining table", List.of(VOC.label("dog"), 11), 5);
    Ovam plain = new Ovam(Ovam.Parameters.published(), VOC);
    float[] before = TinyModel.scores(model, plain, prompt).values();
    float[] after = TinyModel.scores(model, new Spread(plain, 2), prompt).values();
    assertThat(after).hasSameSizeAs(before).isNotEqualTo(before);
    for (int k = 0; k < 2; k++) {
      float[] range = range(before, k);
      assertThat(range(after, k)).containsExactly(range, within(1e-3f));
    }
    assertThatThrownBy(() -> new Spread(plain, 0))
        .hasMessage("scores are spread 1 to 64 times, not 0");
  }

  @Test
  void anAttributionThatWatchesNothingIsSpreadToo() {
    StableDiffusion model = TinyModel.random();
    Prompt prompt = new Prompt(0, "a dog", List.of(VOC.label("dog")), 5);
    DenoisingContrast plain =
        new DenoisingContrast(new DenoisingContrast.Parameters(List.of(200L), 0.1, 1e-3), VOC);
    assertThat(TinyModel.scores(model, new Spread(plain, 1), prompt).values())
        .isNotEqualTo(TinyModel.scores(model, plain, prompt).values());
  }

  private static float[] range(float[] scores, int k) {
    float low = Float.MAX_VALUE;
    float high = -Float.MAX_VALUE;
    for (int p = 0; p < 256; p++) {
      low = Math.min(low, scores[k * 256 + p]);
      high = Math.max(high, scores[k * 256 + p]);
    }
    return new float[] {low, high};
  }
}
