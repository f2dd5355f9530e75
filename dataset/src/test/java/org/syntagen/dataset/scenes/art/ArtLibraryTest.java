package org.syntagen.dataset.scenes.art;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.syntagen.dataset.InputException;
import org.syntagen.dataset.SplitMix64;
import org.syntagen.dataset.scenes.Cutout;
import org.syntagen.dataset.scenes.CutoutLibrary;
import org.syntagen.dataset.scenes.Split;

class ArtLibraryTest {
  private static final String HEADER =
      "file\tclass\tsplit\tpackage\tentry\tname\tcreator\tlicence\terase\n";
  private static final ArtRecipe RECIPE =
      ArtRecipe.parse(
          HEADER
              + "car/0.png\tcar\ttrain\tdebian:tiny 1\ttiny.sh3f #1\tRed car\tAda\tCC0-1.0\t\n"
              + "sofa/0.png\tsofa\ttest\tdebian:tiny 1\ttiny.sh3f #2\tSofa\tAda\tCC-BY-3.0\t\n"
              + "cat/0.png\tcat\ttrain\tnpm:@x/emoji 1.0\tcat.png\tcat\tBob\tMIT\t\n"
              + "boat/0.png\tboat\ttrain\tnpm:@x/icons 2.0\tboat\tboat\tEve\tApache-2.0"
              + "\t0,200,256,56\n",
          "recipe");

  @TempDir Path temp;
  private Path furniture;
  private Path emoji;
  private Path icons;

  @BeforeEach
  void writeThePackages() throws IOException {
    furniture =
        TinyPackages.deb(
            temp.resolve("tiny.deb"),
            "data.tar.xz",
            Map.of("./usr/share/tiny.sh3f", TinyPackages.catalogue()));
    emoji =
        TinyPackages.npm(
            temp.resolve("emoji.tgz"),
            "@x/emoji",
            "1.0",
            Map.of("package/assets/cat.png", TinyPackages.disc(80, 30, Color.ORANGE)));
    icons = icons("2.0", TinyPackages.ICON);
  }

  @Test
  void aLibraryIsMadeOfThreeKindsOfPackages() {
    CutoutLibrary library = prepare("library");
    assertThat(library.cutouts())
        .extracting(Cutout::file)
        .containsExactly("car/0.png", "sofa/0.png", "cat/0.png", "boat/0.png");
    Cutout sofa = library.cutouts().get(1);
    assertThat(sofa.split()).isEqualTo(Split.TEST);
    assertThat(sofa.creator()).isEqualTo("Ada");
    assertThat(sofa.source()).isEqualTo("debian:tiny 1 tiny.sh3f #2");
  }

  @Test
  void picturesAreCroppedErasedAndLimited() {
    CutoutLibrary library = prepare("library");
    assertThat(size(library, 0)).as("cropped").isEqualTo("40x40");
    assertThat(size(library, 1)).as("limited").isEqualTo("256x256");
    // The icon's lower bar is erased; an ellipse of 8×4 of 16 units is drawn on 256 pixels.
    assertThat(size(library, 3)).isEqualTo("128x64");
    assertThat(library.cutouts().get(3).image().getRGB(64, 32)).isEqualTo(0xFFFF0000);
  }

  @Test
  void theOrderOfPackagesDoesNotMatterAndTheBytesAreTheSame() throws IOException {
    prepare("a");
    ArtLibrary.prepare(List.of(icons, furniture, emoji), RECIPE, temp.resolve("b"));
    for (String file : List.of("licences.tsv", "car/0.png", "boat/0.png")) {
      assertThat(temp.resolve("b").resolve(file))
          .hasSameBinaryContentAs(temp.resolve("a").resolve(file));
    }
  }

  @Test
  void aCatalogueMayBeGivenWithoutItsPackage() throws IOException {
    Path catalogue = Files.write(temp.resolve("tiny.sh3f"), TinyPackages.catalogue());
    CutoutLibrary library =
        ArtLibrary.prepare(List.of(catalogue, emoji, icons), RECIPE, temp.resolve("library"));
    assertThat(library.cutouts()).hasSize(4);
  }

  @Test
  void aMissingPackageIsNamedAndNothingIsWritten() {
    refused(List.of(furniture, icons), "1 pictures", "npm:@x/emoji 1.0");
    assertThat(temp.resolve("library")).doesNotExist();
  }

  @Test
  void anotherVersionIsNamed() throws IOException {
    refused(List.of(furniture, emoji, icons("2.1", TinyPackages.ICON)), "npm:@x/icons 2.1");
    Path other =
        TinyPackages.deb(
            temp.resolve("other.deb"),
            "data.tar",
            Map.of(
                "./tiny.sh3f",
                TinyPackages.zip(
                    Map.of(
                        "PluginFurnitureCatalog.properties",
                        "name#1=Truck\nicon#1=/a.png".getBytes(StandardCharsets.ISO_8859_1)))));
    refused(List.of(other, emoji, icons), "is \"Truck\" here", "expects \"Red car\"");
  }

