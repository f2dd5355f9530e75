package org.syntagen.diffusion.vae;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.syntagen.tensor.NoGrad;
import org.syntagen.tensor.Ops;
import org.syntagen.tensor.Scope;
import org.syntagen.tensor.SeededNoise;
import org.syntagen.tensor.StateDict;
import org.syntagen.tensor.Tensors;
import org.syntagen.tensor.Threads;
import org.syntagen.tensor.Weights;

class TiledAutoencoderTest {
  private static final int TILE = 8;
  private static final VaeConfig CONFIG = new VaeConfig(4, List.of(4, 8), 1, 2, 0.18215);

  private NoGrad noGrad;
  private Scope scope;
  private SeededNoise inputs;
  private StateDict state;
  private AutoencoderKl vae;

  @BeforeEach
  void make() {
    Threads.set(1, 1); // the tensors are small, and more threads wait for each other
    noGrad = new NoGrad();
    scope = new Scope();
    inputs = new SeededNoise(0);
    try (SeededNoise noise = new SeededNoise(0)) {
      Weights random = Weights.random(noise);
      vae = new AutoencoderKl(random, CONFIG);
      state = random.state();
    }
  }

  @AfterEach
  void close() {
    state.close();
    inputs.close();
    scope.close();
    noGrad.close();
  }

  @ParameterizedTest
  @CsvSource({"8, 8", "3, 8", "1, 1"})
  void aLatentThatFitsInOneTileIsDecodedAsEver(int height, int width) {
    Tensor latent = inputs.normal(2, 4, height, width);
    assertThat(Tensors.floats(new TiledAutoencoder(vae, TILE).decode(latent)))
        .isEqualTo(Tensors.floats(vae.decode(latent)));
  }

  @ParameterizedTest
  @CsvSource({"8, 9", "20, 14", "13, 3", "7, 23", "16, 16"})
  void aLargerOneIsThatOfTheBlendingFormula(int height, int width) {
    Tensor latent = inputs.normal(2, 4, height, width);
    Tensor tiled = new TiledAutoencoder(vae, TILE).decode(latent);
    assertThat(Tensors.shape(tiled)).containsExactly(2, 3, 2L * height, 2L * width);
    assertThat(Tensors.floats(tiled))
        .containsExactly(twin(latent, 1, 2, vae::decode), within(1e-6f));
    assertThat(Tensors.floats(tiled)).isNotEqualTo(Tensors.floats(vae.decode(latent)));
  }

  @ParameterizedTest
  @CsvSource({"16, 16", "6, 16", "2, 2"})
  void anImageThatFitsInOneTileIsEncodedAsEver(int height, int width) {
    Tensor image = inputs.normal(2, 3, height, width);
    AutoencoderKl.Posterior whole = vae.encode(image);
    AutoencoderKl.Posterior tiled = new TiledAutoencoder(vae, TILE).encode(image);
    assertThat(Tensors.floats(tiled.mean())).isEqualTo(Tensors.floats(whole.mean()));
    assertThat(Tensors.floats(tiled.logVariance())).isEqualTo(Tensors.floats(whole.logVariance()));
  }

  @ParameterizedTest
  @CsvSource({"16, 18", "40, 28", "26, 6", "14, 46"})
  void aLargerOneIsEncodedByTheBlendingFormula(int height, int width) {
    Tensor image = inputs.normal(2, 3, height, width);
    AutoencoderKl.Posterior tiled = new TiledAutoencoder(vae, TILE).encode(image);
    Tensor twin =
        Tensors.of(twin(image, 2, 1, vae::moments), 2, 2 * 4, height / 2, width / 2); // f is 2
    assertThat(Tensors.floats(tiled.mean()))
        .containsExactly(Tensors.floats(twin.narrow(1, 0, 4)), within(1e-6f));
    assertThat(Tensors.floats(tiled.logVariance()))
        .containsExactly(Tensors.floats(Ops.clamp(twin.narrow(1, 4, 4), -30, 20)), within(1e-6f));
    assertThat(Tensors.floats(tiled.mean())).isNotEqualTo(Tensors.floats(vae.encode(image).mean()));
  }

