package org.syntagen.diffusion;

import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.syntagen.tensor.Ops;
import org.syntagen.tensor.Scope;
import org.syntagen.tensor.SeededNoise;

/**
 * Normal noise for a batch in which each item has a stream of its own, so that it gets the same
 * numbers whatever else is in the batch. Stateful and not thread-safe.
 */
final class BatchNoise implements AutoCloseable {
  private final List<SeededNoise> streams;
  private final long[] shape; // of one item: [1, …]

  /**
   * @param seeds one an item
   * @param itemShape without the batch
   */
  BatchNoise(long[] seeds, long... itemShape) {
    streams = Arrays.stream(seeds).mapToObj(SeededNoise::new).toList();
    shape = new long[itemShape.length + 1];
    shape[0] = 1;
    System.arraycopy(itemShape, 0, shape, 1, itemShape.length);
  }

  /** Fresh standard normal numbers, [items, …]. */
  Tensor draw() {
    return Scope.compute(
        () -> Ops.cat(streams.stream().map(stream -> stream.normal(shape)).toList(), 0));
  }

  @Override
  public void close() {
    streams.forEach(SeededNoise::close);
  }
}
