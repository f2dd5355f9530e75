package org.syntagen.diffusion.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.syntagen.tensor.SafeTensors;
import org.syntagen.tensor.Scope;
import org.syntagen.tensor.StateDict;
import org.syntagen.tensor.Tensors;
import org.syntagen.tensor.WeightsException;

class TextualInversionTest {
  private static final float[] VECTORS = {1, 2, 3, -4, 0.5f, 6};
  private static final String PARAMETER = "ctorch._utils\n_rebuild_parameter\n(";
  private static final String DICT = "ccollections\nOrderedDict\n)R";

  @TempDir Path folder;

  private Path safetensors(String name, Map<String, Tensor> tensors) {
    Path file = folder.resolve(name);
    try (StateDict state = new StateDict("test")) {
      tensors.forEach(state::put);
      SafeTensors.write(file, state, Map.of());
    }
    return file;
  }

  private static Tensor vectors() {
    return Tensors.of(VECTORS, 2, 3);
  }

  // ---- layouts ----------------------------------------------------------------------------------

  @Test
  void aTensorOfDiffusersIsNamedLikeItsWord() {
    TextualInversion read =
        TextualInversion.read(
            safetensors("learned_embeds.safetensors", Map.of("<Cat-Toy>", vectors())));
    assertThat(read.word()).isEqualTo("<cat-toy>");
    assertThat(read.tensor()).isEqualTo("<Cat-Toy>");
    assertThat(read.width()).isEqualTo(3);
    assertThat(read.count()).isEqualTo(2);
    assertThat(read.vectors()).containsExactly(VECTORS);
    assertThat(read.fingerprint()).matches("[0-9a-f]{64}");
  }

  @Test
  void aSingleVectorNeedsNoFirstDimension() {
    TextualInversion read =
        TextualInversion.read(
            safetensors("a.safetensors", Map.of("<x>", Tensors.of(new float[] {1, 2, 3}, 3))));
    assertThat(read.count()).isOne();
    assertThat(read.width()).isEqualTo(3);
  }

  @Test
  void aFileOfTheWebUiIsNamedLikeItsWord() {
    TextualInversion read =
        TextualInversion.read(
            safetensors("Bad.Hands-5.safetensors", Map.of("emb_params", vectors())));
    assertThat(read.word()).isEqualTo("bad.hands-5");
    assertThat(read.vectors()).containsExactly(VECTORS);
  }

  @Test
  void filesOfTorchHaveBothLayouts() throws IOException {
    Path diffusers = torch("learned_embeds.bin", "}" + text("<x>") + tensor() + "s.");
    assertThat(TextualInversion.read(diffusers).word()).isEqualTo("<x>");
    assertThat(TextualInversion.read(diffusers).vectors()).containsExactly(VECTORS);

    String token = text("string_to_token") + "}" + text("*") + "M\t\1s"; // 265
    String param =
        text("string_to_param") + "}" + text("*") + PARAMETER + tensor() + "\u0088" + DICT + "tRs";
    String more = text("name") + text("other") + text("step") + "K\7" + text("none") + "N";
    Path webUi = torch("style.pt", "}(" + token + param + more + "u.");
    TextualInversion read = TextualInversion.read(webUi);
    assertThat(read.word()).isEqualTo("style");
    assertThat(read.tensor()).isEqualTo("string_to_param.*");
    assertThat(read.vectors()).containsExactly(VECTORS);
  }

  // ---- what is none -----------------------------------------------------------------------------

  @Test
  void otherLayoutsAreRefused() {
    Path two = safetensors("xl.safetensors", Map.of("clip_g", vectors(), "clip_l", vectors()));
    assertThatThrownBy(() -> TextualInversion.read(two))
        .isInstanceOf(WeightsException.class)
        .hasMessageStartingWith(two + ": no embedding of a known layout: it has 2 tensors")
        .hasMessageContaining("expected one tensor, or emb_params or string_to_param.*");
    Path none = safetensors("none.safetensors", Map.of());
    assertThatThrownBy(() -> TextualInversion.read(none)).hasMessageContaining("it has 0 tensors;");
    assertThatThrownBy(() -> TextualInversion.read(folder.resolve("nowhere.pt")))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("no such weight file");
  }

