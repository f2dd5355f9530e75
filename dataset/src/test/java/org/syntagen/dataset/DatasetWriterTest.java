package org.syntagen.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatasetWriterTest {
  private static final int COUNT = 11;
  private static final long SEED = 42;

  @TempDir Path temp;
  private Map<String, String> expected;

  @BeforeEach
  void writeTheReferenceInOneRun() {
    Path folder = temp.resolve("reference");
    run(folder, Shard.WHOLE, COUNT, true);
    expected = content(folder);
  }

  @Test
  void aFinishedDatasetHoldsItsFilesAndNothingElse() {
    assertThat(expected).hasSize(2 * COUNT + 3);
    assertThat(expected).containsKeys("dataset.json", "samples.jsonl", "train.txt");
    assertThat(expected).containsKeys("image/000000.png", "mask/000010.png");
  }

  @Test
  void whatWasWrittenIsReadBack() {
    Dataset dataset = Dataset.open(temp.resolve("reference"));
    assertThat(dataset.size()).isEqualTo(COUNT);
    assertThat(dataset.header()).contains(Pictures.header(COUNT, SEED));
    assertThat(dataset.recordedFingerprint()).contains(dataset.fingerprint());
    for (int i = 0; i < COUNT; i++) {
      Sample sample = dataset.sample(i).orElseThrow();
      assertThat(sample.origin()).isEqualTo(Pictures.origin(SEED, i));
      assertThat(sample.imageHash()).isEqualTo(Fingerprint.ofImage(dataset.image(i)));
      assertThat(dataset.mask(i)).isEqualTo(Pictures.mask(12, 8, i));
      long area = sample.area().values().stream().mapToLong(Long::longValue).sum();
      assertThat(area).isEqualTo(12 * 8);
    }
  }

  @Test
  void anInterruptedRunEndsInTheSameBytes() {
    Path folder = temp.resolve("resumed");
    run(folder, Shard.WHOLE, 4, false);
    run(folder, Shard.WHOLE, 3, false);
    try (DatasetWriter writer = open(folder, Shard.WHOLE)) {
      assertThat(writer.missing()).containsExactly(7, 8, 9, 10);
      assertThat(writer.finish()).isFalse();
    }
    run(folder, Shard.WHOLE, COUNT, true);
    assertThat(content(folder)).isEqualTo(expected);
  }

  @Test
  void theOrderOfWritingDoesNotMatter() {
    Path folder = temp.resolve("backwards");
    try (DatasetWriter writer = open(folder, Shard.WHOLE)) {
      for (int i = COUNT - 1; i >= 0; i--) {
        write(writer, i);
      }
      assertThat(writer.finish()).isTrue();
    }
    assertThat(content(folder)).isEqualTo(expected);
  }

  @Test
  void aTornLastLineIsWrittenAgain() throws IOException {
    Path folder = temp.resolve("torn");
    run(folder, Shard.WHOLE, 5, false);
    Path journal = folder.resolve("journal/1-of-1.jsonl");
    byte[] whole = Files.readAllBytes(journal);
    for (int cut : new int[] {1, 2, 40, 200}) {
      Files.write(journal, Arrays.copyOf(whole, whole.length - cut));
      try (DatasetWriter writer = open(folder, Shard.WHOLE)) {
        assertThat(writer.missing()).containsExactly(4, 5, 6, 7, 8, 9, 10);
      }
    }
    run(folder, Shard.WHOLE, COUNT, true);
    assertThat(content(folder)).isEqualTo(expected);
  }

  @Test
  void aJournalOfNothingButATornLineIsTakenUp() throws IOException {
    Path folder = temp.resolve("first");
    run(folder, Shard.WHOLE, 0, false);
    Files.writeString(folder.resolve("journal/1-of-1.jsonl"), "{\"id\":\"0000" + "x".repeat(9000));
    run(folder, Shard.WHOLE, COUNT, true);
    assertThat(content(folder)).isEqualTo(expected);
  }

  @Test
  void aSampleWhoseFileIsGoneIsWrittenAgain() throws IOException {
    Path folder = temp.resolve("gone");
    run(folder, Shard.WHOLE, 5, false);
    Files.delete(folder.resolve("mask/000002.png"));
    try (DatasetWriter writer = open(folder, Shard.WHOLE)) {
      assertThat(writer.missing().findFirst()).hasValue(2);
    }
    run(folder, Shard.WHOLE, COUNT, true);
    assertThat(content(folder)).isEqualTo(expected);
  }

  @Test
  void leftOverPartsAreSweptUp() throws IOException {
    Path folder = temp.resolve("parts");
    run(folder, Shard.WHOLE, 5, false);
    Files.writeString(folder.resolve("image/.000005.png.1-1.part"), "half");
    run(folder, Shard.WHOLE, COUNT, true);
    assertThat(content(folder)).isEqualTo(expected);
  }

  @Test
  void aDamagedJournalLineIsNamed() throws IOException {
    Path folder = temp.resolve("damaged");
    run(folder, Shard.WHOLE, 2, false);
    Path journal = folder.resolve("journal/1-of-1.jsonl");
    Files.writeString(journal, "nonsense\n", StandardOpenOption.APPEND);
    refused(folder, Pictures.header(COUNT, SEED), "1-of-1.jsonl line 3");
  }

  @Test
  void shardsInOneFolderEndInTheSameBytes() {
    Path folder = temp.resolve("shards");
    try (DatasetWriter first = open(folder, new Shard(1, 3));
        DatasetWriter second = open(folder, new Shard(2, 3));
        DatasetWriter third = open(folder, new Shard(3, 3))) {
      for (DatasetWriter writer : List.of(third, first, second)) {
        Pictures.writeSome(writer, COUNT);
        assertThat(writer.missing()).isEmpty();
      }
      assertThat(first.finish()).isTrue();
      assertThat(second.finish()).as("finishing again").isTrue();
    }
    assertThat(content(folder)).isEqualTo(expected);
  }

  @Test
  void shardsInTwoFoldersThatAreCopiedTogetherEndInTheSameBytes() throws IOException {
    Path a = temp.resolve("a");
    Path b = temp.resolve("b");
    run(a, new Shard(1, 2), COUNT, false);
    run(b, new Shard(2, 2), COUNT, false);
    copy(b, a);
    try (DatasetWriter writer = open(a, new Shard(2, 2))) {
      assertThat(writer.missing()).isEmpty();
      assertThat(writer.finish()).isTrue();
    }
    assertThat(content(a)).isEqualTo(expected);
  }

  @Test
  void aRunMayGoOnWithAnotherNumberOfShards() {
    Path folder = temp.resolve("resharded");
    run(folder, new Shard(2, 3), 2, false);
    run(folder, Shard.WHOLE, COUNT, true);
    assertThat(content(folder)).isEqualTo(expected);
  }

  @Test
  void shardsThatRunAtOnceFinishExactlyOneDataset() throws Exception {
    int shards = 4;
    for (int round = 0; round < 20; round++) {
      Path folder = temp.resolve("race" + round);
      ExecutorService workers = Executors.newFixedThreadPool(shards);
      try {
        List<Future<?>> results =
            IntStream.rangeClosed(1, shards)
                .<Future<?>>mapToObj(
                    i ->
                        workers.submit(
                            () -> {
                              try (DatasetWriter writer = open(folder, new Shard(i, shards))) {
                                Pictures.writeSome(writer, COUNT);
                                writer.finish();
                              }
                            }))
                .toList();
        for (Future<?> result : results) {
          result.get(60, TimeUnit.SECONDS);
        }
      } finally {
        workers.shutdownNow();
      }
      assertThat(content(folder)).isEqualTo(expected);
    }
  }

  @Test
  void aFinishedDatasetIsLeftAlone() {
    Path folder = temp.resolve("reference");
    try (DatasetWriter writer = open(folder, Shard.WHOLE)) {
      assertThat(writer.missing()).isEmpty();
      assertThat(writer.finish()).isTrue();
    }
    assertThat(content(folder)).isEqualTo(expected);
  }

  @Test
  void otherSettingsAreRefusedWithTheOneThatDiffers() {
    Path unfinished = temp.resolve("unfinished");
    run(unfinished, Shard.WHOLE, 2, false);
    DatasetHeader header = Pictures.header(COUNT, SEED);
    DatasetHeader steps =
        new DatasetHeader(
            header.name(),
            header.classes(),
            header.count(),
            header.seed(),
            Map.of("kind", "test", "steps", 30),
            header.labeler(),
            header.tool());
    for (Path folder : List.of(unfinished, temp.resolve("reference"))) {
      refused(folder, Pictures.header(COUNT + 1, SEED), "count was 11 and is now 12");
      refused(folder, Pictures.header(COUNT, 43), "seed was 42 and is now 43");
      refused(folder, steps, "generator.steps was 25 and is now 30");
    }
    assertThat(content(temp.resolve("reference"))).isEqualTo(expected);
  }

  @Test
  void anotherSeedIsAnotherFingerprint() {
    Path folder = temp.resolve("other");
    DatasetHeader header = Pictures.header(COUNT, 43);
    try (DatasetWriter writer = DatasetWriter.open(folder, header, Shard.WHOLE)) {
      writer
          .missing()
          .forEach(
              i ->
                  writer.write(
                      i,
                      Pictures.image(12, 8, 100 + i),
                      Pictures.mask(12, 8, i),
                      Pictures.origin(43, i)));
      writer.finish();
    }
    assertThat(Dataset.open(folder).fingerprint())
        .isNotEqualTo(Dataset.open(temp.resolve("reference")).fingerprint());
  }

  @Test
  void aFolderWithOtherFilesIsRefused() throws IOException {
    Path folder = Files.createDirectories(temp.resolve("full"));
    Files.writeString(folder.resolve("thesis.txt"), "dear");
    refused(folder, Pictures.header(COUNT, SEED), "not empty and holds no run");
    Path file = Files.writeString(temp.resolve("file"), "");
    refused(file, Pictures.header(COUNT, SEED), "cannot be written");
  }

  @Test
  void anUnfinishedDatasetCannotBeReadYet() {
    Path folder = temp.resolve("unfinished");
    run(folder, Shard.WHOLE, 2, false);
    assertThatExceptionOfType(InputException.class)
        .isThrownBy(() -> Dataset.open(folder))
        .withMessageContaining("unfinished");
  }

  @Test
  void oneShardHasOneWriter() {
    Path folder = temp.resolve("locked");
    try (DatasetWriter writer = open(folder, new Shard(1, 2))) {
      assertThatExceptionOfType(InputException.class)
          .isThrownBy(() -> open(folder, new Shard(1, 2)))
          .withMessageContaining("shard 1/2")
          .withMessageContaining("another run");
      assertThat(writer.missing()).hasSize(6);
    }
    open(folder, new Shard(1, 2)).close();
  }

  @Test
  void samplesOfOtherShardsAndOtherSizesAreMistakesOfTheCaller() {
    Path folder = temp.resolve("wrong");
    try (DatasetWriter writer = open(folder, new Shard(1, 2))) {
      assertThatIllegalArgumentException().isThrownBy(() -> write(writer, 1));
      assertThatIllegalArgumentException().isThrownBy(() -> write(writer, COUNT + 1));
      assertThatIllegalArgumentException()
          .isThrownBy(
              () ->
                  writer.write(
                      0,
                      Pictures.image(8, 8, 0),
                      Pictures.mask(12, 8, 0),
                      Pictures.origin(SEED, 0)));
    }
  }

  @Test
  void countAndSeedHaveBounds() {
    assertThatExceptionOfType(InputException.class)
        .isThrownBy(() -> Pictures.header(0, SEED))
        .withMessageContaining("count of samples is 0");
    assertThatExceptionOfType(InputException.class)
        .isThrownBy(() -> Pictures.header(1, -1))
        .withMessageContaining("seed is -1");
  }

  @Test
  void aRunThatIsKilledEndsInTheSameBytes() throws Exception {
    Path folder = temp.resolve("killed");
    int interrupted = 0;
    for (int attempt = 0; attempt < 3; attempt++) {
      Process process = SlowWriterMain.start(folder, COUNT, SEED);
      // Killed at different moments, as soon as the journal shows that work is under way.
      Path journal = folder.resolve("journal/1-of-1.jsonl");
      long before = Files.exists(journal) ? Files.size(journal) : 0;
      long giveUp = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
      while (process.isAlive() && System.nanoTime() < giveUp) {
        if (Files.exists(journal) && Files.size(journal) > before) {
          break;
        }
        Thread.sleep(5);
      }
      Thread.sleep(7L * attempt);
      interrupted += process.isAlive() ? 1 : 0;
      process.destroyForcibly().waitFor();
    }
    assertThat(interrupted).as("runs that were killed").isPositive();
    assertThat(folder.resolve("dataset.json")).doesNotExist();
    run(folder, Shard.WHOLE, COUNT, true);
    assertThat(content(folder)).isEqualTo(expected);
  }

  private static void run(Path folder, Shard shard, int most, boolean finish) {
    try (DatasetWriter writer = open(folder, shard)) {
      Pictures.writeSome(writer, most);
      if (finish) {
        assertThat(writer.finish()).isTrue();
      }
    }
  }

  private static DatasetWriter open(Path folder, Shard shard) {
    return DatasetWriter.open(folder, Pictures.header(COUNT, SEED), shard);
  }

  private static void write(DatasetWriter writer, int i) {
    writer.write(i, Pictures.image(12, 8, i), Pictures.mask(12, 8, i), Pictures.origin(SEED, i));
  }

  private static void refused(Path folder, DatasetHeader header, String because) {
    assertThatExceptionOfType(InputException.class)
        .isThrownBy(() -> DatasetWriter.open(folder, header, Shard.WHOLE))
        .withMessageContaining(because);
  }

  /** Every file below a folder with its bytes. */
  private static Map<String, String> content(Path folder) {
    Map<String, String> content = new TreeMap<>();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        content.put(
            folder.relativize(file).toString().replace('\\', '/'),
            new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return content;
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path target = to.resolve(from.relativize(file).toString());
        Files.createDirectories(target.getParent());
        Files.copy(file, target, StandardCopyOption.REPLACE_EXISTING);
      }
    }
  }
}
