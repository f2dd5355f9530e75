package org.syntagen.diffusion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.syntagen.diffusion.attention.AttentionProbe;
import org.syntagen.diffusion.block.MultiHeadAttention;
import org.syntagen.diffusion.scheduler.Scheduler;
import org.syntagen.diffusion.vae.AutoencoderKl;
import org.syntagen.tensor.Dtype;
import org.syntagen.tensor.NoGrad;
import org.syntagen.tensor.Ops;
import org.syntagen.tensor.Scope;
import org.syntagen.tensor.SeededNoise;
import org.syntagen.tensor.StateDict;
import org.syntagen.tensor.Tensors;
import org.syntagen.tensor.Threads;

/**
 * Models in the manner of Stable Diffusion 1 (ε, convolutions as projections, OpenAI's GELU) and 2
 * (v, linear projections, "!" as padding), saved by diffusers, compute here what they compute
 * there, from the prompt to the pixels. parity/diffusion says how the numbers were recorded.
 */
class DiffusersParityTest {
  /** Of the largest value; both sides add up 32-bit floats in orders of their own. */
  private static final double TOLERANCE = 1e-4;

  private static final Map<String, DiffusersFixture> FIXTURES = new HashMap<>();

  private NoGrad noGrad;
  private Scope scope;

  @BeforeAll
  static void openFixtures(@TempDir Path temporary) {
    Threads.set(1, 1); // the tensors are small, and more threads wait for each other
    for (String model : DiffusersFixture.MODELS) {
      FIXTURES.put(model, new DiffusersFixture(model, temporary.resolve(model)));
    }
  }

  @AfterAll
  static void closeFixtures() {
    FIXTURES.values().forEach(DiffusersFixture::close);
    FIXTURES.clear();
  }

  @BeforeEach
  void open() {
    noGrad = new NoGrad();
    scope = new Scope();
  }

  @AfterEach
  void close() {
    scope.close();
    noGrad.close();
  }

  static List<String> models() {
    return DiffusersFixture.MODELS;
  }

