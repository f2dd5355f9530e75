package org.syntagen.diffusion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.syntagen.dataset.InputException;
import org.syntagen.diffusion.ModelFolder.Loaded;
import org.syntagen.diffusion.ModelFolder.Part;
import org.syntagen.tensor.Dtype;
import org.syntagen.tensor.SafeTensors;
import org.syntagen.tensor.Scope;
import org.syntagen.tensor.SeededNoise;
import org.syntagen.tensor.StateDict;
import org.syntagen.tensor.Tensors;
import org.syntagen.tensor.Threads;
import org.syntagen.tensor.WeightsException;

/** LoRAs of a tiny random model, one for each kind of layer. */
class LoraTest {
  private static final int RANK = 2;
  private static final String LINEAR = "down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q";
  private static final String OUTPUT =
      "up_blocks.1.attentions.1.transformer_blocks.0.attn2.to_out.0";
  private static final String POINTWISE = "down_blocks.1.resnets.0.conv_shortcut";
  private static final String KERNEL = "conv_in";
  private static final String TEXT = "text_model.encoder.layers.1.self_attn.out_proj";

  @TempDir private Path root;
  private ModelFolder folder;
  private Path file;

  @BeforeEach
  void write() {
    Threads.set(1, 1); // the tensors are small, and more threads wait for each other
    folder = TinyModel.write(root.resolve("model"));
    file = root.resolve("lora.safetensors");
  }

  private Loaded load(double scale) {
    return folder.load(List.of(new Lora(file, scale)), Dtype.F32);
  }

  /** How a layer's two factors and its alpha are called. */
  private record Naming(String layer, String down, String up, String alpha) {
    static Naming kohya(String layer) {
      String flat = (layer.equals(TEXT) ? "lora_te_" : "lora_unet_") + layer.replace('.', '_');
      return new Naming(
          layer, flat + ".lora_down.weight", flat + ".lora_up.weight", flat + ".alpha");
    }

    static Naming peft(String layer) {
      String path = (layer.equals(TEXT) ? "text_encoder." : "unet.") + layer;
      return new Naming(layer, path + ".lora_A.weight", path + ".lora_B.weight", path + ".alpha");
    }

    static Naming processor(String layer) {
      String path =
          (layer.equals(TEXT) ? "text_encoder." : "unet.")
              + layer
                  .replace("attn1.to_q", "attn1.processor.to_q")
                  .replace("attn2.to_out.0", "attn2.processor.to_out")
                  .replace("self_attn.out_proj", "self_attn.to_out");
      return new Naming(
          layer, path + "_lora.down.weight", path + "_lora.up.weight", path + ".alpha");
    }
  }

  private long[] shape(String layer) {
    try (StateDict weights = folder.weights(layer.equals(TEXT) ? Part.TEXT_ENCODER : Part.UNET)) {
      return Tensors.shape(weights.get(layer + ".weight"));
    }
  }

  /** Adds factors that depend on the layer's shape alone, and alpha unless it is NaN. */
  private void put(StateDict lora, Naming name, double alpha) {
    long[] down = shape(name.layer);
    long[] up = new long[down.length];
    Arrays.fill(up, 1);
    up[0] = down[0];
    up[1] = RANK;
    down[0] = RANK;
    try (SeededNoise noise = new SeededNoise(1)) {
      lora.put(name.down, noise.normal(down));
      lora.put(name.up, noise.normal(up));
    }
    if (!Double.isNaN(alpha)) {
      lora.put(name.alpha, Tensors.full(alpha));
    }
  }

  private void writeFile(StateDict lora, Map<String, String> metadata) {
    SafeTensors.write(file, lora, metadata);
  }

  /** Most of a slight change is less than half a step between two numbers of BF16. */
  @Test
  void whatIsKeptInHalfTheMemoryIsRoundedAfterMerging() {
    try (StateDict lora = new StateDict("test")) {
      put(lora, Naming.kohya(LINEAR), 1);
      put(lora, Naming.kohya(TEXT), 1);
      writeFile(lora, Map.of());
      List<Lora> loras = List.of(new Lora(file, 0.01), new Lora(file, 0.01));
      try (Loaded wide = folder.load(loras, Dtype.F32);
          Loaded half = folder.load(loras, Dtype.BF16);
          Scope scope = new Scope()) {
        for (Part part : List.of(Part.TEXT_ENCODER, Part.UNET, Part.VAE)) {
          StateDict expected = wide.states().get(part.ordinal()).copyForUse(Dtype.BF16);
          StateDict found = half.states().get(part.ordinal());
          for (String name : expected.names()) {
            assertThat(Dtype.of(found.get(name))).isEqualTo(Dtype.of(expected.get(name)));
            assertThat(Tensors.floats(found.get(name)))
                .as(name)
                .isEqualTo(Tensors.floats(expected.get(name)));
          }
          expected.close();
        }
        float[] exact = Tensors.floats(wide.model().embed(List.of("a dog")));
        assertThat(Tensors.floats(half.model().embed(List.of("a dog"))))
            .containsExactly(exact, within(0.1f));
      }
    }
  }

