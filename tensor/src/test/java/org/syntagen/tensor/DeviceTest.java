package org.syntagen.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DeviceTest {
  @AfterEach
  void backToTheProcessor() {
    Device.CPU.use();
  }

  @Test
  void isTheProcessorUnlessChosen() {
    assertThat(Device.current()).isEqualTo(Device.CPU);
  }

  @Test
  void aGpuIsUsedWhereThereIsOneAndChangesNothingElsewhere() {
    boolean used = Device.CUDA.use();
    assertThat(Device.current()).isEqualTo(used ? Device.CUDA : Device.CPU);
    try (Scope scope = new Scope()) {
      assertThat(Tensors.zeros(2).is_cuda()).isEqualTo(used);
      assertThat(Tensors.of(new long[] {3}, 1).is_cuda()).isEqualTo(used);
    }
  }

  @Test
  void aGpuComputesAsTheProcessorFromTheSameNoise() {
    float[] expected = convolution();
    boolean used = Device.CUDA.use();
    if (!used) {
      System.out.println("DeviceTest: no NVIDIA GPU here, so none is compared with the processor");
    }
    assumeTrue(used, "no NVIDIA GPU here");
    float[] found = convolution();
    for (int i = 0; i < expected.length; i++) {
      assertThat(found[i]).isCloseTo(expected[i], within(5e-3f)); // TF32 has 10 bits
    }
  }

  private static float[] convolution() {
    try (Scope scope = new Scope();
        StateDict drawn = new StateDict("drawn");
        SeededNoise noise = new SeededNoise(1)) {
      Tensor image = noise.normal(1, 4, 8, 8);
      drawn.put("kernel", noise.normal(6, 4, 3, 3));
      try (StateDict weights = drawn.copy(Dtype.F32)) {
        Tensor features = Ops.conv2d(image, weights.get("kernel"), null, 1, 1, 1, 1);
        return Tensors.floats(Ops.scale(features, 0.1));
      }
    }
  }
}
