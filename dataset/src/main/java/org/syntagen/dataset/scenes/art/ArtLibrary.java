package org.syntagen.dataset.scenes.art;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.syntagen.dataset.AtomicFile;
import org.syntagen.dataset.Images;
import org.syntagen.dataset.InputException;
import org.syntagen.dataset.StorageException;
import org.syntagen.dataset.scenes.CutoutLibrary;
import org.syntagen.dataset.scenes.LicenceTable;

/** Makes a library of cut-outs from downloaded packages after a recipe. */
public final class ArtLibrary {
  private ArtLibrary() {}

  /**
   * Takes the recipe's pictures out of the packages and writes them with their licence table as a
   * library. The folder appears only when whole, and not at all after an error.
   *
   * @param packages .deb, .sh3f and npm .tgz files
   * @param recipe which pictures to take
   * @param target the library's folder; it must not exist, or be empty
   * @return the library as it was written
   * @throws InputException if a package is missing or is another version, or the target is in use
   * @throws StorageException if the disk is full
   */
  public static CutoutLibrary prepare(List<Path> packages, ArtRecipe recipe, Path target) {
    checkFree(target);
    ArtPackages art = new ArtPackages(recipe);
    packages.forEach(art::add);
    checkComplete(art.missing());
    Path folder = target.toAbsolutePath().normalize();
    Path part =
        folder.resolveSibling(
            "." + folder.getFileName() + "." + ProcessHandle.current().pid() + AtomicFile.PART);
    try {
      Files.createDirectories(folder.getParent());
      Files.createDirectory(part);
      try {
        write(part, recipe, art);
        CutoutLibrary.read(part);
        Files.deleteIfExists(folder);
        Files.move(part, folder, StandardCopyOption.ATOMIC_MOVE);
      } finally {
        delete(part);
      }
    } catch (IOException e) {
      throw StorageException.of(target, e);
    }
    return CutoutLibrary.read(target);
  }

  private static void write(Path folder, ArtRecipe recipe, ArtPackages art) throws IOException {
    List<LicenceTable.Row> rows = new ArrayList<>();
    List<int[]> sizes = new ArrayList<>();
    for (ArtRecipe.Item item : recipe.items()) {
      BufferedImage cutout = CutoutTrimmer.trim(art.found().get(item), item.erase(), item.entry());
      Path file = folder.resolve(item.file());
      Files.createDirectories(file.getParent());
      Images.writePng(file, cutout);
      rows.add(
          new LicenceTable.Row(
              item.file(),
              item.className(),
              item.split(),
              item.source() + " " + item.entry(),
              item.name(),
              item.creator(),
              item.licence(),
              0));
      sizes.add(new int[] {cutout.getWidth(), cutout.getHeight()});
    }
    String table = new LicenceTable(rows).text(sizes);
    AtomicFile.writeText(folder.resolve(LicenceTable.FILE), table);
  }

  private static void checkComplete(List<ArtRecipe.Item> missing) {
    if (!missing.isEmpty()) {
      TreeSet<String> sources = new TreeSet<>();
      missing.forEach(item -> sources.add(item.source()));
      throw new InputException(
          "%d pictures of the recipe are in none of the packages; add %s"
                  .formatted(missing.size(), String.join(", ", sources))
              + " (apt-get download …, npm pack …)");
    }
  }

  private static void checkFree(Path target) {
    if (!Files.exists(target)) {
      return;
    }
    try (Stream<Path> entries = Files.list(target)) {
      if (entries.findAny().isPresent()) {
        throw new InputException(target + " is not empty; choose another folder");
      }
    } catch (IOException e) {
      throw new InputException(target + " is no folder; choose another name", e);
    }
  }

  private static void delete(Path folder) throws IOException {
    if (Files.exists(folder)) {
      try (Stream<Path> files = Files.walk(folder)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.deleteIfExists(file);
        }
      }
    }
  }
}
