package org.syntagen.dataset;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Writes a dataset so that nothing is lost: a run that was killed, or whose disk was full, goes on
 * with the same call and ends in the same bytes as an uninterrupted one, however the samples were
 * shared between workers.
 *
 * <pre>{@code
 * try (DatasetWriter writer = DatasetWriter.open(folder, header, Shard.WHOLE)) {
 *   writer.missing().forEach(index -> writer.write(index, image, mask, origin));
 *   writer.finish();
 * }
 * }</pre>
 *
 * <p>While a run is under way, {@code journal/run.json} holds its settings and {@code
 * journal/<i>-of-<n>.jsonl} a line for every finished sample of a shard. Shards may write into one
 * folder at once, or into two folders that are then copied together; whoever finds everything
 * complete finishes. {@link #write} may be called from several threads.
 */
public final class DatasetWriter implements AutoCloseable {
  private static final String RUN = "run.json";
  private static final String LOCK = ".lock";

  private final Path folder;
  private final DatasetLayout layout;
  private final DatasetHeader header;
  private final Shard shard;
  private final BitSet missing;
  private final Journal journal; // null once the dataset is finished

  private DatasetWriter(
      Path folder, DatasetHeader header, Shard shard, BitSet missing, Journal journal) {
    this.folder = folder;
    this.layout = DatasetLayout.own(folder);
    this.header = header;
    this.shard = shard;
    this.missing = missing;
    this.journal = journal;
  }

  /**
   * Begins a run in a new or empty folder, takes up the one that was begun there, or finds it
   * finished.
   *
   * @throws InputException if the folder holds a run with other settings or something else, cannot
   *     be written to, or another process writes this shard
   * @throws StorageException if the disk is full
   */
  public static DatasetWriter open(Path folder, DatasetHeader header, Shard shard) {
    Path journals = folder.resolve(DatasetLayout.JOURNAL);
    try {
      Files.createDirectories(folder);
      if (!isFinished(folder, header)) {
        // Another shard may finish between these two looks, and take the journals away.
        if (!isOurs(folder) && !isFinished(folder, header)) {
          throw new InputException(
              folder + " is not empty and holds no run to go on with; choose another folder");
        }
        Files.createDirectories(journals);
        // Under the lock no other shard can finish and remove the journals.
        try (FolderLock lock = FolderLock.acquire(journals.resolve(LOCK))) {
          if (!isFinished(folder, header)) {
            return begin(folder, header, shard);
          }
        } catch (NoSuchFileException e) {
          if (!isFinished(folder, header)) {
            throw e;
          }
        }
      }
      removeJournals(journals);
      return new DatasetWriter(folder, header, shard, new BitSet(), null);
    } catch (IOException e) {
      throw StorageException.of(folder, e);
    }
  }

  private static DatasetWriter begin(Path folder, DatasetHeader header, Shard shard)
      throws IOException {
    Path journals = folder.resolve(DatasetLayout.JOURNAL);
    Path run = journals.resolve(RUN);
    if (Files.exists(run)) {
      String text = Files.readString(run, StandardCharsets.UTF_8);
      header.checkResumes(DatasetHeader.parse(JsonFields.parse(text, run.toString())), folder);
    } else {
      AtomicFile.writeText(run, Json.pretty(header.toFields()));
    }
    Files.createDirectories(folder.resolve(DatasetLayout.IMAGES));
    Files.createDirectories(folder.resolve(DatasetLayout.MASKS));
    Journal journal = Journal.open(journals, shard);
    boolean opened = false;
    try {
      BitSet missing = new BitSet();
      shard.indices(header.count()).forEach(missing::set);
      done(folder, header).keySet().forEach(missing::clear);
      opened = true;
      return new DatasetWriter(folder, header, shard, missing, journal);
    } finally {
      if (!opened) {
        journal.close();
      }
    }
  }

  /** The indices of this shard that are not yet written, ascending, as they are now. */
  public IntStream missing() {
    synchronized (missing) {
      return IntStream.of(missing.stream().toArray());
    }
  }

  /** What this run writes. */
  public DatasetHeader header() {
    return header;
  }

  /**
   * Writes a sample: its image, its mask and then its line in the journal, each on the disk before
   * the next.
   *
   * @param image the image ({@link BufferedImage#TYPE_INT_RGB})
   * @throws IllegalArgumentException if the index is not of this shard, the image is of another
   *     type, or image and mask differ in size
   * @throws InputException if the folder cannot be written to
   * @throws StorageException if the disk is full; the sample then is still missing
   */
  public void write(int index, BufferedImage image, LabelMap mask, SampleOrigin origin) {
    write(index, image, mask, origin, "");
  }

  /**
   * Writes a sample as {@link #write(int, BufferedImage, LabelMap, SampleOrigin)}, with a text in
   * its image file that no hash depends on.
   *
   * @param parameters what the image was made with, for image tools; empty for none
   */
  public void write(
      int index, BufferedImage image, LabelMap mask, SampleOrigin origin, String parameters) {
    if (journal == null || !journal.isOpen()) {
      throw new IllegalStateException(folder + " is finished or its writer closed");
    }
    if (index < 0 || index >= header.count() || !shard.owns(index)) {
      throw new IllegalArgumentException("sample " + index + " is not of shard " + shard);
    }
    if (image.getWidth() != mask.width() || image.getHeight() != mask.height()) {
      throw new IllegalArgumentException("image and mask of sample " + index + " differ in size");
    }
    if (image.getType() != BufferedImage.TYPE_INT_RGB) {
      throw new IllegalArgumentException("the image of sample " + index + " is not TYPE_INT_RGB");
    }
    String id = SampleId.of(index);
    Sample sample = Sample.of(id, origin, Fingerprint.ofImage(image), mask, header.classes());
    Path file = imageFile(id);
    try {
      if (parameters.isEmpty()) {
        Images.writePng(file, image);
      } else {
        Images.writePng(file, image, parameters);
      }
      file = maskFile(id);
      mask.write(file);
      file = journal.file();
      journal.append(sample.toJson());
    } catch (IOException e) {
      throw StorageException.of(file, e);
    }
    synchronized (missing) {
      missing.clear(index);
    }
  }

  /**
   * Finishes the dataset if the samples of all shards are there: writes {@code samples.jsonl},
   * {@code train.txt} and at last {@code dataset.json}, and removes the journals. May be called at
   * any time and by every shard.
   *
   * @return whether the dataset is finished now
   * @throws StorageException if the disk is full
   */
  public boolean finish() {
    Path journals = folder.resolve(DatasetLayout.JOURNAL);
    try {
      if (!isFinished(folder, header)) {
        try (FolderLock lock = FolderLock.acquire(journals.resolve(LOCK))) {
          if (!isFinished(folder, header)) {
            Map<Integer, String> lines = done(folder, header);
            if (lines.size() < header.count()) {
              return false;
            }
            writeIndex(new ArrayList<>(lines.values()));
          }
        }
      }
      close();
      removeJournals(journals);
      return true;
    } catch (NoSuchFileException e) {
      if (isFinished(folder, header)) {
        return true; // Another shard finished and removed the journals at this moment.
      }
      throw StorageException.of(folder, e);
    } catch (IOException e) {
      throw StorageException.of(folder, e);
    }
  }

  /** Lets another process take up the shard. What was written stays. */
  @Override
  public void close() {
    if (journal != null) {
      try {
        journal.close();
      } catch (IOException e) {
        throw StorageException.of(journal.file(), e);
      }
    }
  }

  private void writeIndex(List<String> lines) throws IOException {
    DatasetStatistics.Tally tally = new DatasetStatistics.Tally(header.classes());
    List<Fingerprint.Entry> entries = new ArrayList<>();
    StringBuilder stems = new StringBuilder();
    for (String line : lines) {
      Sample sample = Sample.parse(line, "the journal of " + folder);
      tally.add(sample);
      entries.add(new Fingerprint.Entry(sample.id(), sample.imageHash(), sample.maskHash()));
      stems.append(sample.id()).append('\n');
    }
    DatasetStatistics statistics = tally.total();
    Map<String, Object> fields = new LinkedHashMap<>(header.toFields());
    fields.put("fingerprint", Fingerprint.of(entries));
    fields.put("pixels", statistics.pixelsByName());
    fields.put("images", statistics.imagesByName());
    fields.put("voidPixels", statistics.voidPixels());
    removeParts(layout.images());
    removeParts(layout.masks());
    AtomicFile.write(
        folder.resolve(DatasetLayout.SAMPLES),
        out -> {
          for (String line : lines) {
            out.write(line.getBytes(StandardCharsets.UTF_8));
            out.write('\n');
          }
        });
    AtomicFile.writeText(folder.resolve(Dataset.DEFAULT_LIST + ".txt"), stems.toString());
    // Last, because a dataset is finished from the moment that this file exists.
    AtomicFile.writeText(folder.resolve(DatasetLayout.HEADER), Json.pretty(fields));
  }

  private Path imageFile(String id) {
    return layout.images().resolve(id + ".png");
  }

  private Path maskFile(String id) {
    return layout.masks().resolve(id + ".png");
  }

  /** The journals' lines by index, without those whose files are gone. */
  private static Map<Integer, String> done(Path folder, DatasetHeader header) throws IOException {
    Map<Integer, String> lines =
        Journal.readAll(folder.resolve(DatasetLayout.JOURNAL), header.count());
    DatasetLayout layout = DatasetLayout.own(folder);
    lines
        .keySet()
        .removeIf(
            index -> {
              String name = SampleId.of(index) + ".png";
              return !Files.isRegularFile(layout.images().resolve(name))
                  || !Files.isRegularFile(layout.masks().resolve(name));
            });
    return lines;
  }

  private static boolean isFinished(Path folder, DatasetHeader header) {
    Optional<DatasetHeader> finished = Dataset.headerFields(folder).map(DatasetHeader::parse);
    finished.ifPresent(found -> header.checkResumes(found, folder));
    return finished.isPresent();
  }

  /**
   * Whether a run may begin or go on in the folder: it holds journals or nothing, so that nothing
   * of the user's is mixed in. A run makes its journals first, so what another shard puts into an
   * empty folder meanwhile comes with them.
   */
  private static boolean isOurs(Path folder) throws IOException {
    boolean empty;
    try (Stream<Path> entries = Files.list(folder)) {
      empty = entries.findAny().isEmpty();
    }
    return empty || Files.exists(folder.resolve(DatasetLayout.JOURNAL));
  }

  private static void removeParts(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        if (file.getFileName().toString().endsWith(AtomicFile.PART)) {
          Files.deleteIfExists(file);
        }
      }
    }
  }

  /** Removes the journals of a finished dataset; another shard may be doing the same. */
  private static void removeJournals(Path journals) throws IOException {
    if (!Files.isDirectory(journals)) {
      return;
    }
    try (Stream<Path> files = Files.list(journals)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        Files.deleteIfExists(file);
      }
      Files.deleteIfExists(journals);
    } catch (FileSystemException e) {
      // Another shard has just removed it or still holds it open; a dataset is finished without.
    }
  }
}
