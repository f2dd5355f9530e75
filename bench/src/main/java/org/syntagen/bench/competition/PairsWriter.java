package org.syntagen.bench.competition;

import java.io.IOException;
import java.nio.file.Path;

/** Writes pairs of 512 × 512 pixels to check. Arguments: a new folder, how many. */
public final class PairsWriter {
  private PairsWriter() {}

  public static void main(String[] args) throws IOException {
    new BenchPairs(512, 512).write(Path.of(args[0]), Integer.parseInt(args[1]));
  }
}
