package org.syntagen.diffusion.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.syntagen.dataset.InputException;

class ModelFilesTest {
  private static final List<String> CONFIGS =
      List.of(
          "model_index.json",
          "scheduler/scheduler_config.json",
          "tokenizer/vocab.json",
          "tokenizer/merges.txt",
          "text_encoder/config.json",
          "unet/config.json",
          "vae/config.json");

  /** The chosen files of the U-Net, the rest of the model being as usual. */
  private static List<String> chosen(String... unet) {
    StringBuilder json = new StringBuilder("{\"siblings\":[");
    CONFIGS.forEach(path -> json.append(entry(path)).append(','));
    for (String name : unet) {
      json.append(entry("unet/" + name)).append(',');
    }
    json.append(entry("vae/diffusion_pytorch_model.bin")).append(',');
    json.append(entry("text_encoder/pytorch_model.bin")).append("]}");
    byte[] answer = json.toString().getBytes(StandardCharsets.UTF_8);
    return ModelFiles.of(Listing.parse(answer, "main", "test"), "a/b").stream()
        .map(HubFile::path)
        .filter(path -> path.startsWith("unet/") && !path.equals("unet/config.json"))
        .map(path -> path.substring("unet/".length()))
        .toList();
  }

  private static String entry(String path) {
    return "{\"rfilename\":\"%s\",\"size\":3,\"blobId\":\"%s\"}".formatted(path, "0".repeat(40));
  }

  @Test
  void ofEachPartThereIsOneFormat() {
    String safetensors = "diffusion_pytorch_model.safetensors";
    String bin = "diffusion_pytorch_model.bin";
    String half = "diffusion_pytorch_model.fp16.safetensors";
    String halfBin = "diffusion_pytorch_model.fp16.bin";
    String ema = "diffusion_pytorch_model.non_ema.safetensors";
    assertThat(chosen(halfBin, half, bin, ema, safetensors)).containsExactly(safetensors);
    assertThat(chosen(halfBin, half, bin, ema)).containsExactly(bin);
    assertThat(chosen(halfBin, ema, half)).containsExactly(half);
    assertThat(chosen(halfBin)).containsExactly(halfBin);
  }

  @Test
  void shardsComeWithTheirIndexAfterThem() {
    String index = "diffusion_pytorch_model.safetensors.index.json";
    String halfIndex = "diffusion_pytorch_model.safetensors.index.fp16.json";
    String first = "diffusion_pytorch_model-00001-of-00002.safetensors";
    String second = "diffusion_pytorch_model-00002-of-00002.safetensors";
    String half = "diffusion_pytorch_model.fp16-00001-of-00001.safetensors";
    assertThat(chosen(index, halfIndex, half, first, second)).containsExactly(first, second, index);
    assertThat(chosen(halfIndex, half)).containsExactly(half, halfIndex);
    assertThatExceptionOfType(InputException.class)
        .isThrownBy(() -> chosen(index, first))
        .withMessageContaining("1 of 2 shards");
  }

  @Test
  void aModelWithoutWeightsThatAreReadIsRefused() {
    assertThatExceptionOfType(InputException.class)
        .isThrownBy(() -> chosen("diffusion_flax_model.msgpack", "model.onnx"))
        .withMessageContaining("a/b has no unet/diffusion_pytorch_model.safetensors");
  }
}
