package org.syntagen.cli;

import java.nio.file.Path;
import org.syntagen.dataset.Dataset;
import picocli.CommandLine.Option;

/** The labelled images that a segmenter is measured on, and how large it sees them. */
final class TestImagesOptions {
  /** The shorter side of images that are not resized. */
  static final int AS_THEY_ARE = 0;

  @Option(
      names = "--data",
      description = "Dataset folder or VOC devkit. Default: the bundled test scenes.")
  private Path data;

  @Option(
      names = "--list",
      defaultValue = "train",
      description = "Which list of a dataset. Default: ${DEFAULT-VALUE}.")
  private String list;

  @Option(
      names = "--shorter-side",
      defaultValue = "" + AS_THEY_ARE,
      description = "Resize images to this for the network; 0: as they are.")
  private int shorterSide;

  Dataset open() {
    return Dataset.open(data == null ? Tool.asset(Tool.TEST_SCENES) : data, list);
  }

  int shorterSide() {
    return shorterSide;
  }
}
