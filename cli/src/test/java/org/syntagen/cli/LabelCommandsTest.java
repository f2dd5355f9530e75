package org.syntagen.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.syntagen.dataset.ClassSet;
import org.syntagen.dataset.Dataset;
import org.syntagen.dataset.LabelMap;
import org.syntagen.labeling.LearnedTokens;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Labelling existing images, measuring labels, and comparing labelers, as a user meets them. */
class LabelCommandsTest {
  @TempDir Path folder;

  private Path scenes(String name, int count, Object... more) {
    Path data = folder.resolve(name);
    Object[] args = {"scenes", "--out", data, "--count", count, "--size", 64};
    CommandLineTest.run(Stream.concat(Stream.of(args), Stream.of(more)).toArray()).succeeds();
    return data;
  }

  @Test
  void existingImagesAreLabelledAndMeasured() {
    Path scenes = scenes("scenes", 4);
    Path labelled = folder.resolve("labelled");
    CommandLineTest.run("label", "--data", scenes, "--out", labelled, "--timesteps", "100,300")
        .succeeds();
    Dataset made = Dataset.open(labelled);
    Dataset exact = Dataset.open(scenes);
    assertThat(made.size()).isEqualTo(4);
    for (int i = 0; i < 4; i++) {
      assertThat(made.mask(i).width()).isEqualTo(exact.mask(i).width());
      assertThat(made.sample(i).orElseThrow().prompt())
          .isEqualTo(exact.sample(i).orElseThrow().prompt());
    }
    String first = made.recordedFingerprint().orElseThrow();
    CommandLineTest.run(
            "label", "--data", scenes, "--out", folder.resolve("again"), "--timesteps", "100,300")
        .succeeds();
    assertThat(Dataset.open(folder.resolve("again")).recordedFingerprint()).contains(first);

    JsonNode own =
        JsonMapper.builder()
            .build()
            .readTree(
                CommandLineTest.run(
                        "evaluate-labels", "--labels", labelled, "--truth", scenes, "--json")
                    .succeeds()
                    .out());
    assertThat(own.get("mIoU").asDouble()).isBetween(0.0, 100.0);
    JsonNode perfect =
        JsonMapper.builder()
            .build()
            .readTree(
                CommandLineTest.run(
                        "evaluate-labels", "--labels", scenes, "--truth", scenes, "--json")
                    .succeeds()
                    .out());
    assertThat(perfect.get("mIoU").asDouble()).isEqualTo(100);
    assertThat(perfect.get("voidShare").asDouble()).isZero();
  }

  @Test
  void labelsOfOtherImagesAreNotMeasured() {
    CommandLineTest.run(
            "evaluate-labels", "--labels", scenes("two", 2), "--truth", scenes("three", 3))
        .fails(2, "two has 2 masks", "three 3");
  }

  @Test
  void aTimestepThatNoScheduleHasIsRefused() {
    Path out = folder.resolve("out");
    CommandLineTest.run("label", "--data", scenes("scenes", 1), "--out", out, "--timesteps", "1000")
        .fails(2, "timestep must be 0 to 999, not 1000");
    assertThat(out).doesNotExist();
  }

  @Test
  void attentionThatTheModelLacksIsToldBeforehand() {
    Path out = folder.resolve("out");
    Object[] given = {"--out", out, "--labeler", "dataset-diffusion", "--cross-factor", 16};
    Object[] label = {"label", "--data", scenes("scenes", 1)};
    Object[] generate = {"generate", "--count", 1};
    for (Object[] command : List.of(label, generate)) {
      CommandLineTest.run(Stream.of(command, given).flatMap(Stream::of).toArray())
          .fails(2, "no cross-attention at 1/16", "expected a factor among [2, 4]");
    }
    assertThat(out).doesNotExist();
  }

  @Test
  void againstMasksThatAreVoidNothingIsMeasured() throws IOException {
    Path truth = scenes("truth", 1);
    Path labels = scenes("labels", 1);
    byte[] unknown = new byte[64 * 64];
    Arrays.fill(unknown, (byte) ClassSet.VOID);
    new LabelMap(64, 64, unknown).write(Dataset.open(truth).maskFile(0));
    CommandLineTest.run("evaluate-labels", "--labels", labels, "--truth", truth)
        .fails(2, "every pixel of the exact masks is void");
  }

