package org.syntagen.dataset;

import java.util.Locale;
import java.util.regex.Pattern;

/** How samples are called: the stem of their image and mask files. */
final class SampleId {
  /** One more than the highest index that six digits hold. */
  static final int BOUND = 1_000_000;

  private static final Pattern SAFE = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._-]{0,199}");

  private SampleId() {}

  /** The id of the sample of an index: six digits. */
  static String of(int index) {
    return String.format(Locale.ROOT, "%06d", index);
  }

  /**
   * Whether a name that was read from a file is a plain stem: letters, digits, dot, hyphen and
   * underscore, so that it cannot lead out of the dataset's folder.
   */
  static boolean safe(String id) {
    return SAFE.matcher(id).matches();
  }
}
