package org.syntagen.cli;

import org.syntagen.labeling.DatasetDiffusion;

/** Labeler parameters that suit the bundled model's small attention grids. */
final class TinyDefaults {
  private TinyDefaults() {}

  /** For the bundled model; for any other the published parameters. */
  static DatasetDiffusion.Parameters labeler(boolean bundled) {
    return bundled
        ? new DatasetDiffusion.Parameters(DatasetDiffusion.ClassText.SENTENCES, 2, 2, 1, 0.7, 0.6)
        : DatasetDiffusion.Parameters.published();
  }
}
