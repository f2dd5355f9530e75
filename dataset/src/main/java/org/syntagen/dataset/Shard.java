package org.syntagen.dataset;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * A part of a dataset that one worker makes: every {@code of}-th sample, beginning with the sample
 * {@code number - 1}.
 *
 * @param number which shard this is, 1 to {@code of}
 * @param of how many shards there are, 1 to 10 000
 */
public record Shard(int number, int of) {
  /** The only shard of one. */
  public static final Shard WHOLE = new Shard(1, 1);

  private static final int MOST = 10_000;
  private static final Pattern TEXT = Pattern.compile("(\\d{1,5})/(\\d{1,5})");

  /**
   * Checks the bounds.
   *
   * @throws InputException if there is no such shard
   */
  public Shard {
    if (of < 1 || of > MOST || number < 1 || number > of) {
      throw new InputException(
          "there is no shard %d/%d; expected i/n with 1 ≤ i ≤ n ≤ %d, e.g. 2/4"
              .formatted(number, of, MOST));
    }
  }

  /**
   * The shard of a text such as "2/4", the second of four.
   *
   * @throws InputException if the text is not of that form
   */
  public static Shard parse(String text) {
    Matcher matcher = TEXT.matcher(text.strip());
    if (!matcher.matches()) {
      throw new InputException(
          "\"" + text + "\" is no shard; expected i/n with 1 ≤ i ≤ n, e.g. 2/4");
    }
    return new Shard(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2)));
  }

  /** Whether this shard makes the sample of an index. */
  public boolean owns(int index) {
    return index % of == number - 1;
  }

  /** The indices below {@code count} that this shard makes, ascending. */
  public IntStream indices(int count) {
    return IntStream.iterate(number - 1, index -> index < count, index -> index + of);
  }

  /** The form that {@link #parse} reads. */
  @Override
  public String toString() {
    return number + "/" + of;
  }
}