  @Test
  void anImageThatCannotBeReadIsToldBeforehand() throws IOException {
    Path scenes = scenes("scenes", 2);
    Files.writeString(scenes.resolve("image/000001.png"), "not a picture");
    Path out = folder.resolve("out");
    CommandLineTest.run("label", "--data", scenes, "--out", out)
        .fails(2, "000001.png", "not an image");
    assertThat(out).doesNotExist();
  }

  @Test
  void everyLabelerLabels() throws IOException {
    Path scenes = scenes("scenes", 1);
    for (LabelerOptions.Method method : LabelerOptions.Method.values()) {
      Path out = folder.resolve(method.id());
      CommandLineTest.run("label", "--data", scenes, "--out", out, "--labeler", method.id())
          .succeeds();
      assertThat(Files.readString(out.resolve("dataset.json")))
          .contains(
              method == LabelerOptions.Method.CONTRAST ? "denoising-contrast" : "\"decision\"");
    }
    Path out = folder.resolve("out");
    CommandLineTest.Outcome unknown =
        CommandLineTest.run("label", "--data", scenes, "--out", out, "--labeler", "clip");
    assertThat(unknown.code()).isEqualTo(2);
    assertThat(unknown.err()).contains("no such labeler: clip", "ovam");
    CommandLineTest.run(
            "label", "--data", scenes, "--out", out, "--labeler", "daam", "--exponent", 2)
        .fails(2, "--exponent are for the labeler dataset-diffusion, not for daam");
    CommandLineTest.run(
            "label",
            "--data",
            scenes,
            "--out",
            out,
            "--labeler",
            "daam",
            "--background-text",
            "sky")
        .fails(
            2, "--background-text, --synonyms and --tokens are for the labeler ovam, not for daam");
    CommandLineTest.run("label", "--data", scenes, "--out", out, "--crf", "--foreground", 0.5)
        .fails(2, "give either it or these");
    CommandLineTest.run(
            "label", "--data", scenes, "--out", out, "--foreground", 0.5, "--most-void", 0.2)
        .fails(2, "--most-void is for the dense CRF");
    assertThat(out).doesNotExist();
    CommandLineTest.run("label", "--data", scenes, "--out", out, "--labeler", "ovam", "--synonyms")
        .succeeds();
    assertThat(Files.readString(out.resolve("dataset.json"))).contains("motorcycle");
  }

  /** A class is fitted if an image shows it on 5 to 95 % of its pixels. */
  @Test
  void tokensAreFittedToTheClassesThatImagesShow() {
    Path scenes = scenes("scenes", 3);
    Path tokens = folder.resolve("tokens.safetensors");
    CommandLineTest.run(
            "fit-tokens", "--data", scenes, "--out", tokens, "--steps", 2, "--images", 1)
        .succeeds();
    Dataset data = Dataset.open(scenes);
    Set<String> shown = new TreeSet<>();
    for (int i = 0; i < data.size(); i++) {
      long[] area = data.mask(i).histogram();
      for (int label = 1; label < data.classes().size(); label++) {
        double share = area[label] / (64.0 * 64);
        if (share >= 0.05 && share <= 0.95) {
          shown.add(data.classes().name(label));
        }
      }
    }
    assertThat(LearnedTokens.read(tokens).rows().keySet()).isNotEmpty().isEqualTo(shown);
    CommandLineTest.run("fit-tokens", "--data", scenes, "--out", tokens, "--images", 0)
        .fails(2, "--images 0");
  }

