package org.syntagen.diffusion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.syntagen.dataset.InputException;
import org.syntagen.diffusion.ModelFolder.Loaded;
import org.syntagen.diffusion.checkpoint.Architecture;
import org.syntagen.diffusion.checkpoint.LdmCheckpoint;
import org.syntagen.diffusion.checkpoint.ShapeConfigs;
import org.syntagen.diffusion.scheduler.Prediction;
import org.syntagen.diffusion.text.ClipTextConfig;
import org.syntagen.tensor.Dtype;
import org.syntagen.tensor.Ops;
import org.syntagen.tensor.SafeTensors;
import org.syntagen.tensor.StateDict;
import org.syntagen.tensor.Tensors;
import org.syntagen.tensor.Threads;
import org.syntagen.tensor.WeightsException;

class SingleFileTest {
  private static final Consumer<StateDict> AS_IT_IS = all -> {};

  @TempDir private Path temporary;
  private Path file;

  @BeforeEach
  void name() {
    Threads.set(1, 1); // the tensors are small, and more threads wait for each other
    file = temporary.resolve("model.ckpt");
    LdmModel.writeTokenizer(temporary.resolve("tokenizer"));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void bothLayoutsOfAModelAreTheSameModel(boolean second) {
    LdmModel tiny = second ? LdmModel.second() : LdmModel.first();
    tiny.writeFile(file, Dtype.F16, "", AS_IT_IS);
    ModelFolder folder = tiny.writeFolder(temporary.resolve("folder"), Dtype.F16);
    try (Loaded one = SingleFile.of(file).load();
        Loaded two = folder.load()) {
      assertThat(one.fingerprint()).isEqualTo(two.fingerprint());
      for (int i = 0; i < 3; i++) {
        StateDict state = one.states().get(i);
        StateDict other = two.states().get(i);
        assertThat(state.names()).containsExactlyInAnyOrderElementsOf(other.names());
        assertThat(state.fingerprint()).isEqualTo(other.fingerprint());
        assertThat(state.names()).allMatch(name -> Dtype.of(state.get(name)) == Dtype.F32);
      }
      assertThat(one.model().unet().config()).isEqualTo(tiny.unet);
      assertThat(one.model().vae().config()).isEqualTo(tiny.vae);
      assertThat(one.model().tokenizer().padId())
          .isEqualTo(second ? 0 : one.model().tokenizer().endId());
      assertThat(textConfig()).isEqualTo(tiny.text);
      ModelInspection inspection = ModelInspection.of(file);
      assertThat(inspection.loadable()).isTrue();
      assertThat(inspection.fingerprint()).isEqualTo(one.fingerprint());
      assertThat(ModelInspection.of(temporary.resolve("folder")).parts())
          .isEqualTo(inspection.parts());
      if (!second) { // the folder's tokenizer pads as generation 1 does
        assertThat(embedding(one)).containsExactly(embedding(two));
      }
    }
  }

  private ClipTextConfig textConfig() {
    try (StateDict stored = SafeTensors.read(file)) {
      LdmCheckpoint checkpoint = new LdmCheckpoint(stored);
      try (StateDict text = checkpoint.text()) {
        return ShapeConfigs.text(text, checkpoint.architecture());
      }
    }
  }

  private static float[] embedding(Loaded loaded) {
    return Tensors.floats(loaded.model().embed(List.of("a cat")));
  }

  @Test
  void anInspectionListsWhatIsWrong() {
    LdmModel.first()
        .writeFile(
            file,
            Dtype.F16,
            "",
            all -> {
              all.put("model.diffusion_model.surplus", Tensors.zeros(1));
              all.put("model_ema.diffusion_modelinput_blocks00weight", Tensors.zeros(1));
            });
    drop("first_stage_model.decoder.norm_out.bias");
    ModelInspection inspection = ModelInspection.of(file);
    assertThat(inspection.architecture()).isEqualTo(Architecture.STABLE_DIFFUSION_1);
    assertThat(inspection.loadable()).isFalse();
    assertThat(inspection.ema()).isTrue();
    assertThat(inspection.parts().get(0).fits()).isTrue();
    assertThat(inspection.parts().get(1).unexpected()).containsExactly("surplus");
    assertThat(inspection.parts().get(1).missing()).isEmpty();
    assertThat(inspection.parts().get(2).missing()).containsExactly("decoder.conv_norm_out.bias");
    assertThat(inspection.parts().get(2).contents().dtypes()).containsOnlyKeys(Dtype.F16);
    try (StateDict state = new StateDict("test")) {
      state.put("lora_te.lora_up.weight", Tensors.zeros(3));
      SafeTensors.write(file, state, Map.of());
      inspection = ModelInspection.of(file);
      assertThat(inspection.architecture()).isEqualTo(Architecture.LORA);
      assertThat(inspection.contents().parameters()).isEqualTo(3);
      assertThat(inspection.fingerprint()).isEqualTo(state.fingerprint());
    }
  }

  @Test
  void tensorsMayLieUnderStateDict() {
    LdmModel.first().writeFile(file, Dtype.F32, "", AS_IT_IS);
    String plain = fingerprint(SingleFile.of(file));
    LdmModel.first().writeFile(file, Dtype.F32, "state_dict.", AS_IT_IS);
    assertThat(fingerprint(SingleFile.of(file))).isEqualTo(plain);
  }

  @Test
  void theMovingAverageIsLoadedOnRequest() {
    LdmModel tiny = LdmModel.first();
    tiny.writeFile(
        file,
        Dtype.F32,
        "",
        all -> {
          for (String name : List.copyOf(all.names())) {
            if (name.startsWith("model.diffusion_model.")) {
              String flat = name.substring("model.".length()).replace(".", "");
              all.put("model_ema." + flat, Ops.plus(all.get(name), 1));
            }
          }
          all.put("model_ema.decay", Tensors.zeros());
        });
    try (Loaded loaded = SingleFile.of(file).load();
        Loaded average = withEma().load()) {
      StateDict unet = loaded.states().get(1);
      assertThat(average.states().get(1).names()).isEqualTo(unet.names());
      float[] usual = Tensors.floats(unet.get("conv_in.bias"));
      float[] moved = Tensors.floats(average.states().get(1).get("conv_in.bias"));
      assertThat(moved[0]).isEqualTo(usual[0] + 1);
    }
    tiny.writeFile(file, Dtype.F32, "", AS_IT_IS);
    assertRefused(withEma(), WeightsException.class, "has no moving average (model_ema.…)");
  }

  private SingleFile withEma() {
    return new SingleFile(file, Optional.empty(), true, Optional.empty());
  }

  /** A last convolution that shifts the answer far down is what a velocity looks like. */
  @Test
  void secondGenerationModelsShowWhatTheyPredict() {
    LdmModel.second().writeFile(file, Dtype.F32, "", all -> shift(all, 0));
    try (Loaded loaded = SingleFile.of(file).load()) {
      assertThat(loaded.model().nativeSize()).isEqualTo(128);
    }
    LdmModel.second().writeFile(file, Dtype.F32, "", all -> shift(all, -9));
    try (Loaded loaded = SingleFile.of(file).load()) {
      assertThat(loaded.model().nativeSize()).isEqualTo(192);
    }
    SingleFile told =
        new SingleFile(file, Optional.empty(), false, Optional.of(Prediction.EPSILON));
    try (Loaded loaded = told.load()) {
      assertThat(loaded.model().nativeSize()).isEqualTo(128);
    }
  }

  private static void shift(StateDict all, double by) {
    Ops.addInPlace(all.get("model.diffusion_model.out.2.bias"), Tensors.full(by, 4), 1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "conditioner.embedders.0.x | Stable Diffusion XL",
        "model.diffusion_model.joint_blocks.0.x | Stable Diffusion 3",
        "model.diffusion_model.double_blocks.0.x | FLUX",
        "control_model.input_blocks.0.0.weight | a ControlNet",
        "lora_unet_down_blocks_0.lora_down.weight | a LoRA",
        "conv_in.weight | one part of a model in diffusers' layout",
        "anything | no model of a known kind",
      })
  void otherModelsAreRefusedByName(String tensor, String kind) {
    try (StateDict state = new StateDict("test")) {
      state.put(tensor, Tensors.zeros(1));
      SafeTensors.write(file, state, Map.of());
    }
    assertRefused(SingleFile.of(file), WeightsException.class, "this is " + kind);
  }

  @ParameterizedTest
  @CsvSource({"9, inpainting", "8, InstructPix2Pix", "7, upscaler", "5, depth-conditioned"})
  void uNetsThatTakeMoreChannelsAreRefusedByName(int channels, String kind) {
    try (StateDict state = new StateDict("test")) {
      state.put("model.diffusion_model.input_blocks.0.0.weight", Tensors.zeros(8, channels, 3, 3));
      SafeTensors.write(file, state, Map.of());
    }
    assertRefused(SingleFile.of(file), WeightsException.class, kind);
  }

  @Test
  void whatIsMissingIsNamed() {
    LdmModel.first().writeFile(file, Dtype.F32, "", AS_IT_IS);
    Path nowhere = temporary.resolve("nowhere");
    assertRefused(
        new SingleFile(file, Optional.of(nowhere), false, Optional.empty()),
        InputException.class,
        nowhere + ": no such tokenizer folder");
    drop("cond_stage_model.transformer.text_model.final_layer_norm.bias");
    assertRefused(
        SingleFile.of(file),
        WeightsException.class,
        "(text encoder): tensor text_model.final_layer_norm.bias is missing");
    LdmModel.first().writeFile(file, Dtype.F32, "", AS_IT_IS);
    drop("model.diffusion_model.middle_block.1.proj_in.weight");
    assertRefused(
        SingleFile.of(file),
        WeightsException.class,
        "(U-Net): tensor mid_block.attentions.0.proj_in.weight is missing");
    LdmModel.first()
        .writeFile(
            file,
            Dtype.F32,
            "",
            all -> all.put("model.diffusion_model.input_blocks.9.1.extra", Tensors.zeros(1)));
    assertRefused(
        SingleFile.of(file), WeightsException.class, "does not belong to this architecture");
    assertRefused(
        SingleFile.of(nowhere), WeightsException.class, nowhere + ": no such weight file");
  }

  private void drop(String tensor) {
    try (StateDict all = SafeTensors.read(file);
        StateDict fewer = all.derived("test")) {
      all.names().stream().filter(n -> !n.equals(tensor)).forEach(n -> fewer.share(n, all.get(n)));
      SafeTensors.write(file, fewer, Map.of());
    }
  }

  private static String fingerprint(SingleFile file) {
    try (Loaded loaded = file.load()) {
      return loaded.fingerprint();
    }
  }

  private void assertRefused(
      SingleFile single, Class<? extends RuntimeException> type, String message) {
    assertThatThrownBy(() -> single.load().close())
        .isExactlyInstanceOf(type)
        .hasMessageContaining(message)
        .hasMessageContaining(temporary.toString())
        .hasMessageNotContainingAny("\n", "\r");
  }
}
