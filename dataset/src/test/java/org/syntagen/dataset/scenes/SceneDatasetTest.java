package org.syntagen.dataset.scenes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.syntagen.dataset.Dataset;
import org.syntagen.dataset.DatasetHeader;
import org.syntagen.dataset.InputException;
import org.syntagen.dataset.Sample;
import org.syntagen.dataset.Shard;

class SceneDatasetTest {
  @TempDir Path temp;

  @Test
  void aWrittenDatasetHoldsTheComposersScenes() {
    SceneComposer composer = composer();
    DatasetHeader header = SceneDataset.header(composer, "tiny", 9, 5, "syntagen 0.1.0");
    List<Integer> progress = new CopyOnWriteArrayList<>();
    boolean finished =
        SceneDataset.write(temp.resolve("data"), composer, header, Shard.WHOLE, progress::add);
    assertThat(finished).isTrue();
    assertThat(progress).containsExactlyInAnyOrder(1, 2, 3, 4, 5, 6, 7, 8, 9);
    Dataset dataset = Dataset.open(temp.resolve("data"));
    assertThat(dataset.fingerprint()).isEqualTo(dataset.recordedFingerprint().orElseThrow());
    for (int i = 0; i < 9; i++) {
      Scene scene = composer.compose(5, i);
      Sample sample = dataset.sample(i).orElseThrow();
      assertThat(sample.prompt()).isEqualTo(scene.caption());
      assertThat(sample.origin().seed()).isEqualTo(scene.seed());
      assertThat(dataset.mask(i)).isEqualTo(scene.mask());
    }
  }

  @Test
  void twoShardsEndInTheBytesOfOneRun() throws IOException {
    SceneComposer composer = composer();
    DatasetHeader header = SceneDataset.header(composer, "tiny", 7, 5, "syntagen 0.1.0");
    Path whole = temp.resolve("whole");
    Path shared = temp.resolve("shared");
    SceneDataset.write(whole, composer, header, Shard.WHOLE, written -> {});
    assertThat(SceneDataset.write(shared, composer, header, new Shard(2, 2), written -> {}))
        .isFalse();
    assertThat(SceneDataset.write(shared, composer, header, new Shard(1, 2), written -> {}))
        .isTrue();
    for (String file : new String[] {"dataset.json", "samples.jsonl", "train.txt"}) {
      assertThat(shared.resolve(file)).hasSameBinaryContentAs(whole.resolve(file));
    }
    try (var files = Files.list(shared)) {
      assertThat(files).hasSize(5);
    }
  }

  @Test
  void otherOptionsAreRefusedInTheSameFolder() {
    SceneComposer composer = composer();
    Path folder = temp.resolve("data");
    DatasetHeader header = SceneDataset.header(composer, "tiny", 3, 5, "syntagen 0.1.0");
    SceneDataset.write(folder, composer, header, Shard.WHOLE, written -> {});
    SceneComposer smaller = new SceneComposer(composer.library(), composer.options().withSize(40));
    DatasetHeader other = SceneDataset.header(smaller, "tiny", 3, 5, "syntagen 0.1.0");
    assertThatExceptionOfType(InputException.class)
        .isThrownBy(() -> SceneDataset.write(folder, smaller, other, Shard.WHOLE, written -> {}))
        .withMessageContaining("generator.size was 48 and is now 40");
  }

  private SceneComposer composer() {
    return new SceneComposer(
        TinyLibrary.write(temp.resolve("library")), SceneOptions.defaults().withSize(48));
  }
}