  @Test
  void tensorsThatAreNoVectorsAreRefused() {
    try (Scope scope = new Scope()) {
      for (Tensor wrong :
          new Tensor[] {
            Tensors.zeros(1, 2, 3),
            Tensors.zeros(),
            Tensors.zeros(0, 3),
            Tensors.of(new long[] {1, 2}, 2)
          }) {
        Path file = safetensors("wrong.safetensors", Map.of("<x>", wrong.clone()));
        assertThatThrownBy(() -> TextualInversion.read(file))
            .isInstanceOf(WeightsException.class)
            .hasMessageStartingWith(file + ": tensor <x> of shape [")
            .hasMessageEndingWith("expected [vectors, width] or [width] of floats");
      }
    }
    Path file =
        safetensors("nan.safetensors", Map.of("<x>", Tensors.of(new float[] {1, Float.NaN}, 2)));
    assertThatThrownBy(() -> TextualInversion.read(file))
        .hasMessageStartingWith(file + ": tensor <x> holds NaN");
    Path blank = safetensors("blank.safetensors", Map.of(" ", vectors()));
    assertThatThrownBy(() -> TextualInversion.read(blank)).hasMessageContaining("names no word");
  }

  @Test
  void aPickleThatRunsSomethingIsRefusedByName() throws IOException {
    Path hostile = torch("hostile.pt", "cos\nsystem\n" + text("true") + "\u0085R.");
    assertThatThrownBy(() -> TextualInversion.read(hostile))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("global os.system");
  }

  @Test
  void anEmbeddingOfAnotherModelIsRefused() {
    Path file = safetensors("a.safetensors", Map.of("emb_params", vectors()));
    TextualInversion read = TextualInversion.read(file);
    read.requireFits(3, 2);
    assertThatThrownBy(() -> read.requireFits(768, 75))
        .isInstanceOf(WeightsException.class)
        .hasMessage(
            file
                + ": tensor emb_params has vectors of width 3, the model's text encoder 768; take an"
                + " embedding that was trained for this model");
    assertThatThrownBy(() -> read.requireFits(3, 1))
        .isInstanceOf(WeightsException.class)
        .hasMessage(
            file + ": tensor emb_params has 2 vectors; a prompt of this model has room for 1");
  }

  // ---- files as torch.save writes them ----------------------------------------------------------

  /** A pickle's string; characters are bytes. */
  private static String text(String text) {
    return "X" + (char) text.length() + "\0\0\0" + text;
  }

  /** {@link #VECTORS} as [2, 3], all of storage 0. */
  private static String tensor() {
    return "ctorch._utils\n_rebuild_tensor_v2\n(("
        + text("storage")
        + "ctorch\nFloatStorage\n"
        + text("0")
        + text("cpu")
        + "K\6tQK\0K\2K\3\u0086K\3K\1\u0086\u0089"
        + DICT
        + "tR";
  }

  private Path torch(String name, String pickle) throws IOException {
    ByteBuffer data = ByteBuffer.allocate(4 * VECTORS.length).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : VECTORS) {
      data.putFloat(value);
    }
    ByteArrayOutputStream program = new ByteArrayOutputStream();
    program.write(0x80);
    program.write(2);
    program.writeBytes(pickle.getBytes(StandardCharsets.ISO_8859_1));
    Path file = folder.resolve(name);
    try (OutputStream out = Files.newOutputStream(file);
        ZipOutputStream zip = new ZipOutputStream(out)) {
      store(zip, "m/data.pkl", program.toByteArray());
      store(zip, "m/data/0", data.array());
    }
    return file;
  }

  private static void store(ZipOutputStream zip, String name, byte[] content) throws IOException {
    CRC32 crc = new CRC32();
    crc.update(content);
    ZipEntry entry = new ZipEntry(name);
    entry.setMethod(ZipEntry.STORED);
    entry.setSize(content.length);
    entry.setCrc(crc.getValue());
    zip.putNextEntry(entry);
    zip.write(content);
    zip.closeEntry();
  }
}
