package org.syntagen.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.awt.Color;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClassSetTest {
  @Test
  void vocHasTwentyClassesAndTheBackgroundInTheDevkitsOrder() {
    assertThat(ClassSet.VOC.size()).isEqualTo(21);
    assertThat(ClassSet.VOC.name(0)).isEqualTo("background");
    assertThat(ClassSet.VOC.name(1)).isEqualTo("aeroplane");
    assertThat(ClassSet.VOC.name(11)).isEqualTo("diningtable");
    assertThat(ClassSet.VOC.name(20)).isEqualTo("tvmonitor");
  }

  @Test
  void promptsSayCompoundClassesInWords() {
    assertThat(ClassSet.VOC.words(11)).isEqualTo("dining table");
    assertThat(ClassSet.VOC.words(16)).isEqualTo("potted plant");
    assertThat(ClassSet.VOC.words(20)).isEqualTo("tv monitor");
  }

  // The devkit's published colour map.
  @ParameterizedTest
  @CsvSource({
    "0,0,0,0", "1,128,0,0", "2,0,128,0", "3,128,128,0", "4,0,0,128", "7,128,128,128",
    "8,64,0,0", "11,192,128,0", "15,192,128,128", "16,0,64,0", "20,0,64,128", "255,224,224,192"
  })
  void coloursAreThoseOfTheVocPalette(int label, int red, int green, int blue) {
    assertThat(ClassSet.VOC.color(label)).isEqualTo(new Color(red, green, blue));
  }

  @Test
  void aLabelIsFoundByNameAndByWords() {
    assertThat(ClassSet.VOC.label("tvmonitor")).isEqualTo(20);
    assertThat(ClassSet.VOC.label("TV monitor")).isEqualTo(20);
  }

  @Test
  void aNameWithCapitalsIsFoundInAnyCase() {
    ClassSet set = ClassSet.of(List.of("background", "Person", "person", "Traffic Light"));
    assertThat(set.label("Person")).isEqualTo(1);
    assertThat(set.label("person")).isEqualTo(2);
    assertThat(set.label("traffic light")).isEqualTo(3);
  }

  @Test
  void anUnknownClassIsAnsweredWithTheNearestOnes() {
    assertThatExceptionOfType(InputException.class)
        .isThrownBy(() -> ClassSet.VOC.label("aeroplan"))
        .withMessageContaining("\"aeroplan\"")
        .withMessageContaining("did you mean aeroplane?");
    assertThatExceptionOfType(InputException.class)
        .isThrownBy(() -> ClassSet.VOC.label("bat"))
        .withMessageContaining("cat");
  }

  @Test
  void onlyLabelsOfTheSetAndVoidAreLegal() {
    assertThat(ClassSet.VOC.legal(20)).isTrue();
    assertThat(ClassSet.VOC.legal(255)).isTrue();
    assertThat(ClassSet.VOC.legal(21)).isFalse();
    assertThat(ClassSet.VOC.legal(-1)).isFalse();
  }

  @Test
  void namesMustBeDistinctAndPresent() {
    assertThatIllegalArgumentException().isThrownBy(() -> ClassSet.of(List.of("background")));
    assertThatIllegalArgumentException().isThrownBy(() -> ClassSet.of(List.of("a", "a")));
    assertThatIllegalArgumentException().isThrownBy(() -> ClassSet.of(List.of("a", " ")));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new ClassSet(List.of("a", "b"), List.of("a")));
  }
}
