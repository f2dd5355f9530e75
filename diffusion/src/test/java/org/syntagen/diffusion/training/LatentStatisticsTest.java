package org.syntagen.diffusion.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.syntagen.dataset.Images;
import org.syntagen.diffusion.vae.AutoencoderKl;
import org.syntagen.diffusion.vae.VaeConfig;
import org.syntagen.tensor.NoGrad;
import org.syntagen.tensor.Ops;
import org.syntagen.tensor.Scope;
import org.syntagen.tensor.SeededNoise;
import org.syntagen.tensor.StateDict;
import org.syntagen.tensor.Tensors;
import org.syntagen.tensor.Weights;

class LatentStatisticsTest {
  private static final int SIZE = 16;
  private static final int COUNT = 40;

  @TempDir Path folder;
  private CaptionedImages images;

  @BeforeEach
  void drawNoisyImages() throws IOException {
    Files.createDirectories(folder.resolve("image"));
    StringBuilder samples = new StringBuilder();
    Random random = new Random(4);
    for (int i = 0; i < COUNT; i++) {
      BufferedImage image = new BufferedImage(SIZE, SIZE, BufferedImage.TYPE_INT_RGB);
      for (int p = 0; p < SIZE * SIZE; p++) {
        image.setRGB(p % SIZE, p / SIZE, random.nextInt(1 << 24));
      }
      Images.writePng(folder.resolve("image/" + i + ".png"), image);
      samples.append("{\"id\":\"%d\",\"prompt\":\"noise\"}%n".formatted(i));
    }
    Files.writeString(folder.resolve("samples.jsonl"), samples);
    images = CaptionedImages.read(List.of(folder), SIZE);
  }

  @Test
  void aChannelThatIgnoresTheImageHasNoSignalAndTheFactorGivesUnitDeviation() {
    try (SeededNoise noise = new SeededNoise(3);
        NoGrad noGrad = new NoGrad();
        Scope scope = new Scope()) {
      Weights weights = Weights.random(noise);
      AutoencoderKl vae = new AutoencoderKl(weights, new VaeConfig(4, List.of(8, 8), 1, 4, 1));
      StateDict state = weights.state();
      int collapsed = 2; // mean 0, log-variance 0
      for (int output : new int[] {collapsed, 4 + collapsed}) {
        state.get("quant_conv.weight").select(0, output).zero_();
        state.get("quant_conv.bias").select(0, output).zero_();
      }

      LatentStatistics statistics = LatentStatistics.measure(vae, images, 20);

      assertThat(statistics.signal()).hasSize(4);
      assertThat(statistics.signal()[collapsed]).isCloseTo(0, within(1e-9));
      assertThat(statistics.signal()[0]).isBetween(1e-4, 1.0);
      Tensor all = AutoencoderKl.normalise(images.load(IntStream.range(0, COUNT).toArray()));
      AutoencoderKl.Posterior posterior = vae.encode(all);
      Tensor latent =
          Ops.scale(
              posterior.sample(noise.normal(Tensors.shape(posterior.mean()))),
              statistics.scalingFactor());
      double mean = latent.mean().item_double();
      double deviation = Math.sqrt(latent.square().mean().item_double() - mean * mean);
      assertThat(deviation).isCloseTo(1, within(0.02));
      double error = vae.decode(posterior.mean()).sub(all).square().mean().item_double();
      assertThat(statistics.psnr()).isCloseTo(10 * Math.log10(4 / error), within(0.1));
      state.close();
    }
  }
}
