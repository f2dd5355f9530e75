package org.syntagen.diffusion.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.syntagen.diffusion.vae.AutoencoderKl;
import org.syntagen.diffusion.vae.VaeConfig;
import org.syntagen.tensor.Ops;
import org.syntagen.tensor.Scope;
import org.syntagen.tensor.SeededNoise;
import org.syntagen.tensor.StateDict;
import org.syntagen.tensor.Tensors;
import org.syntagen.tensor.Weights;

class DataParallelTest {
  private static final VaeConfig CONFIG = new VaeConfig(2, List.of(4, 8), 1, 2, 1);
  private static final int BATCH = 4;

  private StateDict weights;
  private Tensor images;

  @BeforeEach
  void make() {
    try (SeededNoise noise = new SeededNoise(3)) {
      Weights random = Weights.random(noise);
      new AutoencoderKl(random, CONFIG);
      weights = random.state();
      images = Scope.own(noise.normal(BATCH, 3, 8, 8));
    }
  }

  @AfterEach
  void close() {
    images.close();
    weights.close();
  }

  private record Result(double loss, Map<String, float[]> gradients) {}

  private Result gradients(int workers, int times) {
    try (DataParallel<AutoencoderKl> parallel =
        new DataParallel<>(weights, workers, w -> new AutoencoderKl(w, CONFIG))) {
      double loss = 0;
      for (int i = 0; i < times; i++) {
        loss += parallel.gradients((vae, worker) -> backward(vae, worker, workers));
      }
      Map<String, float[]> gradients = new TreeMap<>();
      StateDict parameters = parallel.parameters();
      for (String name : parameters.names()) {
        gradients.put(name, Tensors.floats(parameters.get(name).grad()));
      }
      return new Result(loss, gradients);
    }
  }

  private double backward(AutoencoderKl vae, int worker, int workers) {
    try (Scope scope = new Scope()) {
      int share = BATCH / workers;
      Tensor image = images.narrow(0, worker * share, share);
      AutoencoderKl.Posterior posterior = vae.encode(image);
      Tensor error = vae.decode(posterior.mean()).sub(image).square().mean();
      Tensor loss = Ops.scale(error.add(posterior.logVariance().square().mean()), 1.0 / workers);
      loss.backward();
      return loss.item_double();
    }
  }

  @Test
  void workersSumToTheGradientsAndLossOfTheWholeBatch() {
    Result whole = gradients(1, 1);
    for (int workers : new int[] {2, 4}) {
      Result split = gradients(workers, 1);
      assertThat(split.loss).isCloseTo(whole.loss, within(1e-6));
      assertThat(split.gradients).hasSize(weights.size());
      split.gradients.forEach(
          (name, gradient) ->
              assertThat(gradient)
                  .as(name)
                  .containsExactly(whole.gradients.get(name), within(1e-5f)));
    }
  }

  @Test
  void repeatedRunsGiveTheSameBits() {
    Result first = gradients(2, 1);
    Result second = gradients(2, 1);
    assertThat(second.loss).isEqualTo(first.loss);
    second.gradients.forEach(
        (name, gradient) ->
            assertThat(gradient).as(name).containsExactly(first.gradients.get(name)));
  }

  /** Only the optimiser clears the sum; what the other workers added must not count twice. */
  @Test
  void gradientsAccumulateUntilTheyAreCleared() {
    Result once = gradients(2, 1);
    Result twice = gradients(2, 2);
    twice.gradients.forEach(
        (name, gradient) -> {
          float[] expected = once.gradients.get(name).clone();
          for (int i = 0; i < expected.length; i++) {
            expected[i] *= 2;
          }
          assertThat(gradient).as(name).containsExactly(expected, within(2e-5f));
        });
  }

  @Test
  void replicasShareTheWeights() {
    try (DataParallel<AutoencoderKl> parallel =
        new DataParallel<>(weights, 2, w -> new AutoencoderKl(w, CONFIG))) {
      double before = parallel.gradients((vae, worker) -> decodedSum(vae));
      Ops.addInPlace(weights.get("decoder.conv_out.bias"), Tensors.full(1, 3), 1);
      double after = parallel.gradients((vae, worker) -> decodedSum(vae));
      assertThat(after - before).isCloseTo(2 * 3 * 16, within(1e-3));
    }
  }

  private static double decodedSum(AutoencoderKl vae) {
    try (Scope scope = new Scope()) {
      return vae.decode(Tensors.zeros(1, 2, 2, 2)).sum().item_double();
    }
  }

  @Test
  void aWorkersFailureReachesTheCaller() {
    try (DataParallel<AutoencoderKl> parallel =
        new DataParallel<>(weights, 2, w -> new AutoencoderKl(w, CONFIG))) {
      assertThatThrownBy(
              () ->
                  parallel.gradients(
                      (vae, worker) -> {
                        if (worker == 1) {
                          throw new IllegalArgumentException("share 1 is broken");
                        }
                        return 0;
                      }))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("share 1 is broken");
    }
  }
}