  /**
   * diffusers' blend_v and blend_h on tiles as arrays, pixel by pixel: of two tiles that overlap,
   * the later one has weight i / n in its row or column i of the n that overlap.
   *
   * @param from pixels of the source for a position of the latent
   * @param to pixels of the result for one
   */
  private static float[] twin(Tensor source, int from, int to, UnaryOperator<Tensor> function) {
    int height = (int) source.size(2) / from; // in positions of the latent, like all others here
    int width = (int) source.size(3) / from;
    int stride = TILE * 3 / 4;
    int blend = to * TILE / 4;
    int limit = to * stride;
    int rows = (height + stride - 1) / stride;
    int columns = (width + stride - 1) / stride;
    float[] whole = null;
    float[][][][] tiles = new float[rows][columns][][];
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        int tileHeight = Math.min(TILE, height - i * stride);
        int tileWidth = Math.min(TILE, width - j * stride);
        Tensor part =
            source
                .narrow(2, i * stride * from, tileHeight * from)
                .narrow(3, j * stride * from, tileWidth * from);
        float[] values = Tensors.floats(function.apply(part));
        int h = to * tileHeight;
        int w = to * tileWidth;
        int count = values.length / (h * w); // planes of all images
        float[][] planes = new float[count * h][w];
        for (int k = 0; k < values.length; k++) {
          planes[k / w][k % w] = values[k];
        }
        tiles[i][j] = planes;
        if (whole == null) {
          whole = new float[count * to * height * to * width];
        }
        for (int plane = 0; plane < count; plane++) {
          if (i > 0) {
            float[][] above = tiles[i - 1][j];
            int aboveHeight = above.length / count;
            int extent = Math.min(blend, Math.min(aboveHeight, h));
            for (int y = 0; y < extent; y++) {
              for (int x = 0; x < w; x++) {
                double weight = (double) y / extent;
                float old = above[plane * aboveHeight + aboveHeight - extent + y][x];
                planes[plane * h + y][x] =
                    (float) (old * (1 - weight) + planes[plane * h + y][x] * weight);
              }
            }
          }
          if (j > 0) {
            float[][] left = tiles[i][j - 1];
            int leftWidth = left[0].length;
            int extent = Math.min(blend, Math.min(leftWidth, w));
            for (int y = 0; y < h; y++) {
              for (int x = 0; x < extent; x++) {
                double weight = (double) x / extent;
                float old = left[plane * h + y][leftWidth - extent + x];
                planes[plane * h + y][x] =
                    (float) (old * (1 - weight) + planes[plane * h + y][x] * weight);
              }
            }
          }
          for (int y = 0; y < Math.min(limit, h); y++) {
            for (int x = 0; x < Math.min(limit, w); x++) {
              int row = (plane * to * height + i * limit + y) * to * width;
              whole[row + j * limit + x] = planes[plane * h + y][x];
            }
          }
        }
      }
    }
    return whole;
  }

  @Test
  void aTileOfOnePositionHasNoOverlap() {
    Tensor latent = inputs.normal(1, 4, 2, 3);
    float[] tiled = Tensors.floats(new TiledAutoencoder(vae, 1).decode(latent));
    float[] corner = Tensors.floats(vae.decode(latent.narrow(2, 0, 1).narrow(3, 0, 1)));
    assertThat(tiled).hasSize(3 * 4 * 6);
    assertThat(tiled[0]).isEqualTo(corner[0]);
    assertThatThrownBy(() -> new TiledAutoencoder(vae, 0))
        .isInstanceOf(IllegalArgumentException.class);
  }

  /** Stable Diffusion's: what comes up has 256 channels. */
  @Test
  void decodingTakesTheMemoryOfItsLargestPart() {
    VaeConfig stableDiffusion = new VaeConfig(4, List.of(128, 256, 512, 512), 2, 32, 0.18215);
    assertThat(stableDiffusion.decodingBytes(512, 512)).isEqualTo(4L * 3 * 256 * 512 * 512);
  }
}
