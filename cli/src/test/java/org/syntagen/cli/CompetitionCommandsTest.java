package org.syntagen.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.syntagen.cli.CommandLineTest.run;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.syntagen.challenge.CompetitionFile;
import org.syntagen.challenge.audit.AuditLog;
import org.syntagen.challenge.scoring.Predictions;
import org.syntagen.challenge.submission.Manifest;
import org.syntagen.cli.CommandLineTest.Outcome;
import org.syntagen.dataset.Dataset;
import org.syntagen.dataset.DatasetHeader;
import org.syntagen.dataset.InputException;
import org.syntagen.dataset.LabelMap;
import org.syntagen.labeling.LearnedTokens;
import org.syntagen.tensor.SafeTensors;
import org.syntagen.tensor.StateDict;
import org.syntagen.tensor.Tensors;
import org.syntagen.tensor.WeightFile;
import tools.jackson.databind.json.JsonMapper;

/** A competitor's and an organiser's commands, on pairs of the bundled model. */
class CompetitionCommandsTest {
  @TempDir Path folder;
  private Path competition;

  /** The competition of 2024 with small pictures. */
  @BeforeEach
  void aSmallCompetition() throws IOException {
    try (InputStream in = CompetitionFile.class.getResourceAsStream("syntagen-2024.yaml")) {
      String yaml =
          new String(in.readAllBytes(), StandardCharsets.UTF_8)
              .replace("width: 512", "width: 64")
              .replace("height: 512", "height: 64")
              .replace("samples: 20", "samples: 1")
              .replace("deeplabv3_resnet50", "deeplabv3_mobilenet_v3_large")
              .replace("iterations: 10000", "iterations: 2")
              .replace("batch_size: 8", "batch_size: 2");
      competition = Files.writeString(folder.resolve("competition.yaml"), yaml);
    }
  }

  private Path pairs() {
    Path pairs = folder.resolve("pairs");
    run("generate", "--out", pairs, "--count", 2, "--steps", 2, "--size", 64).succeeds();
    return pairs;
  }

  @Test
  void aDatasetIsCheckedAgainstTheRules() throws IOException {
    Path pairs = pairs();
    assertThat(run("check", pairs, "--competition", competition).succeeds().out())
        .contains("expected: image/", "found:    ", "pairs: keeps the rules");
    Outcome refused = run("check", pairs);
    assertThat(refused.code()).isEqualTo(2);
    assertThat(refused.out()).contains("- image/000000.png is 64×64 pixels; expected 512×512");
    assertThat(refused.err()).doesNotContain("syntagen: ");
    run("check", pairs, "--competition", competition, "--unlike", Tool.asset(Tool.TEST_SCENES))
        .succeeds();
    failed(
        run("check", pairs, "--competition", competition, "--unlike", pairs),
        "- the image of 000001 is a copy of 000001 (SAME_PIXELS, 0 bits differ)");
    Files.delete(pairs.resolve("mask/000001.png"));
    Outcome unmatched = run("check", pairs, "--competition", competition, "--json");
    assertThat(unmatched.code()).isEqualTo(2);
    assertThat(unmatched.out())
        .contains("\"passed\":false", "lists 000001, of which there is no mask");
    run("check", competition).fails(2, "no sound zip archive");
  }

