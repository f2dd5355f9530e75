package org.syntagen.dataset.scenes.art;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.syntagen.dataset.InputException;

/**
 * Takes the pictures of a recipe out of packages: Debian packages (.deb) of furniture catalogues,
 * the catalogues (.sh3f) themselves, and tarballs of npm (.tgz). A package is recognised by its
 * first bytes, not by its name.
 */
final class ArtPackages {
  private static final long MOST_FILE_BYTES = 1L << 30;

  private final List<ArtRecipe.Item> wanted;
  private final Map<ArtRecipe.Item, BufferedImage> found = new HashMap<>();

  ArtPackages(ArtRecipe recipe) {
    this.wanted = recipe.items();
  }

  /**
   * Looks for wanted pictures in a package.
   *
   * @throws InputException if the file is missing, is no package or is damaged
   */
  void add(Path file) {
    try {
      if (!Files.isRegularFile(file)) {
        throw new InputException("there is no package " + file);
      }
      if (Files.size(file) > MOST_FILE_BYTES) {
        throw new InputException(file + " is larger than 1 GiB; that is no package of pictures");
      }
      byte[] head = new byte[8];
      int length;
      try (InputStream in = Files.newInputStream(file)) {
        length = in.readNBytes(head, 0, head.length);
      }
      if (DebianPackage.matches(head, length)) {
        DebianPackage.catalogues(
            file, (name, content) -> FurnitureCatalogue.take(name, content, wanted, found));
      } else if (FurnitureCatalogue.matches(head, length)) {
        String name = file.getFileName().toString();
        FurnitureCatalogue.take(name, Files.readAllBytes(file), wanted, found);
      } else if (NpmPackage.matches(head, length)) {
        NpmPackage.take(file, wanted, found);
      } else {
        throw new InputException(
            file + " is no package that is known; expected a .deb, .sh3f or npm .tgz file");
      }
    } catch (IOException e) {
      throw new InputException(
          "%s cannot be read as a package (%s); download it again".formatted(file, e.getMessage()),
          e);
    }
  }

  /** The pictures that were found so far, by item. */
  Map<ArtRecipe.Item, BufferedImage> found() {
    return found;
  }

  /** The wanted pictures that no package had so far. */
  List<ArtRecipe.Item> missing() {
    return wanted.stream().filter(item -> !found.containsKey(item)).toList();
  }
}
