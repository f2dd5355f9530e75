package org.syntagen.challenge.submission;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.syntagen.challenge.Documents;
import org.syntagen.challenge.Rules;
import org.syntagen.challenge.check.CheckReport;
import org.syntagen.challenge.check.DatasetCheck;
import org.syntagen.dataset.AtomicFile;
import org.syntagen.dataset.Dataset;
import org.syntagen.dataset.Fingerprint;
import org.syntagen.dataset.InputException;
import org.syntagen.dataset.StorageException;

/**
 * A submission as one zip: {@code manifest.json}, then the dataset as {@code image/}, {@code mask/}
 * and {@code train.txt}. Equal content makes equal bytes: see {@link ReproducibleZip}.
 */
public final class SubmissionPackage {
  private static final List<String> RECORDS = List.of("dataset.json", "samples.jsonl");

  private SubmissionPackage() {}

  /**
   * Packs a dataset with its manifest; the zip appears under its name only when whole.
   *
   * @throws StorageException if it cannot be written
   * @throws InputException if a file of the dataset is gone
   */
  public static void write(Path zip, Manifest manifest, Dataset dataset) {
    try {
      AtomicFile.write(zip, out -> write(out, manifest, dataset));
    } catch (IOException e) {
      throw StorageException.of(zip, e);
    }
  }

  private static void write(OutputStream out, Manifest manifest, Dataset dataset)
      throws IOException {
    ReproducibleZip zip = new ReproducibleZip(out);
    zip.add(Manifest.FILE, manifest.toCanonicalJson());
    for (String name : RECORDS) {
      Path file = dataset.folder().resolve(name);
      if (Files.isRegularFile(file)) {
        zip.add(name, file);
      }
    }
    zip.add("train.txt", String.join("\n", dataset.ids()) + "\n");
    for (int i = 0; i < dataset.size(); i++) {
      Path image = dataset.imageFile(i);
      Path mask = dataset.maskFile(i);
      zip.add("image/" + image.getFileName(), image);
      zip.add("mask/" + mask.getFileName(), mask);
    }
    zip.finish();
  }

  /**
   * The manifest in a folder, if there is one.
   *
   * @throws InputException if it is damaged
   */
  public static Optional<Manifest> manifest(Path folder) {
    Path file = folder.resolve(Manifest.FILE);
    return Files.exists(file)
        ? Optional.of(Manifest.parse(Documents.text(file), Manifest.FILE))
        : Optional.empty();
  }

  /**
   * Checks a dataset, and where a manifest lies beside it, that it speaks of these very files.
   *
   * @param folder what {@link DatasetCheck#root} returned
   */
  public static CheckReport check(Path folder, Rules rules, DatasetCheck.Listener listener) {
    CheckReport report = new DatasetCheck(rules).run(folder, listener);
    List<String> violations = new ArrayList<>(report.violations());
    try {
      manifest(folder).ifPresent(found -> violations.addAll(lies(found, report, rules)));
    } catch (InputException e) {
      violations.add(e.getMessage());
    }
    return new CheckReport(report.expected(), report.found(), violations, report.samples());
  }

  private static List<String> lies(Manifest manifest, CheckReport report, Rules rules) {
    List<String> lies = new ArrayList<>();
    Map<String, List<Object>> claims = new LinkedHashMap<>();
    claims.put("pairs", List.of(manifest.pairs(), report.samples().size()));
    claims.put(
        "datasetFingerprint",
        List.of(manifest.datasetFingerprint(), Fingerprint.of(report.samples())));
    claims.put(
        "merkleRoot",
        List.of(manifest.merkleRoot(), MerkleTree.ofSamples(report.samples()).root()));
    claims.forEach(
        (key, values) -> {
          if (!values.get(0).equals(values.get(1))) {
            lies.add(
                "%s says %s %s; the files have %s"
                    .formatted(Manifest.FILE, key, values.get(0), values.get(1)));
          }
        });
    if (!rules.generators().contains(manifest.generator())) {
      lies.add(
          "%s names the generator %s; expected one of %s"
              .formatted(
                  Manifest.FILE, manifest.generator(), String.join(", ", rules.generators())));
    }
    return lies;
  }
}