  static Stream<Arguments> runs() {
    return models().stream()
        .flatMap(
            model -> DiffusersFixture.runs(model).stream().map(run -> Arguments.of(model, run)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("models")
  void textsHaveTheSameTokensAndEmbeddings(String name) {
    DiffusersFixture fixture = FIXTURES.get(name);
    try (ModelFolder.Loaded loaded = fixture.load("ddim")) {
      StableDiffusion model = loaded.model();
      long[] ids =
          fixture.texts().stream()
              .flatMapToLong(text -> Arrays.stream(model.tokenizer().encode(text).ids()))
              .toArray();
      assertThat(ids).containsExactly(Tensors.longs(fixture.get("ids")));
      assertClose("embeddings", model.embed(fixture.texts()), fixture.get("embeddings"));
    }
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("runs")
  void everyLatentIsThatOfDiffusers(String name, String run) {
    DiffusersFixture fixture = FIXTURES.get(name);
    Tensor expected = fixture.get(run + ".latents"); // [1 + calls, images, 4, height, width]
    try (ModelFolder.Loaded loaded = fixture.load(run)) {
      StableDiffusion model = loaded.model();
      GenerationSettings settings = fixture.settings(run);
      List<Tensor> latents = latents(fixture, model, run, settings);
      assertThat(latents).hasSize((int) expected.size(0));
      for (int i = 0; i < latents.size(); i++) {
        assertClose("latent " + i, latents.get(i), expected.select(0, i));
      }
      Tensor sampled = model.sample(fixture.prompts(), fixture.seeds(), settings, null);
      assertClose("sample", sampled, expected.select(0, expected.size(0) - 1));
      if (fixture.contains(run + ".image")) {
        assertSamePixels(model.decode(sampled), fixture.get(run + ".image"));
      }
    }
  }

  /** The noise that a run starts from, and the latents after each of its steps. */
  private static List<Tensor> latents(
      DiffusersFixture fixture, StableDiffusion model, String run, GenerationSettings settings) {
    int f = model.vae().config().downscale();
    List<Tensor> latents = new ArrayList<>();
    try (BatchNoise noise =
            new BatchNoise(fixture.seeds(), 4, settings.height() / f, settings.width() / f);
        Scheduler scheduler =
            settings.scheduler().create(model.schedulerConfig(), settings.steps(), noise::draw)) {
      float[] timesteps = scheduler.timesteps();
      assertThat(timesteps)
          .containsExactly(Tensors.floats(fixture.get(run + ".timesteps")), within(1e-4f));
      Tensor text = text(fixture, model);
      Tensor latent = Ops.scale(noise.draw(), scheduler.initNoiseSigma());
      latents.add(latent);
      for (int i = 0; i < timesteps.length; i++) {
        Tensor input = scheduler.scaleInput(latent, i);
        Tensor[] halves =
            Ops.chunk(
                model
                    .unet()
                    .forward(
                        Ops.cat(List.of(input, input), 0),
                        Tensors.full(timesteps[i], 2 * input.size(0)),
                        text,
                        null),
                2,
                0);
        Tensor prediction =
            settings.guided()
                ? Ops.add(halves[0], halves[1].sub(halves[0]), settings.guidance())
                : halves[1];
        latent = scheduler.step(prediction, i, latent);
        latents.add(latent);
      }
    }
    return latents;
  }

  /** The negative prompt for each image, then the prompts. */
  private static Tensor text(DiffusersFixture fixture, StableDiffusion model) {
    List<String> texts = new ArrayList<>(fixture.prompts());
    texts.replaceAll(prompt -> fixture.negative());
    texts.addAll(fixture.prompts());
    return model.embed(texts);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("models")
  void everyLayerAttendsAsInDiffusers(String name) {
    DiffusersFixture fixture = FIXTURES.get(name);
    try (ModelFolder.Loaded loaded = fixture.load("ddim")) {
      StableDiffusion model = loaded.model();
      int step = fixture.attentionStep();
      Tensor latent = fixture.get("ddim.latents").select(0, step);
      float timestep = Tensors.floats(fixture.get("ddim.timesteps"))[step];
      Tensor text = text(fixture, model);
      Tensor prompts = Ops.chunk(text, 2, 0)[1];
      Tensor input = Ops.cat(List.of(latent, latent), 0);
      Tensor timesteps = Tensors.full(timestep, input.size(0));

      try (LayerProbe layers = new LayerProbe(prompts)) {
        model.unet().forward(input, timesteps, text, layers);
        assertAllClose("self-attention", layers.maps("self"), fixture.attention("attn1"));
        assertAllClose("cross-attention", layers.maps("cross"), fixture.attention("attn2"));
      }

      try (AttentionProbe probe =
          new AttentionProbe(prompts, latent.size(2), Set.of(1, 2), Set.of(1, 2))) {
        model.unet().forward(input, timesteps, text, probe);
        for (int factor : new int[] {1, 2}) {
          long pixels = latent.size(2) * latent.size(3) / (factor * factor);
          Tensor self = meanAt(pixels, fixture.attention("attn1"));
          Tensor cross = meanAt(pixels, fixture.attention("attn2"));
          assertClose("mean self-attention at " + factor, probe.self(factor), self);
          assertClose("mean cross-attention at " + factor, probe.cross(factor), cross);
        }
      }
    }
  }

  /** The mean over the layers with that many queries. */
  private static Tensor meanAt(long pixels, List<Tensor> maps) {
    return Ops.mean(
        Ops.stack(maps.stream().filter(map -> map.size(1) == pixels).toList()), false, 0);
  }

  /** Keeps the map of every layer: [samples, queries, keys], the mean over heads. */
  private static final class LayerProbe extends AttentionProbe {
    private final StateDict maps = new StateDict("maps");
    private final long samples;

    LayerProbe(Tensor prompts) {
      super(prompts, 1, Set.of(), Set.of());
      samples = prompts.size(0);
    }

    @Override
    public MultiHeadAttention.Observer onSelfAttention(long height, long width) {
      return (attention, queries, keys, outputs) -> keep("self", mean(queries, keys));
    }

    @Override
    public MultiHeadAttention.Observer onCrossAttention(long height, long width) {
      return (attention, queries, keys, outputs) -> keep("cross", mean(queries, keys));
    }

    /** Beyond the layer, whose own tensors are freed as it ends. */
    private void keep(String kind, Tensor map) {
      maps.put("%s %03d".formatted(kind, maps.names().size()), map);
    }

    List<Tensor> maps(String kind) {
      return maps.names().stream()
          .filter(name -> name.startsWith(kind))
          .sorted()
          .map(maps::get)
          .toList();
    }

    @Override
    public void close() {
      super.close();
      maps.close();
    }

    private Tensor mean(Tensor queries, Tensor keys) {
      return MultiHeadAttention.meanWeights(ofPrompts(queries), ofPrompts(keys));
    }

    private Tensor ofPrompts(Tensor batch) {
      return batch.narrow(0, batch.size(0) - samples, samples);
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("models")
  void imagesAreEncodedAsInDiffusers(String name) {
    DiffusersFixture fixture = FIXTURES.get(name);
    try (ModelFolder.Loaded loaded = fixture.load("ddim");
        SeededNoise noise = new SeededNoise(fixture.seeds()[0])) {
      Tensor bytes = Tensors.to(fixture.get("encode.image").permute(0, 3, 1, 2), Dtype.F32);
      Tensor image = Ops.plus(Ops.scale(bytes, 1 / 127.5), -1);
      AutoencoderKl.Posterior posterior = loaded.model().vae().encode(image);
      Tensor normal = noise.normal(Tensors.shape(posterior.mean()));
      assertClose("mean", posterior.mean(), fixture.get("encode.mean"));
      assertClose("variance", posterior.logVariance(), fixture.get("encode.log_variance"));
      assertClose("sample", posterior.sample(normal), fixture.get("encode.sample"));
    }
  }

  // ---- comparing --------------------------------------------------------------------------------

  private static void assertAllClose(String what, List<Tensor> actual, List<Tensor> expected) {
    assertThat(actual).as(what).hasSameSizeAs(expected).isNotEmpty();
    for (int i = 0; i < actual.size(); i++) {
      assertClose(what + " of layer " + i, actual.get(i), expected.get(i));
    }
  }

  /** The largest difference, relative to the largest value, is within the tolerance. */
  private static void assertClose(String what, Tensor actual, Tensor expected) {
    assertThat(Tensors.shape(actual)).as(what).containsExactly(Tensors.shape(expected));
    float[] values = Tensors.floats(actual);
    float[] references = Tensors.floats(expected);
    double largest = 0;
    double difference = 0;
    for (int i = 0; i < values.length; i++) {
      largest = Math.max(largest, Math.abs(references[i]));
      difference = Math.max(difference, Math.abs((double) values[i] - references[i]));
    }
    assertThat(difference / largest).as(what).isLessThanOrEqualTo(TOLERANCE);
  }

  private static void assertSamePixels(Tensor actual, Tensor expected) {
    assertThat(Tensors.shape(actual)).containsExactly(Tensors.shape(expected));
    byte[] values = Tensors.bytes(actual);
    byte[] references = Tensors.bytes(expected);
    int difference = 0;
    for (int i = 0; i < values.length; i++) {
      int d = Math.abs(Byte.toUnsignedInt(values[i]) - Byte.toUnsignedInt(references[i]));
      difference = Math.max(difference, d);
    }
    assertThat(difference).as("pixels").isLessThanOrEqualTo(1);
  }
}
