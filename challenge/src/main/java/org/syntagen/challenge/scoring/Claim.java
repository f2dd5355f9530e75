package org.syntagen.challenge.scoring;

import java.util.Objects;
import java.util.regex.Pattern;
import org.syntagen.challenge.Documents;

/**
 * What a team says of its result on the private test images before it hands it in. The hash fixes
 * the file, so the instant of the claim decides whether it was in time.
 *
 * @param miou the score that the team reports, in percent, 0 to 100
 * @param code where its code lies: an https address, best of one commit
 * @param kind what the score is computed from
 * @param fileHash SHA-256 of the file that is handed in, in lower-case hex
 */
public record Claim(double miou, String code, Kind kind, String fileHash) {
  private static final Pattern CODE = Pattern.compile("https://[\\x21-\\x7e]{4,500}");
  private static final Pattern HASH = Pattern.compile("[0-9a-f]{64}");

  /** What teams may hand in. */
  public enum Kind {
    /** A zip of {@link Predictions}. */
    PREDICTIONS,
    /** The trained network that the team committed to with its dataset; the host runs it. */
    CHECKPOINT
  }

  /** Checks score, address and hash. */
  public Claim {
    Objects.requireNonNull(kind, "kind");
    if (!(miou >= 0 && miou <= 100)) {
      throw new IllegalArgumentException(
          "the claimed mIoU is %s; expected percent, 0 to 100".formatted(miou));
    }
    if (!CODE.matcher(code).matches()) {
      throw new IllegalArgumentException(
          "the code's address must start with https:// and have no spaces, such as"
              + " https://github.com/team/code/tree/3f2a1b0");
    }
    if (!HASH.matcher(fileHash).matches()) {
      throw new IllegalArgumentException(
          "the hash of the file is no SHA-256 in lower-case hex; sha256sum prints it");
    }
  }

  /**
   * Reads a claim.
   *
   * @param where what to call the text in an error
   * @throws org.syntagen.dataset.InputException if it is damaged
   */
  public static Claim parse(String json, String where) {
    return Documents.fromJson(json, Claim.class, where);
  }

  /** The claim as JSON by RFC 8785. */
  public String toCanonicalJson() {
    return Documents.toCanonicalJson(this);
  }
}
