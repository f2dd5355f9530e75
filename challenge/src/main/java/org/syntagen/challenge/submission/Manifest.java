package org.syntagen.challenge.submission;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.syntagen.challenge.Documents;
import org.syntagen.challenge.Rules;
import org.syntagen.dataset.Fingerprint;
import org.syntagen.dataset.InputException;
import org.syntagen.dataset.SampleSeed;

/**
 * What a team commits to: fingerprints of everything that it hands in. The manifest's own hash is
 * what the host signs, so nothing of it can change afterwards.
 *
 * @param format 1
 * @param team the team's name
 * @param seed of the dataset, 0 to 2<sup>53</sup> − 1
 * @param pairs how many samples the dataset has
 * @param datasetFingerprint {@link Fingerprint#of} its samples
 * @param merkleRoot {@link MerkleTree#root} over its samples
 * @param modelFingerprint of the trained segmenter's tensors
 * @param generator the kind of text-to-image model, one of {@link Rules#generators}
 * @param generatorProvenance what else the images are a function of; may be empty
 * @param labelerProvenance what the masks are a function of; may be empty
 * @param tool name and version of the program that made the dataset
 */
public record Manifest(
    int format,
    String team,
    long seed,
    int pairs,
    String datasetFingerprint,
    String merkleRoot,
    String modelFingerprint,
    String generator,
    Map<String, Object> generatorProvenance,
    Map<String, Object> labelerProvenance,
    String tool) {
  /** The file's name in a package. */
  public static final String FILE = "manifest.json";

  /** The version that this code reads and writes. */
  public static final int FORMAT = 1;

  private static final Pattern HASH = Pattern.compile("[0-9a-f]{64}");
  private static final Pattern TEAM = Pattern.compile("[\\p{L}\\p{N}][\\p{L}\\p{N} ._'-]{0,79}");

  private static final Pattern GENERATOR = Pattern.compile("[\\p{L}\\p{N}\\p{P}\\p{S} ]{1,80}");

  /** Checks ranges and hashes. */
  public Manifest {
    generatorProvenance = Collections.unmodifiableMap(new TreeMap<>(generatorProvenance));
    labelerProvenance = Collections.unmodifiableMap(new TreeMap<>(labelerProvenance));
    if (format != FORMAT) {
      throw new IllegalArgumentException(
          "the manifest has format %d; this program reads %d".formatted(format, FORMAT));
    }
    requireTeam(team);
    if (seed < 0 || seed >= SampleSeed.BOUND) {
      throw new IllegalArgumentException(
          "the seed is %d; expected 0 to %d".formatted(seed, SampleSeed.BOUND - 1));
    }
    if (!GENERATOR.matcher(generator).matches()) {
      throw new IllegalArgumentException(
          "the generator has %d characters or others than letters, digits, marks and spaces; expected a name of 1 to 80"
              .formatted(generator.length()));
    }
    if (pairs < 1) {
      throw new IllegalArgumentException("the manifest speaks of %d pairs".formatted(pairs));
    }
    for (String hash : List.of(datasetFingerprint, merkleRoot, modelFingerprint)) {
      if (!HASH.matcher(hash).matches()) {
        throw new IllegalArgumentException(
            "a fingerprint in the manifest is no SHA-256 in lower-case hex");
      }
    }
  }

  /**
   * Checks the name of a team.
   *
   * @throws IllegalArgumentException if no manifest may carry it
   */
  public static void requireTeam(String name) {
    if (!TEAM.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "\"%s\" is no team's name; expected 1 to 80 letters, digits and . _ ' -"
              .formatted(name.replaceAll("\\p{Cntrl}", "?")));
    }
  }

  /**
   * Why a trained network is not the one that the team committed to, in one line; empty if it is.
   *
   * @param fingerprint of the network's tensors
   */
  public Optional<String> otherNetwork(String fingerprint) {
    return fingerprint.equals(modelFingerprint)
        ? Optional.empty()
        : Optional.of(
            "the network's fingerprint is %s; the team committed to %s"
                .formatted(fingerprint, modelFingerprint));
  }

  /**
   * Reads a manifest.
   *
   * @param where what to call the text in an error
   * @throws InputException if it is damaged
   */
  public static Manifest parse(String json, String where) {
    return Documents.fromJson(json, Manifest.class, where);
  }

  /** The manifest as it is hashed: JSON by RFC 8785. */
  public String toCanonicalJson() {
    return Documents.toCanonicalJson(this);
  }

  /** SHA-256 of {@link #toCanonicalJson}, in lower-case hex. */
  public String hash() {
    return Fingerprint.ofText(toCanonicalJson());
  }
}
