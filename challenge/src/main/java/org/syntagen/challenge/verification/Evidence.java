package org.syntagen.challenge.verification;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.syntagen.challenge.Documents;
import org.syntagen.challenge.submission.Manifest;
import org.syntagen.dataset.AtomicFile;
import org.syntagen.dataset.Images;
import org.syntagen.dataset.InputException;
import org.syntagen.dataset.StorageException;

/**
 * What a verdict rests on, as a folder: {@code verification.json} and, of each sample that did not
 * come out equal, image and mask as submitted and as made again.
 */
public final class Evidence {
  private Evidence() {}

  /**
   * Writes the folder; {@code verification.json} comes last, so evidence with it is whole.
   *
   * @param folder new or empty
   * @param seed the public seed of the draw
   * @throws InputException if the folder holds something already
   * @throws StorageException if it cannot be written
   */
  public static void write(Path folder, Replication replication, Manifest manifest, String seed) {
    try {
      Files.createDirectories(folder);
      try (Stream<Path> entries = Files.list(folder)) {
        if (entries.findAny().isPresent()) {
          throw new InputException(folder + " is not empty; choose another folder for evidence");
        }
      }
      for (Replication.Comparison each : replication.comparisons()) {
        if (!each.equal()) {
          Images.writePng(folder.resolve(each.id() + "-submitted.png"), each.submitted().image());
          Images.writePng(folder.resolve(each.id() + "-replica.png"), each.replica().image());
          each.submitted().mask().write(folder.resolve(each.id() + "-submitted-mask.png"));
          each.replica().mask().write(folder.resolve(each.id() + "-replica-mask.png"));
        }
      }
      AtomicFile.writeText(
          folder.resolve("verification.json"),
          Documents.toCanonicalJson(summary(replication, manifest, seed)) + "\n");
    } catch (IOException e) {
      throw StorageException.of(folder, e);
    }
  }

  /** The verdict with all numbers, for JSON. */
  public static Map<String, Object> summary(
      Replication replication, Manifest manifest, String seed) {
    Map<String, Object> summary = new LinkedHashMap<>();
    summary.put("team", manifest.team());
    summary.put("manifest", manifest.hash());
    summary.put("publicSeed", seed);
    summary.put("verdict", replication.verdict().name());
    summary.put("reason", replication.reason());
    List<Map<String, Object>> samples =
        replication.comparisons().stream().map(Evidence::summary).toList();
    summary.put("samples", samples);
    replication.retraining().ifPresent(retraining -> summary.put("retraining", retraining));
    return summary;
  }

  private static Map<String, Object> summary(Replication.Comparison comparison) {
    Map<String, Object> summary = new LinkedHashMap<>();
    summary.put("id", comparison.id());
    summary.put("equal", comparison.equal());
    // JSON has no infinity, which is what equal images have.
    summary.put("psnr", Double.isFinite(comparison.psnr()) ? comparison.psnr() : null);
    summary.put("maskIou", comparison.maskIou());
    return summary;
  }
}
