package org.syntagen.challenge.verification;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.syntagen.challenge.Tolerance;
import org.syntagen.challenge.check.CheckReport;
import org.syntagen.challenge.submission.Manifest;
import org.syntagen.challenge.submission.MerkleTree;
import org.syntagen.dataset.Dataset;
import org.syntagen.dataset.Fingerprint;

/**
 * An entry's pairs made again. What makes them is handed in, so nothing here knows of models.
 *
 * @param verdict the worst of what was found
 * @param reason why, in one line
 * @param comparisons of the samples that were made again, in the order of their ids
 * @param retraining of a network on the pairs, where that was wanted
 */
public record Replication(
    Verdict verdict, String reason, List<Comparison> comparisons, Optional<Retraining> retraining) {

  /**
   * A submitted pair beside its replica.
   *
   * @param id the sample's id
   * @param submitted what the team handed in
   * @param replica what came out now
   * @param psnr of the images, in dB; infinite if they are equal
   * @param maskIou the masks' agreement, 0 to 1
   * @param equal whether every pixel of image and mask is equal
   */
  public record Comparison(
      String id,
      Dataset.Pair submitted,
      Dataset.Pair replica,
      double psnr,
      double maskIou,
      boolean equal) {

    private static Comparison of(String id, Dataset.Pair submitted, Dataset.Pair replica) {
      boolean equal =
          Fingerprint.ofImage(submitted.image()).equals(Fingerprint.ofImage(replica.image()))
              && submitted.mask().equals(replica.mask());
      return new Comparison(
          id,
          submitted,
          replica,
          Similarity.psnr(submitted.image(), replica.image()),
          Similarity.meanIou(submitted.mask(), replica.mask()),
          equal);
    }

    private boolean within(Tolerance tolerance) {
      return psnr >= tolerance.minPsnr() && maskIou >= tolerance.minMaskIou();
    }
  }

  /** Copies the list. */
  public Replication {
    comparisons = List.copyOf(comparisons);
  }

  private Replication(Verdict verdict, String reason, List<Comparison> comparisons) {
    this(verdict, reason, comparisons, Optional.empty());
  }

  /** What came out with a network trained again: the worse verdict of both. */
  public Replication with(Retraining retraining, Tolerance tolerance) {
    Verdict trained = retraining.verdict(tolerance);
    return new Replication(
        trained.compareTo(verdict) > 0 ? trained : verdict,
        reason + "; " + retraining.words(tolerance),
        comparisons,
        Optional.of(retraining));
  }

  /**
   * Makes the drawn samples again and compares.
   *
   * @param report the rules on the entry; if they are broken, nothing is made
   * @param folder where the entry's dataset lies
   * @param manifest what the team committed to
   * @param seed the public seed of the draw
   * @param model the fingerprint of the trained network that the team handed in, if it did
   * @param generator makes the pair of a sample's id; whatever it throws counts as not runnable
   */
  public static Replication of(
      CheckReport report,
      Path folder,
      Manifest manifest,
      String seed,
      Tolerance tolerance,
      Optional<String> model,
      Function<String, Dataset.Pair> generator) {
    if (!report.passed()) {
      return new Replication(Verdict.RULE_VIOLATION, report.violations().get(0), List.of());
    }
    Optional<String> otherNetwork = model.flatMap(manifest::otherNetwork);
    if (otherNetwork.isPresent()) {
      return new Replication(Verdict.MISMATCH, otherNetwork.get(), List.of());
    }
    List<Comparison> comparisons = new ArrayList<>();
    // In the order of the tree's leaves, since the team could change that of its list.
    List<Fingerprint.Entry> samples = MerkleTree.sorted(report.samples());
    Dataset dataset = Dataset.open(folder);
    PublicDraw draw = new PublicDraw(seed, manifest.merkleRoot());
    for (int leaf : draw.draw(samples.size(), tolerance.samples())) {
      String id = samples.get(leaf).id();
      try {
        Dataset.Pair submitted = dataset.pair(dataset.ids().indexOf(id));
        comparisons.add(Comparison.of(id, submitted, generator.apply(id)));
      } catch (RuntimeException e) {
        return new Replication(
            Verdict.NOT_RUNNABLE, "sample %s: %s".formatted(id, e.getMessage()), comparisons);
      }
    }
    return judged(comparisons, tolerance);
  }

  private static Replication judged(List<Comparison> comparisons, Tolerance tolerance) {
    long equal = comparisons.stream().filter(Comparison::equal).count();
    if (equal == comparisons.size()) {
      return new Replication(
          Verdict.EXACT, "all %d samples came out equal".formatted(equal), comparisons);
    }
    List<Comparison> different =
        comparisons.stream().filter(each -> !each.equal && !each.within(tolerance)).toList();
    if (different.isEmpty()) {
      return new Replication(
          Verdict.WITHIN_TOLERANCE,
          "%d of %d samples came out equal, the others within tolerance"
              .formatted(equal, comparisons.size()),
          comparisons);
    }
    Comparison first = different.get(0);
    return new Replication(
        Verdict.MISMATCH,
        "%d of %d samples came out different, the first %s: %.1f dB, mask IoU %.3f; expected at least"
                .formatted(
                    different.size(), comparisons.size(), first.id, first.psnr, first.maskIou)
            + " %.1f dB and %.3f".formatted(tolerance.minPsnr(), tolerance.minMaskIou()),
        comparisons);
  }
}
