package org.syntagen.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.syntagen.dataset.DatasetHeader;
import org.syntagen.dataset.InputException;
import org.syntagen.dataset.Shard;
import org.syntagen.dataset.scenes.CutoutLibrary;
import org.syntagen.dataset.scenes.SceneComposer;
import org.syntagen.dataset.scenes.SceneDataset;
import org.syntagen.dataset.scenes.SceneOptions;
import org.syntagen.dataset.scenes.Split;
import org.syntagen.dataset.scenes.art.ArtLibrary;
import org.syntagen.dataset.scenes.art.ArtRecipe;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code syntagen scenes}: composes captioned images with exact masks. */
@Command(
    name = "scenes",
    description = "Compose captioned images with exact masks from openly licensed cut-outs.",
    footer = {
      "",
      "Example: 1000 training scenes of 128 x 128",
      "  syntagen scenes --out scenes --count 1000 --seed 7"
    })
final class ScenesCommand implements Callable<Integer> {
  @Option(names = "--out", description = "Folder of the dataset; must be given.")
  private Path out;

  @Option(names = "--count", description = "How many scenes; must be given.")
  private int count;

  @Option(names = "--seed", defaultValue = "1", description = "Default: ${DEFAULT-VALUE}.")
  private long seed;

  @Option(
      names = "--size",
      defaultValue = "128",
      description = "Width and height in pixels. Default: ${DEFAULT-VALUE}.")
  private int size;

  @Option(
      names = "--split",
      defaultValue = "train",
      description = "train or test: which cut-outs may appear. Default: ${DEFAULT-VALUE}.")
  private String split;

  @Option(
      names = "--easy",
      description = {
        "Few objects, mostly one and large, of two cut-outs a class, upright: to train a generator."
      })
  private boolean easy;

  @Option(names = "--cutouts", description = "Folder of cut-outs. Default: the bundled one.")
  private Path cutouts;

  @Option(
      names = "--shard",
      defaultValue = "1/1",
      description = "i/n: write every n-th scene only. Default: ${DEFAULT-VALUE}.")
  private String shard;

  @Override
  public Integer call() {
    // Not "required" for picocli, which would ask for them in the subcommands, too.
    if (out == null || count < 1) {
      throw new InputException("scenes: --out FOLDER and --count N (at least 1) must be given");
    }
    CutoutLibrary library =
        CutoutLibrary.read(cutouts == null ? Tool.asset(Tool.CUTOUTS) : cutouts);
    SceneOptions options =
        (easy ? SceneOptions.easy() : SceneOptions.defaults())
            .withSize(size)
            .withSplit(Split.parse(split));
    SceneComposer composer = new SceneComposer(library, options);
    DatasetHeader header = SceneDataset.header(composer, "scenes", count, seed, Tool.NAME);
    boolean finished;
    try (Progress progress = new Progress("scenes", count)) {
      finished =
          SceneDataset.write(out, composer, header, Shard.parse(shard), done -> progress.step());
    }
    System.out.println(
        finished ? out + ": " + count + " scenes" : out + ": other shards are still missing");
    return 0;
  }

  @Command(
      name = "test",
      description = "Write the benchmark's own test split, as bundled: 200 scenes.")
  int test(@Option(names = "--out", required = true, description = "Folder.") Path folder) {
    CutoutLibrary library = CutoutLibrary.read(Tool.asset(Tool.CUTOUTS));
    try (Progress progress = new Progress("scenes", SceneDataset.TEST_COUNT)) {
      SceneDataset.writeTest(folder, library, Tool.NAME, done -> progress.step());
    }
    System.out.println(folder + ": " + SceneDataset.TEST_COUNT + " scenes");
    return 0;
  }

  @Command(
      name = "art",
      description = {
        "Prepare a folder of cut-outs from openly licensed packages.",
        "You download them first: sweethome3d-furniture (.deb or .sh3f) and packages of npm (.tgz)."
      },
      footer = {
        "",
        "Example: the bundled library from its sources",
        "  apt-get download sweethome3d-furniture",
        "  npm pack @lobehub/fluent-emoji-3d@1.1.0 @iconify-json/noto@1.2.9 \\",
        "    @iconify-json/noto-v1@1.2.5 @iconify-json/twemoji@1.2.5 @iconify-json/emojione@1.2.3 \\",
        "    @iconify-json/fxemoji@1.2.2 @iconify-json/streamline-emojis@1.2.4 \\",
        "    @iconify-json/streamline-ultimate-color@1.2.2",
        "  syntagen scenes art --out cutouts *.deb *.tgz"
      })
  int art(
      @Option(names = "--out", required = true, description = "Folder of the cut-outs.")
          Path folder,
      @Option(names = "--recipe", description = "Table of pictures. Default: the bundled one.")
          Path recipe,
      @Parameters(arity = "1..*", description = "The downloaded packages.") List<Path> packages) {
    ArtRecipe items = recipe == null ? ArtRecipe.bundled() : ArtRecipe.read(recipe);
    CutoutLibrary library = ArtLibrary.prepare(packages, items, folder);
    System.out.println(folder + ": " + library.cutouts().size() + " cut-outs");
    return 0;
  }
}