  @Test
  void fittedTokensLabel() throws IOException {
    Path scenes = scenes("scenes", 1);
    List<String> classes = Dataset.open(scenes).sample(0).orElseThrow().classes();
    Path tokens = folder.resolve("tokens.safetensors");
    Object[] label = {"label", "--data", scenes, "--labeler", "ovam", "--tokens", tokens, "--out"};
    LearnedTokens.write(tokens, Map.of("other", new float[2 * 128]), Map.of());
    CommandLineTest.run(with(label, folder.resolve("missing")))
        .fails(2, "no tokens of the class " + classes.get(0));
    assertThat(folder.resolve("missing")).doesNotExist();
    Map<String, float[]> rows = new TreeMap<>();
    classes.forEach(name -> rows.put(name, new float[2 * 128]));
    LearnedTokens.write(tokens, rows, Map.of());
    Path out = folder.resolve("out");
    CommandLineTest.run(with(label, out, "--synonyms")).fails(2, "--tokens stand for words");
    assertThat(out).doesNotExist();
    CommandLineTest.run(with(label, out)).succeeds();
    assertThat(Files.readString(out.resolve("dataset.json"))).contains("ovam-tokens");
  }

  @Test
  void otherCaptionsAreAnotherRun() throws IOException {
    Path scenes = scenes("scenes", 2);
    Path out = folder.resolve("out");
    Object[] half = {"label", "--data", scenes, "--out", out, "--labeler", "contrast", "--shard"};
    CommandLineTest.run(with(half, "1/2")).succeeds();
    Path samples = scenes.resolve("samples.jsonl");
    String caption = Dataset.open(scenes).sample(1).orElseThrow().prompt();
    String told = Files.readString(samples);
    Files.writeString(samples, told.replace(caption, "another caption"));
    CommandLineTest.run(with(half, "2/2")).fails(2, "holds a run with other settings");
    Files.writeString(samples, told);
    CommandLineTest.run(with(half, "2/2")).succeeds();
    JsonNode labeler =
        JsonMapper.builder().build().readTree(out.resolve("dataset.json").toFile()).get("labeler");
    assertThat(labeler.findPath("timesteps").toString()).isEqualTo("[200,400,600]");
    assertThat(labeler.findPath("imageTimesteps").toString()).isEqualTo("[200]");
    Files.writeString(samples, told.replace(caption, " "));
    CommandLineTest.run(with(half, "2/2")).fails(2, "the prompt of 000001", "is empty");
  }

  @Test
  void labelsOfOtherClassesAreNotMeasured() throws IOException {
    Path truth = scenes("truth", 1);
    Path swapped = scenes("swapped", 1);
    Path header = swapped.resolve("dataset.json");
    Files.writeString(
        header,
        Files.readString(header)
            .replace("\"cat\"", "\"x\"")
            .replace("\"dog\"", "\"cat\"")
            .replace("\"x\"", "\"dog\""));
    CommandLineTest.run("evaluate-labels", "--labels", swapped, "--truth", truth)
        .fails(2, "have other classes or another order of them");
    CommandLineTest.run(
            "compare-labelers",
            "--calibration",
            swapped,
            "--data",
            truth,
            "--out",
            folder.resolve("no"))
        .fails(2, "have other classes or another order of them");
    assertThat(folder.resolve("no")).doesNotExist();
  }

  @Test
  void captionsThatTheModelDoesNotSeeWholeAreTold() throws IOException {
    Path scenes = scenes("scenes", 1);
    Path samples = scenes.resolve("samples.jsonl");
    String caption = Dataset.open(scenes).sample(0).orElseThrow().prompt();
    String told = Files.readString(samples);
    Files.writeString(samples, told.replace(caption, caption + " and a very".repeat(20) + " end"));
    String err =
        CommandLineTest.run("label", "--data", scenes, "--out", folder.resolve("out"))
            .succeeds()
            .err();
    assertThat(err.lines().filter(line -> line.contains("cut off")))
        .singleElement()
        .asString()
        .contains("is longer than 30 tokens")
        .endsWith("end\"");
  }

  private static Object[] with(Object[] args, Object... more) {
    return Stream.concat(Stream.of(args), Stream.of(more)).toArray();
  }

  @Test
  void scoresAreSpreadByTheFinestSelfAttention() throws IOException {
    Path out = folder.resolve("out");
    CommandLineTest.run(
            "label",
            "--data",
            scenes("scenes", 1),
            "--out",
            out,
            "--labeler",
            "daam",
            "--spread",
            2)
        .succeeds();
    assertThat(Files.readString(out.resolve("dataset.json"))).contains("spread");
  }

