package org.syntagen.labeling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.syntagen.dataset.ClassSet;
import org.syntagen.dataset.InputException;
import org.syntagen.dataset.LabelMap;
import org.syntagen.dataset.Prompt;
import org.syntagen.diffusion.StableDiffusion;
import org.syntagen.diffusion.attention.AttentionProbe;
import org.syntagen.diffusion.block.MultiHeadAttention;
import org.syntagen.tensor.NoGrad;
import org.syntagen.tensor.SafeTensors;
import org.syntagen.tensor.Scope;
import org.syntagen.tensor.StateDict;
import org.syntagen.tensor.Tensors;
import org.syntagen.tensor.WeightsException;

/** Learned tokens: how they are fitted, kept and looked at. */
class TokenFitTest {
  private static final ClassSet VOC = ClassSet.VOC;
  private static final int DOG = VOC.label("dog");
  private static final int SIDE = 16; // of the latent
  private static final int SIZE = 64;
  private static final List<Long> TIMESTEPS = List.of(200L);

  @TempDir Path folder;

  /** Noise, of which the left part is a dog, with a stripe of void. */
  private static TokenFit.Example example(int seed) {
    Random random = new Random(seed);
    BufferedImage image = new BufferedImage(SIZE, SIZE, BufferedImage.TYPE_INT_RGB);
    byte[] labels = new byte[SIZE * SIZE];
    for (int p = 0; p < labels.length; p++) {
      boolean dog = p % SIZE < 20 + 4 * seed;
      image.setRGB(p % SIZE, p / SIZE, (dog ? 0xE0E0E0 : 0x101010) + random.nextInt(16));
      labels[p] = (byte) (dog ? DOG : p % SIZE > 60 ? ClassSet.VOID : 0);
    }
    return new TokenFit.Example(
        image,
        new Prompt(seed, "a photo of a dog", List.of(DOG), seed),
        new LabelMap(SIZE, SIZE, labels));
  }

  private static TokenFit.Fitted fit(StableDiffusion model, int steps) {
    return new TokenFit(model, VOC, new TokenFit.Parameters(steps, 100, 0.7, 10), TIMESTEPS)
        .fit(DOG, List.of(example(1), example(2)));
  }

  @Test
  void descentLowersTheLossAndKeepsTheLowest() {
    StableDiffusion model = TinyModel.random();
    TokenFit.Fitted few = fit(model, 3);
    TokenFit.Fitted more = fit(model, 40);
    assertThat(few.before()).isEqualTo(more.before());
    assertThat(few.after()).isLessThan(few.before());
    assertThat(more.after()).isLessThan(few.after());
    assertThat(fit(model, 3).rows()).isEqualTo(few.rows());
  }

  /** The loss of what was learned, number by number. */
  @Test
  void theLossEqualsThatOfASlowTwin() {
    StableDiffusion model = TinyModel.random();
    TokenFit.Fitted fitted = fit(model, 5);
    assertThat(loss(model, fitted.rows())).isCloseTo(fitted.after(), within(1e-5));
  }

  private static double loss(StableDiffusion model, float[] rows) {
    double loss = 0;
    for (TokenFit.Example example : List.of(example(1), example(2))) {
      double[][] background = map(model, example, rows, 0);
      double[][] dog = map(model, example, rows, 1);
      double sum = 0;
      int count = 0;
      for (int y = 0; y < SIZE; y++) {
        for (int x = 0; x < SIZE; x++) {
          int label = example.mask().at(x, y);
          if (label != ClassSet.VOID) {
            double right = label == DOG ? dog[y][x] : background[y][x];
            sum += Math.log(Math.exp(dog[y][x]) + Math.exp(background[y][x])) - right;
            count++;
          }
        }
      }
      loss += sum / count / 2;
    }
    return loss;
  }

  /** The mean over heads of a row's attention, as large as the image. */
  private static double[][] map(
      StableDiffusion model, TokenFit.Example example, float[] rows, int row) {
    try (NoGrad noGrad = new NoGrad();
        Scope scope = new Scope()) {
      NoisedImages images = new NoisedImages(model, TIMESTEPS);
      Recorder recorder = new Recorder(Tensors.of(rows, 1, 2, rows.length / 2));
      images.show(images.encode(example.image()), example.prompt(), recorder);
      double[][] sum = new double[SIDE][SIDE];
      for (SlowTwin.Head head : recorder.heads) {
        SlowTwin.add(sum, SlowTwin.bilinear(SlowTwin.words(head, new int[] {row}), SIDE));
      }
      return SlowTwin.bilinear(SlowTwin.scaled(sum, 0, recorder.heads.size()), SIZE);
    }
  }

