package org.syntagen.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StateDictTest {
  private StateDict state;

  @BeforeEach
  void make() {
    state = new StateDict("a.safetensors");
  }

  @AfterEach
  void close() {
    state.close();
  }

  @Test
  void tensorsAreFoundByNameInInsertionOrder() {
    state.put("b", Tensors.zeros(2, 3));
    state.put("a", Tensors.zeros(4));
    assertThat(state.names()).containsExactly("b", "a");
    assertThat(state.size()).isEqualTo(2);
    assertThat(state.elements()).isEqualTo(10);
    assertThat(state.contains("a")).isTrue();
    assertThat(state.contains("c")).isFalse();
    assertThat(Tensors.shape(state.get("b"))).containsExactly(2, 3);
  }

  @Test
  void aMissingTensorIsNamedWithItsFile() {
    assertThatThrownBy(() -> state.get("conv_in.weight"))
        .isInstanceOf(WeightsException.class)
        .hasMessage("a.safetensors: tensor conv_in.weight is missing");
  }

  @Test
  void aNameCannotBeGivenTwice() {
    state.put("a", Tensors.zeros(1));
    assertThatThrownBy(() -> state.put("a", Tensors.zeros(1)))
        .isInstanceOf(WeightsException.class)
        .hasMessage("a.safetensors: tensor a appears twice");
  }

  @Test
  void itsTensorsOutliveScopesAndEndWithIt() {
    Tensor tensor;
    try (Scope scope = new Scope()) {
      tensor = Tensors.zeros(1);
      state.put("a", tensor);
    }
    assertThat(state.get("a").numel()).isEqualTo(1);
    state.close();
    assertThat(state.names()).isEmpty();
    assertThatThrownBy(tensor::numel).isInstanceOf(NullPointerException.class);
  }

  @Test
  void aSharedTensorIsTheSameMemoryAndEitherMayBeClosedFirst() {
    state.put("a", Tensors.zeros(2));
    try (StateDict other = new StateDict("other")) {
      other.share("b", state.get("a"));
      Ops.addInPlace(state.get("a"), Tensors.full(1, 2), 1);
      state.close();
      assertThat(Tensors.floats(other.get("b"))).containsExactly(1, 1);
    }
  }

  @Test
  void sharedLeavesHaveTheSameMemoryAndGradientsOfTheirOwn() {
    state.put("a", Tensors.full(3, 2));
    try (Scope scope = new Scope();
        StateDict one = state.sharedLeaves();
        StateDict two = state.sharedLeaves()) {
      one.get("a").square().sum().backward();
      assertThat(Tensors.floats(one.get("a").grad())).containsExactly(6, 6);
      assertThat(two.get("a").grad().defined()).isFalse();
      try (NoGrad noGrad = new NoGrad()) {
        Ops.scaleInPlace(one.get("a"), 2);
      }
      assertThat(Tensors.floats(two.get("a"))).containsExactly(6, 6);
      assertThat(Tensors.floats(state.get("a"))).containsExactly(6, 6);
    }
  }

  @Test
  void aCopyIsIndependentAndConvertsFloatingTensorsAlone() {
    state.put("a", Tensors.full(1.5, 2));
    state.put("count", Tensors.of(new long[] {1L << 40}, 1));
    try (StateDict half = state.copy(Dtype.F16);
        StateDict same = state.copy(Dtype.F32)) {
      Ops.scaleInPlace(state.get("a"), 2);
      assertThat(Dtype.of(half.get("a"))).isEqualTo(Dtype.F16);
      assertThat(Tensors.floats(half.get("a"))).containsExactly(1.5f, 1.5f);
      assertThat(Tensors.floats(same.get("a"))).containsExactly(1.5f, 1.5f);
      assertThat(Tensors.longs(half.get("count"))).containsExactly(1L << 40);
    }
  }

  @Test
  void theFingerprintDoesNotDependOnOrderOriginOrLayout() {
    state.put("a", Tensors.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3));
    state.put("b", Tensors.zeros(0, 3));
    try (StateDict other = new StateDict("b.safetensors")) {
      other.put("b", Tensors.zeros(0, 3));
      other.put("a", Tensors.of(new float[] {1, 4, 2, 5, 3, 6}, 3, 2).transpose(0, 1));
      assertThat(other.fingerprint()).isEqualTo(state.fingerprint()).matches("[0-9a-f]{64}");
    }
  }

  @Test
  void theFingerprintSurvivesSaving(@TempDir Path folder) {
    state.put("b", Tensors.of(new float[] {1, -0f, Float.NaN}, 3));
    state.put("a", Tensors.of(new long[] {7}, 1, 1));
    state.put("scalar", Tensors.of(new float[] {2}));
    Path one = folder.resolve("one.safetensors");
    Path two = folder.resolve("two.safetensors");
    SafeTensors.write(one, state, Map.of("format", "pt"));
    try (StateDict read = SafeTensors.read(one)) {
      assertThat(read.fingerprint()).isEqualTo(state.fingerprint());
      SafeTensors.write(two, read, Map.of());
    }
    try (StateDict again = SafeTensors.read(two)) {
      assertThat(again.fingerprint()).isEqualTo(state.fingerprint());
    }
  }

  @Test
  void oneBitChangesTheFingerprint() {
    state.put("a", Tensors.of(new float[] {1, 2}, 2));
    String before = state.fingerprint();
    assertThat(fingerprint("a", Tensors.of(new float[] {1, Math.nextUp(2f)}, 2)))
        .isNotEqualTo(before);
    assertThat(fingerprint("b", Tensors.of(new float[] {1, 2}, 2))).isNotEqualTo(before);
    assertThat(fingerprint("a", Tensors.of(new float[] {1, 2}, 1, 2))).isNotEqualTo(before);
    // The same bytes in another type.
    String zeros = fingerprint("a", Tensors.zeros(2));
    assertThat(fingerprint("a", Tensors.to(Tensors.zeros(2), Dtype.I32))).isNotEqualTo(zeros);
    assertThat(fingerprint("a", Tensors.zeros(2))).isEqualTo(zeros);
  }

  /** Large enough to be hashed in several pieces. */
  @Test
  void theFingerprintIsTheHashOfNamesTypesShapesAndBytes() throws Exception {
    int n = 300_001;
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = i * 0.37f;
    }
    state.put("w\u00e9ight", Tensors.of(values, n));
    byte[] name = "w\u00e9ight".getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes =
        ByteBuffer.allocate(4 + name.length + 4 + 4 + 8 + 4 * n).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putInt(name.length).put(name).putInt(Dtype.F32.ordinal()).putInt(1).putLong(n);
    for (float value : values) {
      bytes.putFloat(value);
    }
    byte[] hash = MessageDigest.getInstance("SHA-256").digest(bytes.array());
    assertThat(state.fingerprint()).isEqualTo(HexFormat.of().formatHex(hash));
  }

  @Test
  void tensorsMoveToAnotherDictionary() {
    state.put("a", Tensors.zeros(2));
    try (StateDict other = new StateDict("b.safetensors")) {
      other.put("a", Tensors.zeros(3));
      other.put("b", Tensors.zeros(1));
      assertThatThrownBy(() -> state.absorb(other))
          .isInstanceOf(WeightsException.class)
          .hasMessage("b.safetensors: tensor a appears twice");
      assertThat(other.size()).isEqualTo(2);
    }
    try (StateDict other = new StateDict("b.safetensors")) {
      other.put("b", Tensors.full(7, 1));
      state.absorb(other);
      assertThat(other.size()).isZero();
    }
    assertThat(Tensors.floats(state.get("b"))).containsExactly(7);
    assertThat(state.names()).containsExactly("a", "b");
  }

  @Test
  void viewsOfAMappedFileOutliveTheDictionaryThatReadIt(@TempDir Path folder) {
    Path file = folder.resolve("a.safetensors");
    state.put("a", Tensors.full(7, 1000));
    SafeTensors.write(file, state, Map.of());
    try (StateDict read = SafeTensors.read(file);
        StateDict views = read.derived("views")) {
      views.share("b", read.get("a"));
      read.close();
      System.gc();
      assertThat(views.origin()).isEqualTo("views");
      assertThat(Tensors.floats(views.get("b"))).containsOnly(7);
    }
  }

  private static String fingerprint(String name, Tensor tensor) {
    try (StateDict state = new StateDict("test")) {
      state.put(name, tensor);
      return state.fingerprint();
    }
  }
}