  @Test
  void whatIsNoPackageIsRefused() throws IOException {
    refused(List.of(Files.writeString(temp.resolve("x"), "hello")), "no package that is known");
    refused(List.of(temp.resolve("none")), "there is no package");
    Path zstd = TinyPackages.deb(temp.resolve("z.deb"), "data.tar.zst", Map.of());
    refused(List.of(zstd), "dpkg-deb -x");
  }

  @ParameterizedTest
  @ValueSource(strings = {"tiny.deb", "emoji.tgz", "icons.tgz"})
  void damagedPackagesNeverEscapeAsAnotherException(String name) throws IOException {
    byte[] whole = Files.readAllBytes(temp.resolve(name));
    SplitMix64 random = new SplitMix64(name.hashCode());
    Path damaged = temp.resolve("damaged");
    for (int i = 0; i < 60; i++) {
      byte[] bytes =
          i % 3 == 0 ? Arrays.copyOf(whole, random.nextInt(whole.length)) : whole.clone();
      for (int change = 0; change < 4 && bytes.length > 0; change++) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
      }
      Files.write(damaged, bytes);
      try {
        new ArtPackages(RECIPE).add(damaged);
      } catch (InputException expected) {
        assertThat(expected.getMessage().lines()).hasSize(1);
      }
    }
  }

  @Test
  void aPictureThatInflatesWithoutEndIsGivenUp() throws IOException {
    Path bomb =
        TinyPackages.npm(
            temp.resolve("bomb.tgz"),
            "@x/emoji",
            "1.0",
            Map.of("package/assets/cat.png", new byte[9 << 20]));
    refused(List.of(bomb), "more than 8 MiB");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "<!DOCTYPE x [<!ENTITY a 'b'>]>",
        "<?xml-stylesheet href='file:///etc/passwd'?>",
        "<rect",
        "</svg><svg>",
        "<image width='16' height='16' href='file:///tmp/a.png'/>",
        ""
      })
  void iconsThatAreNoPlainDrawingAreRefused(String body) throws IOException {
    refused(List.of(furniture, emoji, icons("2.0", body)), "boat");
    assertThat(temp.resolve("library")).doesNotExist();
  }

  @Test
  void aTargetInUseIsRefused() throws IOException {
    Path target = Files.createDirectories(temp.resolve("library"));
    Files.writeString(target.resolve("mine.txt"), "dear");
    refused(List.of(furniture, emoji, icons), "is not empty");
    assertThat(target.resolve("mine.txt")).hasContent("dear");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../0.png\tcar\ttrain\tp 1\te\tn\tc\tCC0-1.0\t",
        "car/0.png\tcar\ttrain\tp 1\te\tn\tc\t\t",
        "car/0.png\tcar\tdev\tp 1\te\tn\tc\tCC0-1.0\t",
        "car/0.png\tcar\ttrain\tp 1\te\tn\tc\tCC0-1.0\t1,2,3",
        "car/0.png\tcar\ttrain"
      })
  void aWrongLineOfARecipeIsNamed(String line) throws IOException {
    Path recipe = Files.writeString(temp.resolve("recipe.tsv"), HEADER + line + "\n");
    assertThatExceptionOfType(InputException.class)
        .isThrownBy(() -> ArtRecipe.read(recipe))
        .withMessageContaining("recipe.tsv line 2");
  }

  private CutoutLibrary prepare(String name) {
    return ArtLibrary.prepare(List.of(furniture, emoji, icons), RECIPE, temp.resolve(name));
  }

  private Path icons(String version, String body) throws IOException {
    String json =
        "{\"width\":16,\"height\":16,\"icons\":{\"boat\":{\"body\":\"%s\"}}}"
            .formatted(body.replace("\"", "\\\""));
    return TinyPackages.npm(
        temp.resolve("icons.tgz"),
        "@x/icons",
        version,
        Map.of("package/icons.json", json.getBytes(StandardCharsets.UTF_8)));
  }

  private void refused(List<Path> packages, String... because) {
    assertThatExceptionOfType(InputException.class)
        .isThrownBy(() -> ArtLibrary.prepare(packages, RECIPE, temp.resolve("library")))
        .satisfies(e -> assertThat(e.getMessage()).contains(because))
        .matches(e -> e.getMessage().lines().count() == 1, "one line");
  }

  private static String size(CutoutLibrary library, int position) {
    BufferedImage image = library.cutouts().get(position).image();
    return image.getWidth() + "x" + image.getHeight();
  }
}