  @Test
  void aPackageIsMadeCheckedAndBoundToItsNetwork() throws IOException {
    Path pairs = pairs();
    Path net = network(pairs, 2);
    Path entry = folder.resolve("entry.zip");
    Outcome packed = pack(pairs, net, entry).succeeds();
    assertThat(packed.out()).contains("manifest ", "Merkle root ", "2 pairs");
    assertThat(run("check", entry, "--competition", competition).succeeds().out())
        .contains("found:    dataset.json, image/ (2 entries), manifest.json");
    Path again = folder.resolve("again.zip");
    pack(entry, net, again).succeeds();
    assertThat(again).hasSameBinaryContentAs(entry);
    pack(pairs, network(pairs, 3), folder.resolve("x.zip"))
        .fails(2, "trained with 3 iterations; expected 2");
    Path none = folder.resolve("x.zip");
    run("package", pairs, "--team", "t", "--checkpoint", net, "--out", none)
        .fails(2, "trained as deeplabv3_mobilenet_v3_large; expected deeplabv3_resnet50");

    Path foreign = folder.resolve("foreign.safetensors"); // which says nothing of its training
    try (StateDict weights = WeightFile.read(net)) {
      SafeTensors.write(foreign, weights, Map.of());
    }
    run("package", pairs, "--team", "t", "--checkpoint", foreign, "--out", none)
        .fails(2, "violates the rules of SyntaGen Competition 2024");
    assertThat(none).doesNotExist();
    assertThat(pack(pairs, foreign, folder.resolve("foreign.zip")).succeeds().out())
        .isEqualTo(packed.out().replace("entry.zip", "foreign.zip"));
  }

  /** A manifest may record what would never end. */
  @Test
  void imagesOfAnotherSizeThanTheRulesAskForAreNotMadeAgain() {
    DatasetHeader header = Dataset.open(pairs()).header().orElseThrow();
    Map<String, Object> large = new HashMap<>(header.generator());
    large.put("width", 16384);
    String hash = "0".repeat(64);
    Manifest manifest =
        new Manifest(
            Manifest.FORMAT,
            "t",
            header.seed(),
            2,
            hash,
            hash,
            hash,
            "stable-diffusion-1",
            large,
            header.labeler(),
            "test");
    try (RecordedGeneration generation =
        new RecordedGeneration(
            manifest,
            CompetitionFile.read(competition).rules(),
            new ReplicationOptions().shelf(List.of()))) {
      assertThatThrownBy(() -> generation.pair("000000"))
          .isInstanceOf(InputException.class)
          .hasMessageContaining("its images have 16384×64 pixels; expected 64×64");
    }
  }

  /** What a team measures, and what the host computes of its predictions. */
  @Test
  void predictionsScoreWhatEvaluateSays() throws IOException {
    Path pairs = pairs();
    Path predictions = folder.resolve("predictions");
    String said =
        run(
                "evaluate",
                "--checkpoint",
                network(pairs, 2),
                "--data",
                pairs,
                "--predictions",
                predictions,
                "--json")
            .succeeds()
            .out();
    double miou = Predictions.score(predictions, Dataset.open(pairs)).meanIou();
    assertThat(JsonMapper.shared().readTree(said).get("mIoU").asDouble()).isEqualTo(100 * miou);
  }

  /** What the host computes of the checkpoint itself, and what it refuses. */
  @Test
  void aServedCheckpointScoresWhatEvaluateSays() throws IOException {
    Path net = network(pairs(), 2);
    String said = run("evaluate", "--checkpoint", net, "--json").succeeds().out();
    Dataset test = Dataset.open(Tool.asset(Tool.TEST_SCENES));
    Path predictions = Files.createDirectory(folder.resolve("predictions"));
    ServedModels models = new ServedModels(List.of(), new ReplicationOptions());
    models.predict(
        net,
        "deeplabv3_mobilenet_v3_large",
        test,
        (id, labels) -> write(labels, predictions.resolve(id + ".png")));
    double miou = Predictions.score(predictions, test).meanIou();
    assertThat(JsonMapper.shared().readTree(said).get("mIoU").asDouble()).isEqualTo(100 * miou);

    assertThatExceptionOfType(InputException.class)
        .isThrownBy(() -> models.predict(net, "deeplabv3_resnet50", test, (id, labels) -> {}))
        .withMessageContaining("holds deeplabv3_mobilenet_v3_large; the rules ask for");
    Path damaged = Files.writeString(folder.resolve("damaged.safetensors"), "x");
    assertThatExceptionOfType(InputException.class).isThrownBy(() -> models.fingerprint(damaged));
  }

