package org.syntagen.challenge.verification;

import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.syntagen.dataset.Fingerprint;

/**
 * Which samples are made again: drawn by a seed that nobody could know when the dataset was
 * committed to, such as a lottery's numbers, so that neither side can choose them. Anybody can
 * repeat the draw: sample i, counted in the order of the Merkle tree's leaves, has the lot SHA-256
 * of "{@code seed LF root LF i}" in UTF-8, in hex, and the lowest lots are drawn.
 *
 * @param seed the public seed
 * @param merkleRoot of the dataset that is drawn from
 */
public record PublicDraw(String seed, String merkleRoot) {
  /** Checks that the seed is not empty. */
  public PublicDraw {
    if (seed.isBlank()) {
      throw new IllegalArgumentException("the public seed is empty");
    }
  }

  private record Lot(int sample, String hash) {}

  /**
   * The drawn samples, ascending; all of them if there are no more than wanted.
   *
   * @param size how many samples there are
   */
  public List<Integer> draw(int size, int wanted) {
    return IntStream.range(0, size)
        .mapToObj(i -> new Lot(i, Fingerprint.ofText(seed + "\n" + merkleRoot + "\n" + i)))
        .sorted(Comparator.comparing(Lot::hash))
        .limit(wanted)
        .map(Lot::sample)
        .sorted()
        .toList();
  }
}
