package org.syntagen.labeling;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.syntagen.labeling.ClassText.Tokens;
import org.syntagen.tensor.Ops;
import org.syntagen.tensor.Tensors;

/** What attributions do to maps of classes. Results belong to the open scope. */
final class ClassMaps {
  private ClassMaps() {}

  /**
   * The attention of each class, the mean over all tokens of all its occurrences.
   *
   * @param cross [texts, height · width, tokens]
   * @return [1, classes, height, width]
   */
  static Tensor of(Tensor cross, List<Tokens> tokens, long height, long width) {
    List<Tensor> maps = new ArrayList<>();
    for (Tokens each : tokens) {
      long[] rows =
          each.spans().stream().flatMapToInt(Arrays::stream).mapToLong(row -> row).toArray();
      Tensor columns = cross.select(0, each.text()).index_select(1, Tensors.of(rows, rows.length));
      maps.add(Ops.mean(columns, false, 1));
    }
    return Ops.stack(maps).reshape(1, tokens.size(), height, width);
  }

  /**
   * Each class scaled to 0 … 1.
   *
   * @param maps [1, classes, height, width]
   */
  static Tensor scaled(Tensor maps) {
    Tensor low = maps.amin(new long[] {2, 3}, true);
    Tensor range = Ops.clampMin(maps.amax(new long[] {2, 3}, true).sub(low), 1e-12);
    return maps.sub(low).div(range);
  }

  /** A side of the U-Net's grid at 1/factor of the latent's resolution. */
  static long side(long latent, int factor) {
    return (latent + factor - 1) / factor;
  }
}