  @Test
  void mergingAddsTheProductOfTheFactorsAndChangesNothingElse() {
    Map<String, Double> alphas = new LinkedHashMap<>();
    alphas.put(LINEAR, 1.0);
    alphas.put(POINTWISE, 0.5);
    alphas.put(KERNEL, 3.0);
    alphas.put(TEXT, Double.NaN); // then it is the rank
    try (StateDict lora = new StateDict("test")) {
      alphas.forEach((layer, alpha) -> put(lora, Naming.kohya(layer), alpha));
      writeFile(lora, Map.of());
      try (Loaded plain = folder.load();
          Loaded merged = load(0.7)) {
        for (Part part : List.of(Part.TEXT_ENCODER, Part.UNET, Part.VAE)) {
          StateDict before = plain.states().get(part.ordinal());
          StateDict after = merged.states().get(part.ordinal());
          for (String name : before.names()) {
            String layer = name.replaceAll("\\.weight$", "");
            float[] expected = Tensors.floats(before.get(name));
            if (name.endsWith(".weight") && alphas.containsKey(layer)) {
              Naming naming = Naming.kohya(layer);
              double alpha = alphas.get(layer).isNaN() ? RANK : alphas.get(layer);
              float[] change =
                  product(
                      Tensors.floats(lora.get(naming.up)), Tensors.floats(lora.get(naming.down)));
              for (int i = 0; i < expected.length; i++) {
                expected[i] += 0.7 * alpha / RANK * change[i];
              }
              assertThat(Tensors.floats(after.get(name))).containsExactly(expected, within(1e-5f));
              assertThat(expected).isNotEqualTo(Tensors.floats(before.get(name)));
            } else {
              assertThat(Tensors.floats(after.get(name))).as(name).isEqualTo(expected);
            }
          }
        }
      }
    }
  }

  /** [out, rank] · [rank, n], element by element. */
  private static float[] product(float[] up, float[] down) {
    int outputs = up.length / RANK;
    int n = down.length / RANK;
    float[] product = new float[outputs * n];
    for (int o = 0; o < outputs; o++) {
      for (int i = 0; i < n; i++) {
        for (int r = 0; r < RANK; r++) {
          product[o * n + i] += up[o * RANK + r] * down[r * n + i];
        }
      }
    }
    return product;
  }

  private List<String> mergedAs(Function<String, Naming> naming) {
    try (StateDict lora = new StateDict("test")) {
      for (String layer : List.of(LINEAR, OUTPUT, TEXT)) {
        put(lora, naming.apply(layer), 4);
      }
      writeFile(lora, Map.of());
    }
    try (Loaded merged = load(1)) {
      return merged.states().stream().map(StateDict::fingerprint).toList();
    }
  }

  @Test
  void everyNamingOfALoraGivesTheSameWeights() {
    List<String> kohya = mergedAs(Naming::kohya);
    assertThat(mergedAs(Naming::peft)).isEqualTo(kohya);
    assertThat(mergedAs(Naming::processor)).isEqualTo(kohya);
    try (Loaded plain = folder.load()) {
      assertThat(plain.states().get(0).fingerprint()).isNotEqualTo(kohya.get(0));
      assertThat(plain.states().get(1).fingerprint()).isNotEqualTo(kohya.get(1));
      assertThat(plain.states().get(2).fingerprint()).isEqualTo(kohya.get(2));
    }
  }

  @Test
  void aMatrixMayChangeAPointwiseConvolution() {
    try (StateDict lora = new StateDict("test")) {
      put(lora, Naming.peft(POINTWISE), Double.NaN);
      writeFile(lora, Map.of());
      String squared = weights();
      try (StateDict matrices = new StateDict("test");
          Scope scope = new Scope()) {
        for (String name : lora.names()) {
          matrices.put(name, lora.get(name).flatten(1, -1).clone());
        }
        writeFile(matrices, Map.of());
      }
      assertThat(weights()).isEqualTo(squared);
    }
  }

  private String weights() {
    try (Loaded merged = load(1)) {
      return merged.states().get(Part.UNET.ordinal()).fingerprint();
    }
  }

  @Test
  void diffusersMetadataGivesAlphaWhereNoTensorDoes() {
    try (StateDict lora = new StateDict("test");
        StateDict without = new StateDict("test")) {
      put(lora, Naming.peft(LINEAR), 6);
      put(without, Naming.peft(LINEAR), Double.NaN);
      writeFile(lora, Map.of());
      String expected = weights();
      writeFile(without, Map.of("lora_adapter_metadata", "{\"unet.lora_alpha\": 6}"));
      assertThat(weights()).isEqualTo(expected);
      writeFile(without, Map.of());
      assertThat(weights()).isNotEqualTo(expected);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"unet.use_rslora\": true}          | sets unet.use_rslora, which cannot be merged",
        "{\"unet.alpha_pattern\": {\"a\": 1}} | sets unet.alpha_pattern, which cannot be merged",
        "{                                    | is not valid JSON"
      })
  void metadataThatChangesTheFormulaIsRefused(String metadata, String complaint) {
    try (StateDict lora = new StateDict("test")) {
      put(lora, Naming.peft(LINEAR), Double.NaN);
      writeFile(lora, Map.of("lora_adapter_metadata", metadata));
      assertRefused(file.toString(), complaint);
    }
  }

