package org.syntagen.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.syntagen.challenge.Competition;
import org.syntagen.challenge.Rules;
import org.syntagen.challenge.submission.Manifest;
import org.syntagen.challenge.submission.MerkleTree;
import org.syntagen.challenge.submission.SubmissionPackage;
import org.syntagen.dataset.Dataset;
import org.syntagen.dataset.DatasetHeader;
import org.syntagen.dataset.Fingerprint;
import org.syntagen.dataset.InputException;
import org.syntagen.segmentation.Backbone;
import org.syntagen.segmentation.Checkpoint;
import org.syntagen.tensor.WeightFile;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code syntagen package}: a dataset and a trained network to a submission. */
@Command(
    name = "package",
    description = {
      "Pack a dataset with a manifest of everything that a team commits to.",
      "That is its seed, fingerprints of dataset and trained network, and where the pairs come from.",
      "Equal content makes equal bytes."
    },
    footer = {
      "",
      "Example: what is handed in",
      "  syntagen package pairs --team \"Teddy Bear\" --checkpoint net.safetensors --out entry.zip"
    })
final class PackageCommand implements Callable<Integer> {
  @Parameters(paramLabel = "DATA", description = "Dataset, folder or zip; see check.")
  private Path data;

  @Option(names = "--team", required = true, description = "The team's name.")
  private String team;

  @Option(
      names = "--checkpoint",
      required = true,
      description = "The network trained on the dataset, .safetensors or .pth.")
  private Path checkpoint;

  @Option(names = "--out", required = true, description = "The zip to write.")
  private Path out;

  @Option(
      names = "--generator",
      description = "Kind of the text-to-image model. Default: the first that the rules allow.")
  private String generator;

  @Option(
      names = "--seed",
      description = "Of the dataset, where it has no dataset.json that tells.")
  private Long seed;

  @Mixin private CompetitionOptions options;

  @Option(names = "--json", description = "Print the result as one line of JSON.")
  private boolean json;

  @Override
  public Integer call() {
    OutputFile.requireFolder(out);
    Competition competition = options.competition();
    Rules rules = competition.rules();
    String kind = kind(rules);
    Optional<Checkpoint> said = Checkpoint.find(checkpoint);
    said.ifPresent(network -> requireByRules(network, rules.training()));
    String network = WeightFile.fingerprint(checkpoint);
    // What takes minutes comes last.
    try (CheckedDataset checked = CheckedDataset.of(data, competition)) {
      if (!checked.report().passed()) {
        CheckDatasetCommand.print(checked.report());
        throw new InputException(
            data + " violates the rules of " + competition.title() + "; nothing was packed");
      }
      Dataset dataset = Dataset.open(checked.folder());
      List<Fingerprint.Entry> samples = checked.report().samples();
      String fingerprint = Fingerprint.of(samples);
      said.ifPresent(one -> require("on the dataset", one.datasetFingerprint(), "", fingerprint));
      Optional<DatasetHeader> header = dataset.header();
      Manifest manifest =
          GenerateCommand.checked(
              () ->
                  new Manifest(
                      Manifest.FORMAT,
                      team,
                      seed(header),
                      samples.size(),
                      fingerprint,
                      MerkleTree.ofSamples(samples).root(),
                      network,
                      kind,
                      header.map(DatasetHeader::generator).orElse(Map.of()),
                      header.map(DatasetHeader::labeler).orElse(Map.of()),
                      header.map(DatasetHeader::tool).orElse("unknown")));
      SubmissionPackage.write(out, manifest, dataset);
      print(manifest);
    }
    return 0;
  }

  private String kind(Rules rules) {
    String kind = generator == null ? rules.generators().get(0) : generator;
    if (!rules.generators().contains(kind)) {
      throw new InputException(
          "--generator %s: the rules allow %s"
              .formatted(kind, String.join(", ", rules.generators())));
    }
    return kind;
  }

  private long seed(Optional<DatasetHeader> header) {
    if (header.isEmpty() && seed == null) {
      throw new InputException(data + " has no dataset.json; tell its seed with --seed");
    }
    if (header.isPresent() && seed != null && seed != header.get().seed()) {
      throw new InputException(
          "--seed %d: dataset.json says %d; leave it out".formatted(seed, header.get().seed()));
    }
    return header.map(DatasetHeader::seed).orElse(seed);
  }

  /** What a network of this project says of its training must fit; others say nothing. */
  private void requireByRules(Checkpoint network, Rules.Training rules) {
    require(
        "as",
        Backbone.named((String) network.training().get("backbone")).network(),
        "",
        rules.model());
    require("with", network.iterations(), " iterations", rules.iterations());
    require("with", network.training().get("batch_size"), " images a batch", rules.batchSize());
  }

  private void require(String how, Object found, String unit, Object expected) {
    if (!found.equals(expected)) {
      throw new InputException(
          "%s was trained %s %s%s; expected %s".formatted(checkpoint, how, found, unit, expected));
    }
  }

  private void print(Manifest manifest) {
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("package", out.toString());
    result.put("pairs", manifest.pairs());
    result.put("manifest", manifest.hash());
    result.put("merkleRoot", manifest.merkleRoot());
    if (json) {
      System.out.println(Json.line(result));
    } else {
      System.out.println(out + ": " + manifest.pairs() + " pairs");
      System.out.println("manifest " + manifest.hash());
      System.out.println("Merkle root " + manifest.merkleRoot());
    }
  }
}
