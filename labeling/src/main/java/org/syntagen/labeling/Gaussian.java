package org.syntagen.labeling;

import java.util.stream.LongStream;
import org.bytedeco.pytorch.Tensor;
import org.syntagen.tensor.Ops;
import org.syntagen.tensor.Tensors;

/** A Gaussian blur of maps. */
final class Gaussian {
  private static final double REACH = 4; // deviations, as SciPy's gaussian_filter

  private Gaussian() {}

  /**
   * Borders are continued by their last value.
   *
   * @param maps [1, maps, height, width]
   * @param deviation in positions
   * @return as the maps, owned by the open scope
   */
  static Tensor blur(Tensor maps, double deviation) {
    int reach = (int) Math.round(REACH * deviation);
    float[] kernel = new float[2 * reach + 1];
    double sum = 0;
    for (int i = -reach; i <= reach; i++) {
      sum += Math.exp(-i * i / (2 * deviation * deviation));
    }
    for (int i = -reach; i <= reach; i++) {
      kernel[i + reach] = (float) (Math.exp(-i * i / (2 * deviation * deviation)) / sum);
    }
    return alongRows(alongRows(maps, kernel).transpose(2, 3), kernel).transpose(2, 3).contiguous();
  }

  private static Tensor alongRows(Tensor maps, float[] kernel) {
    int reach = kernel.length / 2;
    long width = maps.size(3);
    Tensor total = null;
    for (int i = -reach; i <= reach; i++) {
      int shift = i;
      long[] from =
          LongStream.range(0, width)
              .map(x -> Math.max(0, Math.min(width - 1, x + shift)))
              .toArray();
      Tensor shifted = maps.index_select(3, Tensors.of(from, width));
      total =
          total == null
              ? Ops.scale(shifted, kernel[0])
              : Ops.addInPlace(total, shifted, kernel[i + reach]);
    }
    return total;
  }
}
