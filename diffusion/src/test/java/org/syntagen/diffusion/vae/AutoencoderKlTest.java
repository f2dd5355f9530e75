package org.syntagen.diffusion.vae;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.syntagen.diffusion.Corner;
import org.syntagen.tensor.NoGrad;
import org.syntagen.tensor.Ops;
import org.syntagen.tensor.Scope;
import org.syntagen.tensor.SeededNoise;
import org.syntagen.tensor.StateDict;
import org.syntagen.tensor.Tensors;
import org.syntagen.tensor.Threads;
import org.syntagen.tensor.Weights;

/**
 * The autoencoder of diffusers' tests/pipelines/stable_diffusion/test_stable_diffusion.py with
 * weights from seed 0. The expected values were derived with an independent implementation that
 * reproduces diffusers' own block and pipeline tests.
 */
class AutoencoderKlTest {
  private static final double TOLERANCE = 1e-4;
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

  @Test
  void decodingIsThatOfTheReference() {
    Tensor image = vae.decode(inputs.normal(1, 4, 32, 32));
    assertThat(Tensors.shape(image)).containsExactly(1, 3, 64, 64);
    Corner.assertClose(
        image, "-.25868 -.07363 .30486 -.00872 -.37721 .04013 .19407 -.15537 -.09230", TOLERANCE);
    assertThat(image.abs().mean().item_double()).isCloseTo(.271289, within(TOLERANCE));
  }

  @Test
  void encodingIsThatOfTheReference() {
    Tensor moments = vae.moments(inputs.normal(1, 3, 64, 64));
    assertThat(Tensors.shape(moments)).containsExactly(1, 8, 32, 32);
    Corner.assertClose(
        moments,
        "-.64670 -.63776 -.58789 -.65242 -.55759 -.50125 -.36585 -.35037 -.28696",
        TOLERANCE);
    assertThat(moments.abs().mean().item_double()).isCloseTo(.200455, within(TOLERANCE));
  }

  @Test
  void theFirstHalfOfTheMomentsIsTheMeanAndTheSecondTheLogVariance() {
    Tensor image = inputs.normal(2, 3, 16, 8);
    Tensor moments = vae.moments(image);
    AutoencoderKl.Posterior posterior = vae.encode(image);
    assertThat(Tensors.floats(posterior.mean()))
        .containsExactly(Tensors.floats(moments.narrow(1, 0, 4)));
    assertThat(Tensors.floats(posterior.logVariance()))
        .containsExactly(Tensors.floats(moments.narrow(1, 4, 4)));
    assertThat(Tensors.shape(posterior.mean())).containsExactly(2, 4, 8, 4);
  }

  @Test
  void logVariancesAreClamped() {
    Ops.addInPlace(state.get("quant_conv.bias"), Tensors.full(1000, 8), 1);
    Tensor image = inputs.normal(1, 3, 8, 8);
    assertThat(Tensors.floats(vae.encode(image).logVariance())).containsOnly(20);
    Ops.addInPlace(state.get("quant_conv.bias"), Tensors.full(1000, 8), -2);
    assertThat(Tensors.floats(vae.encode(image).logVariance())).containsOnly(-30);
  }

  @Test
  void aSampleIsTheMeanPlusNoiseOfTheStandardDeviation() {
    Tensor mean = Tensors.of(new float[] {1, 2}, 2);
    Tensor logVariance = Tensors.of(new float[] {0, (float) Math.log(9)}, 2);
    Tensor noise = Tensors.of(new float[] {10, -1}, 2);
    assertThat(Tensors.floats(new AutoencoderKl.Posterior(mean, logVariance).sample(noise)))
        .containsExactly(new float[] {11, -1}, within(1e-5f));
  }

  @Test
  void tensorsHaveTheNamesOfPublicCheckpoints() {
    assertThat(state.names())
        .contains(
            "encoder.conv_in.weight",
            "encoder.down_blocks.0.resnets.0.norm1.weight",
            "encoder.down_blocks.0.downsamplers.0.conv.bias",
            "encoder.down_blocks.1.resnets.0.conv_shortcut.weight",
            "encoder.mid_block.attentions.0.group_norm.weight",
            "encoder.mid_block.attentions.0.to_q.bias",
            "encoder.conv_norm_out.bias",
            "encoder.conv_out.weight",
            "decoder.mid_block.attentions.0.to_out.0.bias",
            "decoder.up_blocks.0.resnets.1.conv2.weight",
            "decoder.up_blocks.0.upsamplers.0.conv.weight",
            "decoder.conv_out.bias",
            "quant_conv.weight",
            "post_quant_conv.bias")
        .noneMatch(name -> name.contains("time_emb_proj"));
  }
}