  @Test
  void withoutAPromptTheModelFindsTheClasses() throws IOException {
    Path scenes = scenes("scenes", 1);
    Files.delete(scenes.resolve("samples.jsonl"));
    Path out = folder.resolve("out");
    CommandLineTest.run("label", "--data", scenes, "--out", out)
        .fails(2, "samples.jsonl has no line for 000000", "--classes all");
    assertThat(out).doesNotExist();
    CommandLineTest.run(
            "label", "--data", scenes, "--out", folder.resolve("all"), "--classes", "all")
        .succeeds();
    Dataset made = Dataset.open(folder.resolve("all"));
    List<String> found = made.sample(0).orElseThrow().classes();
    assertThat(found).isNotEmpty().hasSizeLessThan(20);
    assertThat(made.sample(0).orElseThrow().prompt())
        .startsWith("a photo of a")
        .contains(found.stream().map(name -> name.substring(0, 4)).toList());
    long[] shown = made.mask(0).histogram();
    assertThat(found).anyMatch(name -> shown[made.classes().label(name)] > 0);
    for (int label = 1; label < made.classes().size(); label++) {
      if (shown[label] > 0) {
        assertThat(made.sample(0).orElseThrow().classes()).contains(made.classes().name(label));
      }
    }
  }

  @Test
  void measuresOfMasksAreThoseOfTheirPixels() {
    byte[] truth = new byte[400];
    byte[] made = new byte[400];
    Arrays.fill(truth, 0, 100, (byte) 12);
    Arrays.fill(made, 0, 50, (byte) 12);
    Arrays.fill(made, 380, 400, (byte) 9);
    made[399] = (byte) 255;
    LabelQuality quality = new LabelQuality(ClassSet.VOC);
    quality.add(new LabelMap(20, 20, truth), new LabelMap(20, 20, made));
    // Background: 281 of 350, dog: 50 of 100, chair: none of 19.
    assertThat(quality.meanIou()).isCloseTo(100 * (281.0 / 350 + 0.5 + 0) / 3, within(1e-9));
    assertThat(quality.presencePrecision()).isEqualTo(50);
    assertThat(quality.presenceRecall()).isEqualTo(100);
    assertThat(quality.voidShare()).isEqualTo(0.25);
  }

  /** What is measured on has no say in the parameters, and held-out scenes may not choose. */
  @Test
  void parametersAreChosenOnOtherImagesAlone() throws IOException {
    Path choosing = scenes("choosing", 2);
    JsonNode on = compare(choosing, scenes("first", 2, "--seed", 8), "one");
    JsonNode other = compare(choosing, scenes("second", 1, "--seed", 9), "two");
    for (int row = 0; row < on.size(); row++) {
      assertThat(on.get(row).get("labeler")).isEqualTo(other.get(row).get("labeler"));
      assertThat(on.get(row).get("calibrationMIoU"))
          .isEqualTo(other.get(row).get("calibrationMIoU"));
    }
    assertThat(IntStream.range(0, on.size()).mapToObj(row -> on.get(row).get("name").asString()))
        .contains(
            "dataset-diffusion-reference", "daam", "daam + spread", "ovam", "pcc", "mean + crf");
    assertThat(Files.readString(folder.resolve("one/index.html")))
        .contains("Worst of ovam", "data:image/png;base64,")
        .doesNotContain("http");
    Path held = scenes("held", 1, "--split", "test");
    CommandLineTest.run("compare-labelers", "--calibration", held, "--out", folder.resolve("no"))
        .fails(2, "held-out scenes, which may not choose parameters");
    assertThat(folder.resolve("no")).doesNotExist();
  }

  private JsonNode compare(Path choosing, Path data, String name) throws IOException {
    Path out = folder.resolve(name);
    CommandLineTest.run("compare-labelers", "--calibration", choosing, "--data", data, "--out", out)
        .succeeds();
    return JsonMapper.builder()
        .build()
        .readTree(Files.readString(out.resolve("result.json")))
        .get("labelers");
  }
}