  private static void write(LabelMap labels, Path file) {
    try {
      labels.write(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void anAuditLogIsFollowed() throws IOException {
    AuditLog log = new AuditLog(Clock.systemUTC());
    log.append("host", "open", Map.of("phase", "Synthetic datasets"));
    log.append("anna", "commit", Map.of("team", "t"));
    Path file = folder.resolve("audit.jsonl");
    log.export(file);
    assertThat(run("audit", file, "--head", log.head()).succeeds().out())
        .contains("2 entries hold, head " + log.head());
    run("audit", file, "--head", "0".repeat(64)).fails(2, "its end was cut off");
    Files.writeString(file, Files.readString(file).replace("anna", "otto"));
    run("audit", file).fails(2, "audit.jsonl is broken: entry 2 is not what its hash");
  }

  @Test
  void anEntryIsMadeAgain() throws IOException {
    Path pairs = pairs();
    Path net = network(pairs, 2);
    Path entry = folder.resolve("entry.zip");
    pack(pairs, net, entry).succeeds();
    assertThat(verify(entry, "exact", "--checkpoint", net).succeeds().out())
        .startsWith("EXACT: all 1 samples came out equal");
    assertThat(folder.resolve("exact/verification.json")).content().contains("\"EXACT\"");
    verify(entry, "x", "--retrain", pairs).fails(2, "--retrain goes with --checkpoint");
    assertThat(verify(entry, "again", "--checkpoint", net, "--retrain", pairs).out())
        .contains("; a network trained again has mIoU ");
    assertThat(folder.resolve("again/verification.json")).content().contains("\"retraining\":{");
    failed(verify(entry, "net", "--checkpoint", network(pairs, 3)), "MISMATCH: the network's");

    // Pairs that were not made as their manifest says.
    Path recipe = pairs.resolve("dataset.json");
    Files.writeString(recipe, Files.readString(recipe).replace("\"steps\" : 2", "\"steps\" : 3"));
    pack(pairs, net, folder.resolve("lie.zip")).succeeds();
    failed(verify(folder.resolve("lie.zip"), "lie"), "MISMATCH: 1 of 1 samples");
    assertThat(folder.resolve("lie").toFile().list()).hasSize(5);

    Files.writeString(recipe, Files.readString(recipe).replace("\"templates\"", "\"poems\""));
    pack(pairs, net, folder.resolve("poems.zip")).succeeds();
    failed(verify(folder.resolve("poems.zip"), "poems"), "NOT_RUNNABLE: ", "prompts is poems");

    run(
            "verify",
            pairs,
            "--public-seed",
            "1",
            "--evidence",
            folder.resolve("x"),
            "--competition",
            competition)
        .fails(2, "has no manifest.json");
    Files.writeString(
        competition, Files.readString(competition).replace("max_pairs: 10000", "max_pairs: 1"));
    failed(verify(entry, "rules"), "RULE_VIOLATION: train.txt lists 2 pairs");
  }

  /** What an entry was made with beside the model, the verifier has too. */
  @Test
  void anEntryWithALoraAnEmbeddingAndTokensIsMadeAgain() throws IOException {
    Path lora = folder.resolve("lora.safetensors");
    Path word = folder.resolve("ugly.safetensors");
    Path tokens = folder.resolve("tokens.safetensors");
    float[] rows = new float[2 * 128];
    rows[128] = 1;
    LearnedTokens.write(tokens, Map.of("aeroplane", rows, "bicycle", rows), Map.of());
    try (StateDict unet =
            SafeTensors.read(
                Tool.asset(Tool.MODEL).resolve("unet/diffusion_pytorch_model.safetensors"));
        StateDict change = new StateDict("lora");
        StateDict vectors = new StateDict("word")) {
      long[] shape = Tensors.shape(unet.get("conv_in.weight"));
      change.put("unet.conv_in.lora_A.weight", Tensors.full(1, 2, shape[1], shape[2], shape[3]));
      change.put("unet.conv_in.lora_B.weight", Tensors.full(1, shape[0], 2, 1, 1));
      SafeTensors.write(lora, change, Map.of());
      vectors.put("emb_params", Tensors.full(0.5, 2, 128));
      SafeTensors.write(word, vectors, Map.of());
    }
    Path pairs = folder.resolve("pairs");
    List<Object> generate =
        List.of(
            "generate",
            "--out",
            pairs,
            "--count",
            2,
            "--steps",
            2,
            "--size",
            64,
            "--negative",
            "ugly",
            "--lora",
            lora + ":0.05",
            "--embedding",
            word,
            "--labeler",
            "ovam",
            "--tokens",
            tokens);
    run(generate.toArray()).succeeds();
    Path entry = folder.resolve("entry.zip");
    pack(pairs, network(pairs, 2), entry).succeeds();
    failed(
        verify(entry, "bare"), "NOT_RUNNABLE: ", "tokens: no file here has the", "with --tokens");
    failed(
        verify(entry, "plain", "--tokens", tokens),
        "NOT_RUNNABLE: ",
        "loras: no file here has the",
        "with --lora");
    Outcome all =
        verify(entry, "exact", "--lora", lora, "--embedding", word, "--tokens", tokens).succeeds();
    assertThat(all.out()).startsWith("EXACT: ");
  }

  @Test
  void testImagesAreSealedAndOpened() throws IOException {
    Path sealed = folder.resolve("test.sealed");
    Path key = folder.resolve("test.key");
    Path pairs = pairs();
    Outcome seal =
        run("release", "seal", "--data", pairs, "--out", sealed, "--key-file", key).succeeds();
    String hash = seal.out().lines().reduce((first, last) -> last).orElseThrow().substring(12);
    assertThat(seal.out())
        .contains("2 images sealed")
        .doesNotContain(Files.readString(key).strip());
    run("release", "seal", "--data", pairs, "--out", sealed, "--key-file", key)
        .fails(2, "a key is never overwritten");
    Path zip = folder.resolve("test.zip");
    run("release", "open", sealed, "--key-file", key, "--key-hash", hash, "--out", zip).succeeds();
    assertThat(zip).isNotEmptyFile();
    run(
            "release",
            "seal",
            "--data",
            pairs,
            "--out",
            zip.resolve("x"),
            "--key-file",
            folder.resolve("k"))
        .fails(2, "cannot be written");
    assertThat(folder.resolve("k")).doesNotExist();
    Path other = Files.writeString(folder.resolve("other.key"), "0".repeat(64));
    run("release", "open", sealed, "--key-file", other, "--key-hash", hash, "--out", zip)
        .fails(2, "it is not the promised key");
    run("release", "open", sealed, "--key-file", other, "--out", folder.resolve("x.zip"))
        .fails(2, "this is not its key");
    assertThat(folder.resolve("x.zip")).doesNotExist();
  }

  private static void failed(Outcome outcome, String... fragments) {
    assertThat(outcome.code()).isEqualTo(2);
    assertThat(outcome.out()).contains(fragments);
  }

  private Outcome verify(Path entry, String evidence, Object... more) {
    List<Object> args = new ArrayList<>(List.of("verify", entry, "--public-seed", "4 8 15"));
    args.addAll(List.of("--evidence", folder.resolve(evidence), "--competition", competition));
    args.addAll(List.of(more));
    return run(args.toArray());
  }

  private Outcome pack(Path data, Path net, Path out) {
    return run(
        "package",
        data,
        "--team",
        "t",
        "--checkpoint",
        net,
        "--out",
        out,
        "--competition",
        competition);
  }

  private Path network(Path pairs, int iterations) {
    Path net = folder.resolve("net" + iterations + ".safetensors");
    run(
            "train",
            "--data",
            pairs,
            "--out",
            net,
            "--set",
            "backbone=mobilenet_v3_large",
            "--set",
            "iterations=" + iterations,
            "--set",
            "batch_size=2",
            "--set",
            "base_size=64",
            "--set",
            "crop_size=64")
        .succeeds();
    return net;
  }
}
