package org.syntagen.segmentation;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Keeps decoded images until a limit of memory is reached, so that a small set is decoded once and
 * a large one as often as it is read. What is kept never changes what is returned.
 */
final class CachedImages implements LabeledImages {
  private final LabeledImages source;
  private final AtomicReferenceArray<LabeledImage> kept;
  private final AtomicLong freeBytes;

  /**
   * @param mostBytes of pixels and labels that are kept
   */
  CachedImages(LabeledImages source, long mostBytes) {
    this.source = source;
    this.kept = new AtomicReferenceArray<>(source.size());
    this.freeBytes = new AtomicLong(mostBytes);
  }

  @Override
  public int size() {
    return source.size();
  }

  @Override
  public String id(int position) {
    return source.id(position);
  }

  @Override
  public LabeledImage load(int position) {
    LabeledImage image = kept.get(position);
    if (image == null) {
      image = source.load(position);
      if (freeBytes.addAndGet(-image.bytes()) >= 0) {
        kept.set(position, image);
      } else {
        freeBytes.addAndGet(image.bytes());
      }
    }
    return image;
  }
}
