package org.syntagen.labeling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.awt.image.BufferedImage;
import java.net.URISyntaxException;
import java.nio.file.Path;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.syntagen.dataset.Images;
import org.syntagen.tensor.SafeTensors;
import org.syntagen.tensor.StateDict;
import org.syntagen.tensor.Tensors;

/** Compares with pydensecrf; parity/labeling/README.md says how it was recorded. */
class DenseCrfParityTest {

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4})
  void beliefsAreThoseOfPydensecrf(int record) throws URISyntaxException {
    Path file = Path.of(DenseCrfParityTest.class.getResource("dense-crf.safetensors").toURI());
    try (StateDict recorded = SafeTensors.read(file)) {
      float[] settings = Tensors.floats(recorded.get(record + ".settings"));
      DenseCrf crf =
          new DenseCrf(
              (int) settings[0], settings[1], settings[2], settings[3], settings[4], settings[5]);
      Tensor pixels = recorded.get(record + ".image"); // [height, width, 3]
      BufferedImage image =
          Images.ofRgb(Tensors.bytes(pixels), (int) pixels.size(1), (int) pixels.size(0));
      float[] belief = crf.refine(image, Tensors.floats(recorded.get(record + ".probabilities")));
      assertThat(belief)
          .containsExactly(Tensors.floats(recorded.get(record + ".belief")), within(1e-3f));
    }
  }
}
