package org.syntagen.diffusion.block;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.syntagen.diffusion.Corner;
import org.syntagen.diffusion.block.ResnetBlock.Resampling;
import org.syntagen.diffusion.unet.DownBlock;
import org.syntagen.diffusion.unet.MidBlock;
import org.syntagen.diffusion.unet.UpBlock;
import org.syntagen.diffusion.vae.DecoderBlock;
import org.syntagen.diffusion.vae.EncoderBlock;
import org.syntagen.diffusion.vae.VaeMidBlock;
import org.syntagen.tensor.NoGrad;
import org.syntagen.tensor.Ops;
import org.syntagen.tensor.Scope;
import org.syntagen.tensor.SeededNoise;
import org.syntagen.tensor.Threads;
import org.syntagen.tensor.Weights;

/**
 * Layers and blocks of diffusers with weights from a seed: the inputs, then the parameters in
 * constructor order come from one generator stream. A row fails if initialisation, constructor
 * order or arithmetic differs.
 */
class BlockParityTest {
  /** Expected values have four decimals; upstream allows what a row says. */
  private static final double TOLERANCE = 2e-4;

  private static final ResnetBlock.Config RESNET = new ResnetBlock.Config(32, 32, 128, 32, 1e-6);
  private static final ResnetBlock.Config TIMELESS = new ResnetBlock.Config(32, 32, 0, 32, 1e-6);
  private static final ResnetBlock.Config WITH_SKIP = new ResnetBlock.Config(64, 32, 128, 32, 1e-6);
  private static final Transformer2D.Config CROSS =
      new Transformer2D.Config(32, 1, 32, 32, false); // without a text it attends to the pixels

  /**
   * @param source upstream's test file
   * @param tolerance upstream's
   */
  private record Row(String name, String source, double tolerance, Module module, String expected) {
    @Override
    public String toString() {
      return name + " (" + source + ", ± " + tolerance + ")";
    }
  }

  @FunctionalInterface
  private interface Module {
    Tensor run(SeededNoise noise);
  }

