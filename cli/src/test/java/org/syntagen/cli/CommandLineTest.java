package org.syntagen.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.syntagen.dataset.Dataset;
import org.syntagen.dataset.LabelMap;
import org.syntagen.segmentation.Checkpoint;
import org.syntagen.tensor.Device;
import org.syntagen.tensor.SafeTensors;
import org.syntagen.tensor.StateDict;
import org.syntagen.tensor.Tensors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The commands as a user meets them: exit code, the one line of an error, and what is written. */
class CommandLineTest {
  @TempDir Path folder;

  record Outcome(int code, String out, String err) {
    Outcome fails(int expected, String... fragments) {
      assertThat(code).as(err).isEqualTo(expected);
      assertThat(err.lines().filter(line -> line.startsWith("syntagen: "))).hasSize(1);
      assertThat(err).contains(fragments).doesNotContain("\tat ");
      return this;
    }

    Outcome succeeds() {
      assertThat(code).as(err).isZero();
      return this;
    }
  }

  static synchronized Outcome run(Object... args) {
    PrintStream out = System.out;
    PrintStream err = System.err;
    ByteArrayOutputStream outBytes = new ByteArrayOutputStream();
    ByteArrayOutputStream errBytes = new ByteArrayOutputStream();
    System.setOut(new PrintStream(outBytes, true, StandardCharsets.UTF_8));
    System.setErr(new PrintStream(errBytes, true, StandardCharsets.UTF_8));
    try {
      String[] words = Stream.of(args).map(Object::toString).toArray(String[]::new);
      int code = Syntagen.run(words);
      return new Outcome(
          code,
          outBytes.toString(StandardCharsets.UTF_8),
          errBytes.toString(StandardCharsets.UTF_8));
    } finally {
      System.setOut(out);
      System.setErr(err);
    }
  }

