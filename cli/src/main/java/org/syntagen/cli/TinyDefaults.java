package org.syntagen.cli;

import java.util.Optional;
import org.syntagen.labeling.DatasetDiffusion;
import org.syntagen.labeling.DenseCrf;
import org.syntagen.labeling.Refinement;

/**
 * Labeler parameters that suit the bundled model, calibrated on training scenes. On 100 others of
 * them {@code label} reaches mIoU 44.1, and 34.2 with {@code --no-crf}; README has the commands.
 */
final class TinyDefaults {
  private TinyDefaults() {}

  /** For the bundled model; for any other the published parameters. */
  static DatasetDiffusion.Parameters labeler(boolean bundled) {
    return bundled
        ? new DatasetDiffusion.Parameters(DatasetDiffusion.ClassText.SENTENCES, 2, 2, 0, 0.6, 0.5)
        : DatasetDiffusion.Parameters.published();
  }

  /** For the bundled model; any other is labelled by thresholds, as published. */
  static Optional<Refinement> refinement(boolean bundled) {
    return bundled
        ? Optional.of(new Refinement(0.5, 0.2, 0.6, new DenseCrf(5, 1, 3, 40, 13, 10)))
        : Optional.empty();
  }
}