  @BeforeAll
  static void useOneThread() {
    Threads.set(1, 1); // the tensors are small, and more threads wait for each other
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("rows")
  void aBlockComputesWhatUpstreamComputes(Row row) {
    try (NoGrad noGrad = new NoGrad();
        Scope scope = new Scope();
        SeededNoise noise = new SeededNoise(0)) {
      Corner.assertClose(row.module.run(noise), row.expected, Math.min(TOLERANCE, row.tolerance));
    }
  }

  private static Row layer(String name, Module module, String expected) {
    return new Row(name, "tests/models/test_layers_utils.py", 1e-3, module, expected);
  }

  private static Row block(String name, Module module, String expected) {
    return new Row(name, "tests/models/unets/test_unet_2d_blocks.py", 5e-3, module, expected);
  }

  static Stream<Row> rows() {
    return Stream.concat(layers(), blocks());
  }

  private static Stream<Row> layers() {
    return Stream.of(
        layer(
            "Upsample2D",
            noise -> Ops.upsampleNearest2x(noise.normal(1, 32, 32, 32)),
            "-.2173 -1.2079 -1.2079 .2952 1.1254 1.1254 .2952 1.1254 1.1254"),
        layer(
            "Upsample2D with convolution",
            noise -> upsample(noise, 32),
            ".7145 1.3773 .3492 .8448 1.0839 -.3341 .5956 .1250 -.4841"),
        layer(
            "Upsample2D with convolution to 64 channels",
            noise -> upsample(noise, 64),
            ".2703 .1656 -.2538 -.0553 -.2984 .1044 .1155 .2579 .7755"),
        layer(
            "Downsample2D",
            noise -> Ops.avgPool2d(noise.normal(1, 32, 64, 64), 2),
            "-.0513 -.3889 .0640 .0836 -.5460 -.0341 -.0169 -.6967 .1179"),
        layer(
            "Downsample2D with convolution",
            noise -> downsample(noise, 32),
            ".9267 .5878 .3337 1.2321 -.1191 -.3984 -.7532 -.0715 -.3913"),
        layer(
            "Downsample2D with convolution to 16 channels",
            noise -> downsample(noise, 16),
            "-.6586 .5985 .0721 .1256 -.1492 .4436 -.2544 .5021 1.1522"),
        layer(
            "ResnetBlock2D",
            noise -> resnet(noise, false, Resampling.NONE),
            "-1.9010 -.2974 -.8245 -1.3533 .8742 -.9645 -2.0584 1.3387 -.4746"),
        layer(
            "ResnetBlock2D with shortcut",
            noise -> resnet(noise, true, Resampling.NONE),
            ".2226 -1.0791 -.1629 .3659 -.2889 -1.2376 .0582 .9206 .0044"),
        layer(
            "ResnetBlock2D up",
            noise -> resnet(noise, false, Resampling.UP),
            "1.2130 -.8753 -.9027 1.5783 -.5362 -.5001 1.0726 -.7732 -.4182"),
        layer(
            "ResnetBlock2D down",
            noise -> resnet(noise, false, Resampling.DOWN),
            "-.3002 -.7135 .1359 .0561 -.7935 .0113 -.1766 -.6714 -.0436"),
        layer(
            "Transformer2DModel",
            BlockParityTest::transformer,
            "-1.9455 -.0066 -1.3933 -1.5878 .5325 -.6486 -1.8648 .7515 -.9689"),
        layer(
            "Transformer2DModel with text",
            BlockParityTest::transformerWithText,
            ".0143 -.6909 -2.1547 -1.8893 1.4097 .1359 -.2521 -1.3359 .2598"));
  }

  private static Stream<Row> blocks() {
    return Stream.of(
        block(
            "DownBlock2D",
            noise -> down(noise, null),
            "-.0232 -.9869 .8054 -.0637 -.1688 -1.4264 .4470 -1.3394 .0904"),
        block(
            "CrossAttnDownBlock2D",
            noise -> down(noise, CROSS),
            ".2238 -.7396 -.2255 -.3829 .1925 1.1665 .0603 -.7295 .1983"),
        block(
            "UNetMidBlock2D",
            BlockParityTest::middle,
            "-.1062 1.7248 .3494 1.4569 -.0910 -1.2421 -.9984 .6736 1.0028"),
        block(
            "UNetMidBlock2DCrossAttn",
            BlockParityTest::middleWithText,
            ".0187 2.4220 .4484 1.1203 -.6121 -1.5122 -.8270 .7851 1.8335"),
        block(
            "UpBlock2D",
            noise -> up(noise, null),
            "-.2041 -.4165 -.3022 .0041 -.6628 -.7053 .1928 -.0325 .0523"),
        block(
            "CrossAttnUpBlock2D",
            noise -> up(noise, CROSS),
            "-.1403 -.3515 -.0420 -.1425 .3167 .5094 -.2181 .5931 .5582"),
        block(
            "DownEncoderBlock2D",
            BlockParityTest::encoder,
            "1.1102 .5302 .4872 -.0023 -.8042 .0483 -.3489 -.5632 .7626"),
        block(
            "UpDecoderBlock2D",
            BlockParityTest::decoder,
            ".4404 .1998 -.9886 -.3320 -.3128 -.7034 -.6955 -.2338 -.3137"));
  }

  private static Tensor upsample(SeededNoise noise, long out) {
    Tensor x = noise.normal(1, 32, 32, 32);
    return Upsample.of(Weights.random(noise), 32, out).forward(x);
  }

  private static Tensor downsample(SeededNoise noise, long out) {
    Tensor x = noise.normal(1, 32, 64, 64);
    return Downsample.of(Weights.random(noise), 32, out, false).forward(x);
  }

  private static Tensor resnet(SeededNoise noise, boolean shortcut, Resampling resampling) {
    Tensor x = noise.normal(1, 32, 64, 64);
    Tensor time = noise.normal(1, 128);
    return ResnetBlock.of(Weights.random(noise), RESNET, shortcut, resampling).forward(x, time);
  }

  @Test
  void transformerLeavesFeaturesInPlanesForTheConvolutionsBehindIt() {
    try (NoGrad noGrad = new NoGrad();
        Scope scope = new Scope();
        SeededNoise noise = new SeededNoise(0)) {
      assertThat(transformerWithText(noise).is_contiguous()).isTrue();
    }
  }

  private static Tensor transformer(SeededNoise noise) {
    Tensor x = noise.normal(1, 32, 64, 64);
    Transformer2D.Config config = new Transformer2D.Config(32, 1, 0, 32, false);
    return Transformer2D.of(Weights.random(noise), config).forward(x, null, null);
  }

  private static Tensor transformerWithText(SeededNoise noise) {
    Tensor x = noise.normal(1, 64, 64, 64);
    Transformer2D.Config config = new Transformer2D.Config(64, 2, 64, 32, false);
    Transformer2D transformer = Transformer2D.of(Weights.random(noise), config);
    Tensor text = noise.normal(1, 4, 64); // drawn after construction
    return transformer.forward(x, text, null);
  }

  private static Tensor hidden(SeededNoise noise) {
    return noise.normal(4, 32, 32, 32);
  }

  private static Tensor time(SeededNoise noise) {
    return noise.normal(4, 128);
  }

  private static Tensor down(SeededNoise noise, Transformer2D.Config attention) {
    Tensor x = hidden(noise);
    Tensor time = time(noise);
    List<Tensor> skips = new ArrayList<>();
    return DownBlock.of(Weights.random(noise), RESNET, 1, attention, true)
        .forward(x, time, null, null, skips);
  }

  private static Tensor middle(SeededNoise noise) {
    Tensor x = hidden(noise);
    Tensor time = time(noise);
    return VaeMidBlock.of(Weights.random(noise), RESNET, 32).forward(x, time);
  }

  private static Tensor middleWithText(SeededNoise noise) {
    Tensor x = hidden(noise);
    Tensor time = time(noise);
    return MidBlock.of(Weights.random(noise), RESNET, CROSS).forward(x, time, null, null);
  }

  private static Tensor up(SeededNoise noise, Transformer2D.Config attention) {
    Tensor x = hidden(noise);
    Tensor time = time(noise);
    try (SeededNoise again = new SeededNoise(1)) { // the generator is seeded anew for the skip
      Deque<Tensor> skips = new ArrayDeque<>(List.of(hidden(again)));
      return UpBlock.of(Weights.random(again), List.of(WITH_SKIP), attention, true)
          .forward(x, time, null, null, skips);
    }
  }

  private static Tensor encoder(SeededNoise noise) {
    Tensor x = hidden(noise);
    return EncoderBlock.of(Weights.random(noise), TIMELESS, 1, EncoderBlock.Halving.SYMMETRIC)
        .forward(x);
  }

  private static Tensor decoder(SeededNoise noise) {
    Tensor x = hidden(noise);
    return DecoderBlock.of(Weights.random(noise), TIMELESS, 1, true).forward(x);
  }
}
