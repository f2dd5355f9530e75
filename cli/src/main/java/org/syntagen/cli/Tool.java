package org.syntagen.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import org.syntagen.dataset.InputException;
import picocli.CommandLine.IVersionProvider;

/** Name and version of the program, and where it is installed. */
final class Tool implements IVersionProvider {
  static final String VERSION = "0.1.0";

  /** For headers and provenance. */
  static final String NAME = "syntagen " + VERSION;

  /** The bundled model's folder. */
  static final String MODEL = "syntagen-tiny";

  /** The bundled library of cut-outs. */
  static final String CUTOUTS = "cutouts";

  /** The bundled test split of the scenes benchmark. */
  static final String TEST_SCENES = "scenes-test";

  /** The bundled classifier of scenes: a judge of generated images and a start for segmenters. */
  static Path classifier() {
    return asset("scenes-classifier").resolve("mobilenet_v3_large.safetensors");
  }

  /** A folder that comes with the program. */
  static Path asset(String name) {
    Path folder = Path.of(System.getProperty("syntagen.home", ".")).resolve("assets").resolve(name);
    if (!Files.isDirectory(folder)) {
      throw new InputException(
          folder + ": the bundled folder is missing; start the program with its script ./syntagen");
    }
    return folder;
  }

  @Override
  public String[] getVersion() {
    return new String[] {NAME, "Java " + Runtime.version()};
  }
}
