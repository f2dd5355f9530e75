package org.syntagen.cli;

import java.nio.file.Path;
import org.syntagen.challenge.Competition;
import org.syntagen.challenge.CompetitionFile;
import picocli.CommandLine.Option;

/** Whose rules hold. */
final class CompetitionOptions {
  @Option(
      names = "--competition",
      paramLabel = "FILE",
      description = "The competition's YAML file. Default: that of 2024.")
  private Path file;

  Competition competition() {
    return file == null ? CompetitionFile.example() : CompetitionFile.read(file);
  }
}