  @Test
  void theFingerprintTellsWhatIsMerged() {
    try (StateDict lora = new StateDict("test")) {
      put(lora, Naming.kohya(LINEAR), 1);
      writeFile(lora, Map.of());
      try (Loaded plain = folder.load();
          Loaded merged = load(1);
          Loaded half = load(0.5);
          Loaded again = load(1)) {
        assertThat(plain.loras()).isEmpty();
        assertThat(half.loras()).containsExactly(new Lora.Merged(lora.fingerprint(), 0.5));
        assertThat(List.of(plain.fingerprint(), merged.fingerprint(), half.fingerprint()))
            .doesNotHaveDuplicates();
        assertThat(again.fingerprint()).isEqualTo(merged.fingerprint());
      }
      try (Loaded both =
              folder.load(List.of(new Lora(file, 0.25), new Lora(file, 0.75)), Dtype.F32);
          Loaded merged = load(1)) {
        String name = LINEAR + ".weight";
        assertThat(Tensors.floats(both.states().get(1).get(name)))
            .containsExactly(Tensors.floats(merged.states().get(1).get(name)), within(1e-6f));
        assertThat(both.loras()).hasSize(2);
      }
    }
  }

  @Test
  void whatDoesNotFitIsNamed() {
    Naming name = Naming.kohya(LINEAR);
    long[] shape = shape(LINEAR);
    refused(name.down, Tensors.zeros(RANK, shape[1]), null, null, name.down + " is alone");
    refused(name.up, Tensors.zeros(shape[0], RANK), null, null, "down factor is missing");
    refused(name.alpha, Tensors.full(1), null, null, name.alpha + " is alone");
    Tensor down = Tensors.zeros(RANK, shape[1]);
    refused(
        name.down, down, name.up, Tensors.zeros(shape[0], 3), "has shape [8, 3], expected [8, 2]");
    refused(
        name.down,
        Tensors.zeros(RANK, 5),
        name.up,
        Tensors.zeros(shape[0], RANK),
        "has shape [2, 5], expected [2, 8] for a weight of shape [8, 8]");
    refused(
        name.down,
        Tensors.zeros(),
        name.up,
        Tensors.zeros(shape[0], RANK),
        "has shape [], expected [1, 8]");
    refused(
        name.down,
        Tensors.of(new long[RANK * 8], RANK, 8),
        name.up,
        Tensors.zeros(shape[0], RANK),
        "has dtype I64, expected floating-point numbers");
    String elsewhere = "lora_te1_text_model_encoder_layers_0_mlp_fc1.lora_down.weight";
    refused(elsewhere, Tensors.zeros(2, 2), null, null, "is the LoRA for another model?");
    refused("lora_unet_conv_in.hada_w1_a", Tensors.zeros(2, 2), null, null, "without DoRA, LoHa");
    String twice = "unet." + LINEAR + ".lora_A.weight";
    refused(name.down, down, twice, down.clone(), "changes the same layer as");
  }

  private void refused(String name, Tensor tensor, String other, Tensor second, String complaint) {
    try (StateDict lora = new StateDict("test")) {
      lora.put(name, tensor.clone());
      if (other != null) {
        lora.put(other, second.clone());
      }
      writeFile(lora, Map.of());
      assertRefused(file.toString(), complaint);
    }
  }

  private void assertRefused(String... fragments) {
    assertThatThrownBy(() -> load(1).close())
        .isInstanceOf(WeightsException.class)
        .hasMessageContainingAll(fragments)
        .hasMessageNotContaining("\n");
  }

  @Test
  void anAlphaIsOneNumber() {
    for (Tensor alpha : List.of(Tensors.zeros(2), Tensors.full(Double.NaN))) {
      try (StateDict lora = new StateDict("test")) {
        Naming name = Naming.kohya(LINEAR);
        put(lora, name, Double.NaN);
        lora.put(name.alpha, alpha);
        writeFile(lora, Map.of());
        assertRefused(name.alpha, "number");
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "style.safetensors, style.safetensors, 1",
    "a/style.bin:0.5, a/style.bin, 0.5",
    "style:-1, style, -1",
    "style:1e-1, style, 0.1",
    "two:2:.5, two:2, 0.5",
    "style:v2, style:v2, 1"
  })
  void aLoraIsWrittenWithItsScale(String text, Path expected, double scale) {
    assertThat(Lora.parse(text)).isEqualTo(new Lora(expected, scale));
  }

  @ParameterizedTest
  @ValueSource(strings = {"style:1e999", "style:-1e999"})
  void aScaleIsFinite(String text) {
    assertThatThrownBy(() -> Lora.parse(text))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("expected a number");
  }
}
