package org.syntagen.segmentation;

import java.util.Collections;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import org.syntagen.dataset.InputException;

/**
 * Images of which broken ones are passed over: in the place of one stands the next that can be
 * read, so that what a position shows depends on the images alone. Thread-safe.
 */
public final class SkippingImages implements LabeledImages {
  private final LabeledImages source;
  private final Map<String, String> skipped = new ConcurrentSkipListMap<>();

  public SkippingImages(LabeledImages source) {
    this.source = source;
  }

  @Override
  public int size() {
    return source.size();
  }

  @Override
  public String id(int position) {
    return source.id(position);
  }

  /**
   * The image at a position or the next that can be read, going round.
   *
   * @throws InputException the first image's, if none can be read
   */
  @Override
  public LabeledImage load(int position) {
    InputException first = null;
    for (int i = 0; i < source.size(); i++) {
      int at = (position + i) % source.size();
      try {
        return source.load(at);
      } catch (InputException e) {
        skipped.putIfAbsent(source.id(at), e.getMessage());
        first = first == null ? e : first;
      }
    }
    throw first;
  }

  /** What was passed over so far: the reasons by id. */
  public Map<String, String> skipped() {
    return Collections.unmodifiableMap(skipped);
  }
}
