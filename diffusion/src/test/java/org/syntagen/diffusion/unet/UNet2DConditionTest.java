package org.syntagen.diffusion.unet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.syntagen.diffusion.Corner;
import org.syntagen.tensor.NoGrad;
import org.syntagen.tensor.Scope;
import org.syntagen.tensor.SeededNoise;
import org.syntagen.tensor.StateDict;
import org.syntagen.tensor.Tensors;
import org.syntagen.tensor.Threads;
import org.syntagen.tensor.Weights;

/**
 * Whole U-Nets with weights from seed 0. The expected values were derived with an independent
 * implementation that reproduces diffusers' own block and pipeline tests.
 */
class UNet2DConditionTest {
  private static final double TOLERANCE = 1e-4;

  /** The one of diffusers' tests/pipelines/stable_diffusion/test_stable_diffusion.py. */
  private static final UNetConfig SD1 =
      new UNetConfig(
          32, 4, List.of(4, 8), List.of(false, true), 1, List.of(8, 8), 8, 2, 1e-5, false);

  /** The one of diffusers' tests/pipelines/stable_diffusion_2/test_stable_diffusion.py. */
  private static final UNetConfig SD2 =
      new UNetConfig(
          32, 4, List.of(32, 64), List.of(false, true), 2, List.of(2, 4), 32, 32, 1e-5, true);

  @BeforeAll
  static void useOneThread() {
    Threads.set(1, 1); // the tensors are small, and more threads wait for each other
  }

  @Test
  void aUNetInStableDiffusion1sStylePredictsWhatTheReferencePredicts() {
    assertPrediction(
        SD1, "-.29923 .95634 .18772 .41486 .39898 -.38450 .59684 .02577 -.44308", .303419);
  }

  @Test
  void aUNetInStableDiffusion2sStylePredictsWhatTheReferencePredicts() {
    assertPrediction(
        SD2, "-.39033 .03509 -.08829 .17819 .23032 -.24713 -.24817 -.03471 .06056", .251934);
  }

  private static void assertPrediction(UNetConfig config, String corner, double meanAbsolute) {
    try (NoGrad noGrad = new NoGrad();
        Scope scope = new Scope();
        SeededNoise noise = new SeededNoise(0);
        SeededNoise latents = new SeededNoise(0);
        SeededNoise texts = new SeededNoise(1)) {
      UNet2DCondition unet = new UNet2DCondition(Weights.random(noise), config);
      Tensor latent = latents.normal(1, 4, 32, 32);
      Tensor text = texts.normal(1, 77, config.crossAttentionDim());
      Tensor prediction = unet.forward(latent, Tensors.full(500, 1), text, null);
      Corner.assertClose(prediction, corner, TOLERANCE);
      assertThat(prediction.abs().mean().item_double()).isCloseTo(meanAbsolute, within(TOLERANCE));
    }
  }

  /** The upsampler goes to the size of the skip connection, as upstream's does. */
  @Test
  void latentsOfOddSizesKeepTheirSize() {
    try (NoGrad noGrad = new NoGrad();
        Scope scope = new Scope();
        SeededNoise noise = new SeededNoise(0)) {
      UNet2DCondition unet = new UNet2DCondition(Weights.random(noise), SD1);
      Tensor latent = noise.normal(2, 4, 9, 5);
      Tensor prediction = unet.forward(latent, Tensors.full(1, 2), noise.normal(2, 3, 8), null);
      assertThat(Tensors.shape(prediction)).containsExactly(2, 4, 9, 5);
    }
  }

  @Test
  void tensorsHaveTheNamesOfPublicCheckpoints() {
    try (SeededNoise noise = new SeededNoise(0)) {
      Weights random = Weights.random(noise);
      new UNet2DCondition(random, SD1);
      try (StateDict state = random.state()) {
        assertThat(state.names())
            .contains(
                "conv_in.weight",
                "time_embedding.linear_1.weight",
                "time_embedding.linear_2.bias",
                "down_blocks.0.resnets.0.time_emb_proj.weight",
                "down_blocks.0.downsamplers.0.conv.weight",
                "down_blocks.1.resnets.0.conv_shortcut.weight",
                "down_blocks.1.attentions.0.proj_in.weight",
                "down_blocks.1.attentions.0.transformer_blocks.0.attn1.to_q.weight",
                "down_blocks.1.attentions.0.transformer_blocks.0.attn2.to_out.0.bias",
                "down_blocks.1.attentions.0.transformer_blocks.0.ff.net.0.proj.weight",
                "down_blocks.1.attentions.0.transformer_blocks.0.ff.net.2.bias",
                "mid_block.attentions.0.norm.weight",
                "mid_block.resnets.1.norm2.bias",
                "up_blocks.0.attentions.1.proj_out.bias",
                "up_blocks.0.upsamplers.0.conv.bias",
                "up_blocks.1.resnets.1.conv_shortcut.bias",
                "conv_norm_out.weight",
                "conv_out.bias")
            .doesNotContain(
                "down_blocks.0.attentions.0.norm.weight",
                "down_blocks.1.downsamplers.0.conv.weight",
                "down_blocks.1.attentions.0.transformer_blocks.0.attn1.to_q.bias",
                "up_blocks.1.upsamplers.0.conv.bias");
        assertThat(state.get("down_blocks.1.attentions.0.proj_in.weight").dim()).isEqualTo(4);
      }
    }
  }
}