  private static Outcome generate(Path out, Object... more) {
    List<Object> args = new ArrayList<>(List.of("generate", "--out", out, "--steps", 2));
    args.addAll(List.of(more));
    return run(args.toArray());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "demo",
        "scenes",
        "generate",
        "label",
        "evaluate-labels",
        "compare-labelers",
        "fit-tokens",
        "train",
        "evaluate",
        "robustness",
        "train-generator",
        "train-classifier",
        "classify",
        "models",
        "check",
        "package",
        "verify",
        "audit",
        "release",
        "serve",
        "submit",
        "status"
      })
  void everyCommandExplainsItselfWithAnExample(String command) {
    Outcome help = run(command, "--help").succeeds();
    assertThat(help.out).contains("Usage: syntagen " + command).contains("Example");
  }

  @Test
  void aModelIsInspected() throws IOException {
    assertThat(run("models").code).isEqualTo(2);
    assertThat(run("models", "inspect", "--help").succeeds().out)
        .contains("Usage: syntagen models inspect", "Example");
    Path model = copyOfModel();
    assertThat(run("models", "inspect", model).succeeds().out)
        .contains("model: Stable Diffusion 1.x", "unet", "BF16", "fingerprint ")
        .doesNotContain("cannot be loaded");
    assertThat(run("models", "inspect", model, "--json").succeeds().out)
        .contains("\"loadable\":true", "\"missing\":[]", "\"dtypes\":{\"BF16\":");
    Path part = model.resolve("vae/diffusion_pytorch_model.safetensors");
    assertThat(run("models", "inspect", part).succeeds().out)
        .contains("one part of a model in diffusers' layout; cannot be loaded");
    run("models", "inspect", folder.resolve("none")).fails(2, "none", "no such weight file");
    generate(folder.resolve("out"), "--count", 1, "--model", part)
        .fails(2, "one part of a model", "give the folder with model_index.json");
  }

  @Test
  void weightsAreKeptInWhatIsAskedForAndRecorded() throws IOException {
    Path out = folder.resolve("half");
    generate(out, "--count", 1, "--size", 64, "--dtype", "BF16").succeeds();
    assertThat(Files.readString(out.resolve("dataset.json")))
        .containsPattern("\"dtype\"\\s*:\\s*\"BF16\"");
    generate(folder.resolve("i8"), "--count", 1, "--dtype", "I8")
        .fails(2, "weights can be kept as F32 or BF16, not as I8");
    assertThat(folder.resolve("i8")).doesNotExist();
  }

  @Test
  void anUnknownCommandIsAUsageError() {
    assertThat(run("paint").code).isEqualTo(2);
  }

  @Test
  void aMissingModelFolderIsNamed() {
    generate(folder.resolve("out"), "--count", 1, "--model", folder.resolve("nowhere"))
        .fails(2, "nowhere", "no such model folder");
    assertThat(folder.resolve("out")).doesNotExist();
  }

  @Test
  void aTruncatedWeightFileIsNamed() throws IOException {
    Path model = copyOfModel();
    Path unet = model.resolve("unet/diffusion_pytorch_model.safetensors");
    byte[] bytes = Files.readAllBytes(unet);
    Files.write(unet, java.util.Arrays.copyOf(bytes, bytes.length - 100));
    generate(folder.resolve("out"), "--count", 1, "--model", model)
        .fails(2, "diffusion_pytorch_model.safetensors", "truncated");
  }

  @Test
  void aMissingTensorIsNamed() throws IOException {
    Path model = copyOfModel();
    Path vae = model.resolve("vae/diffusion_pytorch_model.safetensors");
    try (StateDict all = SafeTensors.read(vae);
        StateDict fewer = new StateDict("test")) {
      for (String name : all.names()) {
        if (!name.equals("post_quant_conv.bias")) {
          fewer.put(name, all.get(name).clone());
        }
      }
      Path changed = folder.resolve("changed.safetensors");
      SafeTensors.write(changed, fewer, java.util.Map.of());
      Files.move(changed, vae, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    }
    generate(folder.resolve("out"), "--count", 1, "--model", model)
        .fails(2, "vae", "post_quant_conv.bias", "missing");
  }

  @Test
  void anUnknownClassIsAnsweredWithKnownOnes() {
    generate(folder.resolve("out"), "--count", 1, "--classes", "dog,unicorn").fails(2, "unicorn");
  }

  @Test
  void aClassThatIsGivenTwiceIsRefused() {
    generate(folder.resolve("out"), "--count", 9, "--classes", "tvmonitor,dog,TV monitor")
        .fails(2, "--classes: tvmonitor is given twice");
  }

  /** Otherwise the folder would hold a run that nobody could go on with. */
  @Test
  void stepsThatASchedulerHasNotAreRefusedBeforeAnythingIsWritten() {
    Path out = folder.resolve("out");
    run("generate", "--out", out, "--count", 1, "--scheduler", "LCM", "--steps", 60)
        .fails(2, "60 sampling steps", "choose fewer");
    assertThat(out).doesNotExist();
  }

  @Test
  void anOutputThatCannotBeAFolderIsNamed() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "x");
    generate(file.resolve("out"), "--count", 1).fails(2, "file");
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "-3", "10001"})
  void aCountOutsideTheRulesIsRefused(String count) {
    generate(folder.resolve("out"), "--count", count).fails(2, count, "1 to 10000");
  }

  @Test
  void aSizeThatEightDoesNotDivideIsRefused() {
    generate(folder.resolve("out"), "--count", 1, "--size", 100)
        .fails(2, "100x100", "multiple of 8");
    assertThat(folder.resolve("out")).doesNotExist();
  }

  @Test
  void moreClipSkipThanThereAreLayersIsRefused() {
    generate(folder.resolve("out"), "--count", 1, "--clip-skip", 50)
        .fails(2, "clip skip must be 0 to ", "not 50");
  }

  @Test
  void aLoraIsMergedAndRecorded() throws IOException {
    Path lora = folder.resolve("lora.safetensors");
    try (StateDict unet =
            SafeTensors.read(
                Tool.asset(Tool.MODEL).resolve("unet/diffusion_pytorch_model.safetensors"));
        StateDict change = new StateDict("test")) {
      long[] shape = Tensors.shape(unet.get("conv_in.weight"));
      change.put("unet.conv_in.lora_A.weight", Tensors.full(1, 2, shape[1], shape[2], shape[3]));
      change.put("unet.conv_in.lora_B.weight", Tensors.full(1, shape[0], 2, 1, 1));
      SafeTensors.write(lora, change, java.util.Map.of());
      String plain = fingerprint(folder.resolve("plain"), "--count", 1);
      Path out = folder.resolve("changed");
      assertThat(fingerprint(out, "--count", 1, "--lora", lora + ":0.05")).isNotEqualTo(plain);
      JsonNode generator = generator(out);
      assertThat(generator.path("loras").path(0).path("fingerprint").asString())
          .isEqualTo(change.fingerprint());
      assertThat(generator.path("loras").path(0).path("scale").asDouble()).isEqualTo(0.05);
      assertThat(generator.path("modelFingerprint"))
          .isNotEqualTo(generator(folder.resolve("plain")).path("modelFingerprint"));
    }
    generate(folder.resolve("none"), "--count", 1, "--lora", folder.resolve("no.safetensors"))
        .fails(2, "no.safetensors", "no such weight file");
  }

  @Test
  void imagesAreStartedFrom() throws IOException {
    Path start = folder.resolve("start");
    Files.createDirectories(start);
    ImageIO.write(
        new BufferedImage(64, 64, BufferedImage.TYPE_INT_RGB),
        "png",
        start.resolve("a.png").toFile());
    Object[] wanted = {"--count", 1, "--size", 64, "--init-image", start};
    Path out = folder.resolve("out");
    String whole = fingerprint(out, wanted);
    assertThat(generator(out).path("initialImages").path("count").asInt()).isEqualTo(1);
    assertThat(generator(out).path("initialImages").path("strength").asDouble()).isEqualTo(0.8);
    assertThat(Files.readString(out.resolve("samples.jsonl"))).contains("\"initialImage\":");
    assertThat(fingerprint(folder.resolve("noise"), "--count", 1, "--size", 64))
        .isNotEqualTo(whole);
    generate(folder.resolve("other"), "--count", 1, "--init-image", start)
        .fails(2, "a.png", "64x64 pixels, expected 128x128");
    generate(folder.resolve("other"), "--count", 1, "--strength", 0.5).fails(2, "--init-image");
    generate(folder.resolve("other"), "--count", 1, "--init-image", start, "--strength", 2)
        .fails(2, "strength must be above 0");
    assertThat(folder.resolve("other")).doesNotExist();
  }

  @Test
  void tilesAreForLargeImagesAndRecorded() throws IOException {
    Path large = folder.resolve("large");
    generate(large, "--count", 1, "--size", 136, "--tiles").succeeds();
    assertThat(generator(large).path("autoencoderTile").asInt()).isEqualTo(128);
    Path small = folder.resolve("small");
    generate(small, "--count", 1, "--size", 64, "--tiles").succeeds();
    assertThat(generator(small).has("autoencoderTile")).isFalse();
  }

  private static JsonNode generator(Path dataset) throws IOException {
    return JsonMapper.builder()
        .build()
        .readTree(Files.readAllBytes(dataset.resolve("dataset.json")))
        .path("generator");
  }

  @Test
  void thresholdsDecideWhereTheyAreGiven() throws IOException {
    generate(folder.resolve("both"), "--count", 1, "--crf", "--foreground", 0.7)
        .fails(2, "--crf decides without --foreground and --uncertain");
    Path out = folder.resolve("thresholds");
    generate(out, "--count", 1, "--size", 64, "--foreground", 0.7).succeeds();
    assertThat(Files.readString(out.resolve("dataset.json"))).doesNotContain("dense-crf");
    Path refined = folder.resolve("refined");
    generate(refined, "--count", 1, "--size", 64).succeeds();
    assertThat(Files.readString(refined.resolve("dataset.json"))).contains("dense-crf");
  }

  @Test
  void thresholdsInTheWrongOrderAreRefused() {
    generate(folder.resolve("out"), "--count", 1, "--foreground", 0.3, "--uncertain", 0.5)
        .fails(2, "uncertain");
  }

  @Test
  void trainingRefusesAnImageThatIsNoImageOrSkipsIt() throws IOException {
    Path data = pairs(4);
    Files.writeString(data.resolve("image/000002.png"), "not a picture");
    train(data).fails(2, "000002.png", "not an image");
    assertThat(folder.resolve("net.safetensors")).doesNotExist();
    assertThat(train(data, "--on-bad-sample", "skip").succeeds().err)
        .contains("skipped 000002: ", "000002.png is not an image", "skipped 1 of 4 samples");
    truncatedJpeg(data, "000001");
    assertThat(train(data, "--on-bad-sample", "skip").succeeds().err)
        .contains("skipped 000001: ", "000001.jpg cannot be read", "skipped 2 of 4 samples");
    Files.delete(data.resolve("dataset.json"));
    assertThat(train(data, "--on-bad-sample", "skip").succeeds().err)
        .as("a folder of others, which tells no fingerprint")
        .contains("skipped 2 of 4 samples");
  }

  /** What a header says is of the pairs that it was written with. */
  @Test
  void aNetworkTellsWhichPairsAreLeftThatItWasTrainedOn() throws IOException {
    Path data = pairs(4);
    Files.writeString(data.resolve("train.txt"), "000000\n000002\n");
    train(data).succeeds();
    assertThat(Checkpoint.read(folder.resolve("net.safetensors")).datasetFingerprint())
        .isEqualTo(Dataset.open(data).fingerprint())
        .isNotEqualTo(Dataset.open(data).recordedFingerprint().orElseThrow());
  }

  private static void truncatedJpeg(Path data, String id) throws IOException {
    Path png = data.resolve("image").resolve(id + ".png");
    ByteArrayOutputStream jpeg = new ByteArrayOutputStream();
    ImageIO.write(ImageIO.read(png.toFile()), "jpeg", jpeg);
    Files.write(
        png.resolveSibling(id + ".jpg"), Arrays.copyOf(jpeg.toByteArray(), jpeg.size() / 2));
    Files.delete(png);
  }

  @Test
  void trainingRefusesALabelThatNoClassHas() throws IOException {
    Path data = pairs(4);
    BufferedImage mask = ImageIO.read(data.resolve("mask/000001.png").toFile());
    mask.getRaster().setSample(3, 5, 0, 21);
    ImageIO.write(mask, "png", data.resolve("mask/000001.png").toFile());
    train(data).fails(2, "000001.png", "21");
  }

  @Test
  void trainingRefusesAnEmptyDataset() throws IOException {
    Path data = folder.resolve("empty");
    Files.createDirectories(data.resolve("image"));
    Files.createDirectories(data.resolve("mask"));
    Files.writeString(data.resolve("train.txt"), "");
    train(data).fails(2, "empty");
  }

  @Test
  void trainingAndEvaluatingASmallNetworkWorksAndIsReproducible() throws IOException {
    Path data = pairs(6);
    Outcome first = train(data).succeeds();
    Files.move(folder.resolve("net.safetensors"), folder.resolve("first.safetensors"));
    Path logs = folder.resolve("logs");
    assertThat(train(data, "--tensorboard", logs).succeeds().out).isEqualTo(first.out);
    try (Stream<Path> files = Files.list(logs)) {
      assertThat(files.findFirst()).hasValueSatisfying(file -> assertThat(file).isNotEmptyFile());
    }
    Outcome measured =
        run(
                "evaluate",
                "--checkpoint",
                folder.resolve("first.safetensors"),
                "--data",
                data,
                "--scales",
                "0.5,1",
                "--flip",
                "--predictions",
                folder.resolve("predictions"),
                "--json")
            .succeeds();
    assertThat(measured.out)
        .contains("\"mIoU\":", "\"baselineMIoU\":", "\"images\":6", "\"meanBoundaryIoU\":")
        .contains("\"expectedCalibrationError\":", "\"confusion\":[[", "\"reliability\":[{");
    Dataset dataset = Dataset.open(data);
    for (int i = 0; i < 6; i++) {
      Path file = folder.resolve("predictions").resolve(dataset.ids().get(i) + ".png");
      LabelMap labels = LabelMap.read(file, dataset.classes());
      assertThat(labels.width()).isEqualTo(64);
    }
  }

  @Test
  void datasetsAreMixedByTheirShares() throws IOException {
    Path one = scenes("one", 3);
    Path other = scenes("other", 2);
    Path net = folder.resolve("net.safetensors");
    train(one, "--data", other, "--set", "shares=[3,1]").succeeds();
    assertThat(Checkpoint.read(net).training()).containsEntry("shares", List.of(3, 1));
    String mixed = Checkpoint.read(net).datasetFingerprint();
    train(one).succeeds();
    assertThat(Checkpoint.read(net).datasetFingerprint()).isNotEqualTo(mixed).hasSize(64);
    train(one, "--data", other, "--set", "shares=[1]").fails(2, "2 datasets and 1 shares");
    train(one, "--set", "momentum=1").fails(2, "there is no key \"momentum\"");
  }

  @Test
  void reportsAreWrittenAndNeedNoNetwork() throws IOException {
    Path data = pairs(2);
    Path net = folder.resolve("net.safetensors");
    train(data).succeeds();
    Path page = folder.resolve("page.html");
    run("evaluate", "--checkpoint", net, "--data", data, "--report", page).succeeds();
    assertAlone(page, "Confusion", "Reliability", "learning rate", "type=\"range\"", "000001");
    run("evaluate", "--checkpoint", net, "--data", data, "--report", folder.resolve("no/page.html"))
        .fails(2, "there is no folder", "make it first");
    run("evaluate", "--checkpoint", net, "--data", data, "--shorter-side", -1)
        .fails(2, "the shorter side must be 0 to 4096, not -1");
    Path out = folder.resolve("robustness");
    run("robustness", "--checkpoint", net, "--checkpoint", page, "--data", data, "--out", out)
        .fails(2, "page.html");
    assertThat(out).doesNotExist();
    Object[] command = {"robustness", "--checkpoint", net, "--checkpoint", net, "--data", data};
    assertThat(run(with(command, "--unfamiliar", data, "--out", out)).succeeds().out)
        .contains("% lost), fgsm", "index.html");
    assertAlone(out.resolve("index.html"), "run-1.html", "run-2.html", "jpeg_compression", "pgd");
    assertAlone(out.resolve("run-2.html"), "mIoU on corrupted images", "severity 5");
    JsonNode result =
        JsonMapper.builder().build().readTree(Files.readString(out.resolve("result.json")));
    assertThat(result.path("networks")).hasSize(2);
    JsonNode first = result.path("networks").path(0);
    assertThat(first.path("corruptions")).hasSize(15);
    assertThat(first.path("corruptions").path("fog").path("mIoU")).hasSize(5);
    assertThat(first.path("unfamiliarByEnergy").path("auroc").asDouble()).isEqualTo(0.5);
    assertThat(result.path("networks").path(1).path("corruptions"))
        .isEqualTo(first.path("corruptions"));
    run(with(command, "--unfamiliar", folder.resolve("none"), "--out", out)).fails(2, "none");
  }

  private static Object[] with(Object[] command, Object... more) {
    return Stream.concat(Stream.of(command), Stream.of(more)).toArray();
  }

  private static void assertAlone(Path page, String... parts) throws IOException {
    assertThat(Files.readString(page))
        .contains(parts)
        .endsWith("</body></html>\n")
        .doesNotContain("src=\"http", "<link", "@import", "<script");
  }

  @Test
  void aRecipeFileIsFollowedAndOverridden() throws IOException {
    Path recipe = folder.resolve("mine.yaml");
    Files.writeString(recipe, "backbone: mobilenet_v3_large\nbatch_size: 2\nbase_size: 32\n");
    Path net = folder.resolve("net.safetensors");
    Object[] train = {
      "train",
      "--data",
      pairs(2),
      "--out",
      net,
      "--recipe",
      recipe,
      "--set",
      "crop_size=32",
      "--set",
      "weight_decay=0.002",
      "--set",
      "iterations=1"
    };
    run(train).succeeds();
    assertThat(Checkpoint.read(net).training())
        .containsEntry("batch_size", 2)
        .containsEntry("base_size", 32)
        .containsEntry("crop_size", 32)
        .containsEntry("weight_decay", 0.002);
    Files.writeString(recipe, "batchsize: 2\n");
    run(train).fails(2, recipe + ": there is no key \"batchsize\"");
  }

  @Test
  void theBundledClassifierNamesTheObjectsOfTrainingScenes() throws IOException {
    Path scenes = folder.resolve("scenes");
    run("scenes", "--easy", "--count", 60, "--seed", 77, "--out", scenes).succeeds();
    Outcome named = run("classify", "--data", scenes, "--json").succeeds();
    JsonNode result = JsonMapper.builder().build().readTree(named.out);
    assertThat(result.path("images").asInt()).as("scenes of one class").isBetween(30, 60);
    assertThat(result.path("named").asDouble()).isGreaterThan(80);
  }

  @Test
  void aClassifierIsTrainedAndStartsASegmenter() throws IOException {
    Path scenes = folder.resolve("scenes");
    Path classifier = folder.resolve("classifier.safetensors");
    run("scenes", "--count", 4, "--seed", 5, "--out", scenes).succeeds();
    run(
            "train-classifier",
            "--data",
            scenes,
            "--out",
            classifier,
            "--iterations",
            2,
            "--batch",
            2,
            "--size",
            32)
        .succeeds();
    Outcome trained =
        run(
                "train",
                "--data",
                scenes,
                "--out",
                folder.resolve("net.safetensors"),
                "--set",
                "backbone=mobilenet_v3_large",
                "--init",
                classifier,
                "--set",
                "iterations=1",
                "--set",
                "batch_size=2",
                "--set",
                "base_size=32",
                "--set",
                "crop_size=32")
            .succeeds();
    assertThat(trained.out).contains("fingerprint");
  }

  @Test
  void initialWeightsThatAreNoneAreNamed() throws IOException {
    Path weights = folder.resolve("weights.safetensors");
    Files.writeString(weights, "no weights at all");
    Path data = pairs(2);
    run("train", "--data", data, "--out", folder.resolve("net.safetensors"), "--init", weights)
        .fails(2, weights.toString());
    run("classify", "--data", data, "--classifier", weights).fails(2, weights.toString());
  }

  @Test
  void theSameSeedGivesTheSameFingerprintHoweverItIsMade() throws IOException {
    String whole = fingerprint(folder.resolve("whole"), "--count", 5);
    String batched = fingerprint(folder.resolve("batched"), "--count", 5, "--batch", 5);
    assertThat(batched).isEqualTo(whole);

    Path a = folder.resolve("a");
    Path b = folder.resolve("b");
    generate(a, "--count", 5, "--shard", "1/2").succeeds();
    generate(b, "--count", 5, "--shard", "2/2").succeeds();
    copy(b, a);
    assertThat(fingerprint(a, "--count", 5)).isEqualTo(whole);

    assertThat(fingerprint(folder.resolve("other"), "--count", 5, "--seed", 2)).isNotEqualTo(whole);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "generate",
        "generate --bogus 1",
        "generate --count abc",
        "label --classes foo",
        "no"
      })
  void aWrongCommandLineIsAnsweredWithOneLine(String line) {
    Outcome refused = run((Object[]) line.split(" "));
    assertThat(refused.code).isEqualTo(2);
    assertThat(refused.out).isEmpty();
    assertThat(refused.err.lines())
        .singleElement()
        .asString()
        .startsWith("syntagen: ")
        .matches(".*; see syntagen( generate| label)? --help");
  }

  @Test
  void whatFindsNoRoomInAPromptIsToldOnceAndRecorded() throws IOException {
    Path out = folder.resolve("out");
    String negative = "dog ".repeat(30).strip();
    Outcome made = generate(out, "--count", 2, "--negative", negative + " cat sofa").succeeds();
    assertThat(made.err.lines().filter(line -> line.contains("is longer than 30 tokens")))
        .singleElement()
        .asString()
        .endsWith("cut off: \"cat sofa\"");
    assertThat(Files.readString(out.resolve("dataset.json")))
        .contains("\"negativePromptTruncated\" : \"cat sofa\"");
    String cut = Dataset.open(out).fingerprint();
    assertThat(fingerprint(folder.resolve("fits"), "--count", 2, "--negative", negative))
        .isEqualTo(cut);
  }

  @Test
  void anEmbeddingTeachesTheModelAWordAndIsRecorded() throws IOException {
    Path plain = folder.resolve("plain");
    Path taught = folder.resolve("taught");
    Path file = embedding("ugly.safetensors", 128);
    String without = fingerprint(plain, "--count", 1, "--negative", "ugly");
    Outcome made =
        generate(taught, "--count", 1, "--negative", "ugly", "--embedding", file).succeeds();
    assertThat(Dataset.open(taught).fingerprint()).isNotEqualTo(without);
    assertThat(made.err).doesNotContain("no prompt");
    assertThat(Files.readString(taught.resolve("dataset.json")))
        .containsPattern("\"embeddings\" : \\[ ?\\{\\s+\"fingerprint\" : \"[0-9a-f]{64}\"")
        .contains("\"word\" : \"ugly\"");
    assertThat(generate(folder.resolve("idle"), "--count", 1, "--embedding", file).succeeds().err)
        .contains("no prompt has the word \"ugly\" of " + file);
    Path wide = embedding("wide.safetensors", 768);
    generate(folder.resolve("out"), "--count", 1, "--embedding", wide)
        .fails(2, wide.toString(), "emb_params", "width 768", "128");
  }

  private Path embedding(String name, int width) {
    Path file = folder.resolve(name);
    try (StateDict state = new StateDict("test")) {
      state.put("emb_params", Tensors.full(0.5, 2, width));
      SafeTensors.write(file, state, java.util.Map.of());
    }
    return file;
  }

  @Test
  void resumingWithOtherSettingsIsRefused() {
    generate(folder.resolve("a"), "--count", 4, "--shard", "1/2").succeeds();
    generate(folder.resolve("a"), "--count", 4, "--guidance", 3).fails(2, "guidance");
  }

  private static String fingerprint(Path out, Object... more) {
    generate(out, more).succeeds();
    Dataset dataset = Dataset.open(out);
    assertThat(dataset.fingerprint()).isEqualTo(dataset.recordedFingerprint().orElseThrow());
    return dataset.fingerprint();
  }

  private Outcome train(Path data, Object... more) {
    List<Object> args =
        new ArrayList<>(
            List.of(
                "train",
                "--data",
                data,
                "--out",
                folder.resolve("net.safetensors"),
                "--set",
                "backbone=mobilenet_v3_large",
                "--set",
                "iterations=2",
                "--set",
                "batch_size=2",
                "--set",
                "base_size=64",
                "--set",
                "crop_size=64"));
    args.addAll(List.of(more));
    return run(args.toArray());
  }

  private Path pairs(int count) {
    return scenes("pairs", count);
  }

  private Path scenes(String name, int count) {
    Path data = folder.resolve(name);
    run("scenes", "--out", data, "--count", count, "--size", 64).succeeds();
    return data;
  }

  private Path copyOfModel() throws IOException {
    Path model = folder.resolve("model");
    copy(Tool.asset(Tool.MODEL), model);
    return model;
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Path target = to.resolve(from.relativize(file).toString().replace(File.separatorChar, '/'));
        if (Files.isDirectory(file)) {
          Files.createDirectories(target);
        } else {
          Files.copy(file, target, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        }
      }
    }
  }

  @Test
  void aGpuThatIsNotThereIsOneLine() {
    boolean used = Device.CUDA.use();
    Device.CPU.use();
    if (used) {
      System.out.println("CommandLineTest: an NVIDIA GPU is here, so none can be missed");
    }
    assumeFalse(used, "an NVIDIA GPU is here");
    generate(folder.resolve("pairs"), "--count", 1, "--device", "cuda")
        .fails(2, "--device cuda", "SYNTAGEN_LIBTORCH");
    assertThat(folder.resolve("pairs")).doesNotExist();
  }
}
