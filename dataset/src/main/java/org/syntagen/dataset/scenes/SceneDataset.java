package org.syntagen.dataset.scenes;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import org.syntagen.dataset.ClassSet;
import org.syntagen.dataset.DatasetHeader;
import org.syntagen.dataset.DatasetWriter;
import org.syntagen.dataset.SampleOrigin;
import org.syntagen.dataset.Shard;

/** Datasets of scenes on disk. Like every dataset they can be interrupted, resumed and sharded. */
public final class SceneDataset {
  /** The name of the benchmark's test split. */
  public static final String TEST_NAME = "scenes-test";

  /** How many scenes the test split holds. */
  public static final int TEST_COUNT = 200;

  /** The seed of the test split; with it every class appears in at least 12 of the scenes. */
  public static final long TEST_SEED = 20_240_524;

  private SceneDataset() {}

  /**
   * The header of a dataset of a composer's scenes.
   *
   * @param tool name and version of the program
   * @throws org.syntagen.dataset.InputException if count or seed is out of range
   */
  public static DatasetHeader header(
      SceneComposer composer, String name, int count, long seed, String tool) {
    Map<String, Object> generator = new TreeMap<>(composer.options().toFields());
    generator.put("kind", "scenes");
    generator.put("version", SceneComposer.VERSION);
    generator.put("cutouts", composer.library().fingerprint());
    return new DatasetHeader(
        name, composer.library().classes(), count, seed, generator, Map.of("kind", "exact"), tool);
  }

  /**
   * Composes and writes the missing scenes of a shard, several at once, and finishes the dataset
   * when nothing is missing.
   *
   * @param folder a new or empty folder, or one in which the same dataset was begun
   * @param header what {@link #header} returned for this composer
   * @param written is told after every scene how many this call has written, from several threads
   * @return whether the dataset is finished, i.e. no other shard is missing
   * @throws org.syntagen.dataset.InputException if the folder holds something else
   * @throws org.syntagen.dataset.StorageException if the disk is full
   */
  public static boolean write(
      Path folder, SceneComposer composer, DatasetHeader header, Shard shard, IntConsumer written) {
    try (DatasetWriter writer = DatasetWriter.open(folder, header, shard)) {
      AtomicInteger count = new AtomicInteger();
      writer
          .missing()
          .parallel()
          .forEach(
              index -> {
                Scene scene = composer.compose(header.seed(), index);
                writer.write(index, scene.image(), scene.mask(), origin(scene, header.classes()));
                written.accept(count.incrementAndGet());
              });
      return writer.finish();
    }
  }

  /**
   * Writes the benchmark's test split: 200 scenes of {@link SceneOptions#defaults} with cut-outs
   * and compositions that no training scene shows.
   *
   * @return the header of what was written
   */
  public static DatasetHeader writeTest(
      Path folder, CutoutLibrary library, String tool, IntConsumer written) {
    SceneComposer composer =
        new SceneComposer(library, SceneOptions.defaults().withSplit(Split.TEST));
    DatasetHeader header = header(composer, TEST_NAME, TEST_COUNT, TEST_SEED, tool);
    write(folder, composer, header, Shard.WHOLE, written);
    return header;
  }

  private static SampleOrigin origin(Scene scene, ClassSet classes) {
    List<String> names = scene.labels().stream().map(classes::name).toList();
    List<Map<String, Object>> objects = new ArrayList<>();
    for (SceneObject object : scene.objects()) {
      Map<String, Object> fields = new TreeMap<>();
      fields.put("class", classes.name(object.label()));
      fields.put("cutout", object.cutout());
      fields.put("visibleArea", object.visibleArea());
      object.tint().ifPresent(tint -> fields.put("tint", tint.word()));
      objects.add(fields);
    }
    Map<String, Object> provenance = Map.of("setting", scene.setting().text(), "objects", objects);
    return new SampleOrigin(scene.caption(), names, scene.seed(), provenance);
  }
}
