package org.syntagen.cli;

import java.util.List;
import org.syntagen.dataset.ClassSet;
import org.syntagen.labeling.ClassText;
import org.syntagen.labeling.ColorSegments;
import org.syntagen.labeling.Daam;
import org.syntagen.labeling.DatasetDiffusion;
import org.syntagen.labeling.DenoisingContrast;
import org.syntagen.labeling.DenseCrf;
import org.syntagen.labeling.Labeler;
import org.syntagen.labeling.Mean;
import org.syntagen.labeling.Presence;
import org.syntagen.labeling.Refinement;

/** The labeler that suits the bundled model, calibrated on training scenes (docs/labeling.md). */
final class TinyDefaults {
  private TinyDefaults() {}

  static Labeler labeler(ClassSet classes) {
    return new Labeler(new Mean(new Daam(classes), contrast(classes)), decision());
  }

  /** The published resolutions; its self-attention, applied often, blurs more than it spreads. */
  static DatasetDiffusion.Parameters attention() {
    return new DatasetDiffusion.Parameters(ClassText.JOINED, false, 4, 2, 1);
  }

  static DenoisingContrast contrast(ClassSet classes) {
    return new DenoisingContrast(
        new DenoisingContrast.Parameters(List.of(200L, 400L, 600L), 0.047, 1), classes);
  }

  /** Finds classes without a caption. */
  static Presence presence(ClassSet classes) {
    return new Presence(contrast(classes), 0.003);
  }

  /** The published distances on images of a quarter of the side. */
  static ColorSegments segments() {
    return new ColorSegments(0.56, 20, 1, 2, 0, 1, 1);
  }

  static Refinement decision() {
    return decision(0.25);
  }

  /**
   * @param background score of the background everywhere
   */
  static Refinement decision(double background) {
    return new Refinement(background, 0.2, 0.6, 1, new DenseCrf(5, 1, 3, 40, 13, 10));
  }
}
