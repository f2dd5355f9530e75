package org.syntagen.dataset.scenes;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.syntagen.dataset.scenes.art.ArtRecipe;

class BundledLibraryTest {
  private static final Path FOLDER = Path.of("..", "assets", "cutouts");

  /** What may be passed on with the program. */
  private static final Set<String> OPEN =
      Set.of("CC0-1.0", "CC-BY-3.0", "CC-BY-3.0-US", "CC-BY-4.0", "Apache-2.0", "MIT");

  @Test
  void everyClassHasCutoutsOfBothSplits() {
    CutoutLibrary library = CutoutLibrary.read(FOLDER);
    assertThat(library.labels()).hasSize(20);
    for (int label : library.labels()) {
      assertThat(library.of(label, Split.TRAIN)).hasSizeGreaterThanOrEqualTo(8);
      assertThat(library.of(label, Split.TEST)).hasSize(1);
    }
  }

  @Test
  void everyPictureHasAnOpenLicenceAndACreator() {
    for (Cutout cutout : CutoutLibrary.read(FOLDER).cutouts()) {
      assertThat(OPEN).as(cutout.file()).contains(cutout.licence());
      assertThat(cutout.creator()).as(cutout.file()).isNotBlank();
      assertThat(cutout.source()).as(cutout.file()).isNotBlank();
    }
  }

  @Test
  void theRecipeNamesTheSamePictures() {
    List<ArtRecipe.Item> items = ArtRecipe.bundled().items();
    List<LicenceTable.Row> rows = LicenceTable.read(FOLDER).rows();
    assertThat(items).hasSameSizeAs(rows);
    for (int i = 0; i < rows.size(); i++) {
      ArtRecipe.Item item = items.get(i);
      LicenceTable.Row row = rows.get(i);
      assertThat(item.file()).isEqualTo(row.file());
      assertThat(item.split()).isEqualTo(row.split());
      assertThat(item.source() + " " + item.entry()).isEqualTo(row.source());
      assertThat(item.creator()).isEqualTo(row.creator());
      assertThat(item.licence()).isEqualTo(row.licence());
    }
  }
}