  private static final class Recorder extends AttentionProbe {
    private final Tensor text;
    private final List<SlowTwin.Head> heads = new ArrayList<>();

    Recorder(Tensor text) {
      super(text, SIDE, Set.of(), Set.of());
      this.text = text;
    }

    @Override
    public MultiHeadAttention.Observer onCrossAttention(long height, long width) {
      return (attention, queries, keys, outputs) -> {
        Tensor words = attention.keys(text);
        for (int head = 0; head < queries.size(1); head++) {
          heads.add(
              new SlowTwin.Head(
                  false,
                  (int) height,
                  SlowTwin.matrix(queries.select(0, 0).select(0, head)),
                  SlowTwin.matrix(words.select(0, 0).select(0, head))));
        }
      };
    }
  }

  @Test
  void learnedTokensAreLookedAtAsTheyWereFitted() {
    StableDiffusion model = TinyModel.random();
    float[] rows = fit(model, 5).rows();
    LearnedTokens tokens = written(Map.of("dog", rows));
    TokenFit.Example example = example(1);
    Scores scores =
        new ImageScorer(model, new TokenOvam(tokens, VOC), TIMESTEPS)
            .score(example.image(), example.prompt())
            .scores();
    double[][] sum = map(model, example, rows, 1);
    // At the latent's grid's corners, bilinear and bicubic enlargement differ a little.
    double[][] expected = SlowTwin.scaled(sum, 0, SlowTwin.most(sum));
    assertThat(scores.labels()).containsExactly(DOG);
    for (int p = 0; p < SIZE * SIZE; p++) {
      assertThat((double) scores.values()[p]).isCloseTo(expected[p / SIZE][p % SIZE], within(0.1));
    }
  }

  private LearnedTokens written(Map<String, float[]> rows) {
    Path file = folder.resolve("tokens.safetensors");
    LearnedTokens.write(file, rows, Map.of());
    return LearnedTokens.read(file);
  }

  @Test
  void tokensAreReadAsTheyWereWritten() {
    LearnedTokens tokens =
        written(Map.of("dog", new float[] {1, 2, 3, 4}, "cat", new float[] {5, 6, 7, 8}));
    assertThat(tokens.width()).isEqualTo(2);
    assertThat(tokens.rows()).containsOnlyKeys("cat", "dog");
    try (Scope scope = new Scope()) {
      assertThat(Tensors.floats(tokens.of(List.of("dog", "cat"))))
          .containsExactly(1, 2, 3, 4, 5, 6, 7, 8);
    }
    assertThatThrownBy(() -> tokens.of(List.of("dog", "sofa")))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("there are no tokens of the class sofa, only of cat, dog");
    assertThatThrownBy(() -> tokens.requireFits(16))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("rows have 2 elements, the model's text encoder gives 16");
  }

  @Test
  void whatIsNoTokenFileIsRefused() {
    assertThatThrownBy(() -> written(Map.of())).hasMessageContaining("holds no tokens");
    assertThatThrownBy(() -> written(Map.of("dog", new float[] {1, Float.NaN})))
        .hasMessageContaining("tensor dog holds NaN");
    Path file = folder.resolve("other.safetensors");
    try (Scope scope = new Scope();
        StateDict state = new StateDict("test")) {
      state.put("dog", Tensors.zeros(3, 8));
      SafeTensors.write(file, state, Map.of());
    }
    assertThatThrownBy(() -> LearnedTokens.read(file))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("tensor dog of shape [3, 8] holds no tokens; expected [2, width]");
  }

  @Test
  void parametersOutOfRangeAreRefused() {
    assertThatThrownBy(() -> new TokenFit.Parameters(0, 100, 0.7, 120))
        .hasMessageContaining("at least one step");
    assertThatThrownBy(() -> new TokenFit.Parameters(1, 0, 0.7, 120))
        .hasMessageContaining("learning rate must be positive");
  }
}
