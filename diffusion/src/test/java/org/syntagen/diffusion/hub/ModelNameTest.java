package org.syntagen.diffusion.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.syntagen.dataset.InputException;

class ModelNameTest {
  @Test
  void ownerAndNameOrAShortName() {
    assertThat(ModelName.parse("some-one/Model_1.5")).hasToString("some-one/Model_1.5");
    assertThat(ModelName.parse("sd1.5"))
        .isEqualTo(new ModelName("stable-diffusion-v1-5", "stable-diffusion-v1-5"));
    assertThat(ModelName.parse("sd2.1-base")).hasToString("stabilityai/stable-diffusion-2-1-base");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", "sd9", "/", "a/", "/b", "a/b/c", "../b", "a/..", "a/b?x", "a b/c", "a/b\n", "-a/b"
      })
  void whatIsNeitherIsAnsweredWithTheShortNames(String text) {
    assertThatExceptionOfType(InputException.class)
        .isThrownBy(() -> ModelName.parse(text))
        .withMessageContaining("owner/name")
        .withMessageContaining("sd1.5, sd2, sd2-base, sd2.1");
  }
}
