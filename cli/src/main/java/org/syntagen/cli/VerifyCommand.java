package org.syntagen.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.syntagen.challenge.Competition;
import org.syntagen.challenge.Rules;
import org.syntagen.challenge.submission.Manifest;
import org.syntagen.challenge.submission.SubmissionPackage;
import org.syntagen.challenge.verification.Evidence;
import org.syntagen.challenge.verification.Replication;
import org.syntagen.challenge.verification.Retraining;
import org.syntagen.dataset.Dataset;
import org.syntagen.dataset.InputException;
import org.syntagen.segmentation.DeepLabV3;
import org.syntagen.segmentation.Evaluator;
import org.syntagen.segmentation.LabeledImages;
import org.syntagen.segmentation.Predictor;
import org.syntagen.tensor.WeightFile;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code syntagen verify}: a submission's samples made again and compared. */
@Command(
    name = "verify",
    description = {
      "Make samples of a submission again, as its manifest says they were made, and compare.",
      "Which ones a public seed decides, such as a lottery's numbers drawn after the deadline.",
      "Exit code 0 for EXACT and WITHIN_TOLERANCE, 2 for MISMATCH, NOT_RUNNABLE, RULE_VIOLATION."
    },
    footer = {
      "",
      "Example: an entry made with Stable Diffusion 1.5",
      "  syntagen verify entry.zip --model sd15 --public-seed \"4 8 15 16 23 42\" --evidence out"
    })
final class VerifyCommand implements Callable<Integer> {
  @Parameters(paramLabel = "PACKAGE", description = "What package wrote, as zip or folder.")
  private Path entry;

  @Option(names = "--public-seed", required = true, description = "Decides which samples.")
  private String publicSeed;

  @Option(
      names = "--evidence",
      required = true,
      description = "New folder for the verdict, and for pairs that differ.")
  private Path evidence;

  @Mixin private ModelOptions model;

  @Mixin private ReplicationOptions files;

  @Option(
      names = "--checkpoint",
      description = "The team's trained network, whose fingerprint must be the manifest's.")
  private Path checkpoint;

  @Option(
      names = "--retrain",
      paramLabel = "TEST",
      description = {
        "Train the network again on the entry as the rules say, too, and compare its score on",
        "these labelled images with that of --checkpoint."
      })
  private Path test;

  @Mixin private CompetitionOptions options;

  @Option(names = "--json", description = "Print the result as one line of JSON.")
  private boolean json;

  @Mixin private DeviceOptions device;

  @Override
  public Integer call() {
    device.use();
    if (test != null && checkpoint == null) {
      throw new InputException("--retrain goes with --checkpoint, whose score it is compared with");
    }
    Competition competition = options.competition();
    Optional<String> network = Optional.ofNullable(checkpoint).map(WeightFile::fingerprint);
    try (CheckedDataset checked = CheckedDataset.of(entry, competition)) {
      Manifest manifest =
          SubmissionPackage.manifest(checked.folder())
              .orElseThrow(
                  () -> new InputException(entry + " has no manifest.json; expected a package"));
      Replication replication;
      try (RecordedGeneration generation =
              new RecordedGeneration(
                  manifest, competition.rules(), files.shelf(List.of(model::load)));
          Progress progress =
              new Progress(
                  "samples", Math.min(manifest.pairs(), competition.tolerance().samples()))) {
        replication =
            Replication.of(
                checked.report(),
                checked.folder(),
                manifest,
                publicSeed,
                competition.tolerance(),
                network,
                id -> {
                  Dataset.Pair pair = generation.pair(id);
                  progress.step();
                  return pair;
                });
      }
      if (test != null && replication.verdict().passed()) {
        Retraining retraining = retraining(Dataset.open(checked.folder()), competition);
        replication = replication.with(retraining, competition.tolerance());
      }
      Evidence.write(evidence, replication, manifest, publicSeed);
      System.out.println(
          json
              ? Json.line(Evidence.summary(replication, manifest, publicSeed))
              : replication.verdict() + ": " + replication.reason());
      return replication.verdict().passed() ? ExitCode.OK : ExitCode.USAGE;
    }
  }

  private Retraining retraining(Dataset pairs, Competition competition) {
    Rules.Training rules = competition.rules().training();
    Path trained;
    try {
      trained = Files.createTempFile("retrained", ".safetensors");
    } catch (IOException e) {
      throw new UncheckedIOException("no temporary file can be made: " + e.getMessage(), e);
    }
    try (Progress progress = new Progress("iterations", rules.iterations())) {
      files.training(rules).run(pairs, trained, done -> progress.at(done, ""));
      return new Retraining(score(checkpoint), score(trained));
    } finally {
      trained.toFile().delete();
    }
  }

  private double score(Path network) {
    Dataset images = Dataset.open(test);
    try (DeepLabV3 model = DeepLabV3.load(network)) {
      return 100
          * new Evaluator(images.classes())
              .evaluate(
                  new Predictor(model, TestImagesOptions.AS_THEY_ARE),
                  LabeledImages.of(images),
                  (image, labels) -> {})
              .metrics()
              .meanIou();
    }
  }
}
