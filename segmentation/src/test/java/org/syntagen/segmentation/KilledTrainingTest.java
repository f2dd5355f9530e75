package org.syntagen.segmentation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.syntagen.dataset.ClassSet;
import org.syntagen.dataset.SplitMix64;

/** Trains in processes of their own, which are killed without warning. */
class KilledTrainingTest {
  /** How many runs are killed again and again; {@code -Dsyntagen.killedRuns=10} for more. */
  private static final int RUNS = Integer.getInteger("syntagen.killedRuns", 1);

  private static final int STEPS = 8;
  private static final String STEP = "step ";
  private static final String FINGERPRINT = "fingerprint ";

  @TempDir private Path folder;

  /** The training: it says every step, saves after each, and ends with its fingerprint. */
  static final class Training {
    private Training() {}

    public static void main(String[] args) {
      TrainingConfig config =
          Configs.tiny("sgd", STEPS, 2, 5)
              .with("average_decay", "0.9")
              .config(InitialWeights.RANDOM);
      ClassSet classes = ClassSet.of(List.of("background", "red", "green"));
      LabeledImages images = LabeledImages.of(Pictures.squares(6, 32, 3, 1));
      TrainingSnapshots snapshots = TrainingSnapshots.in(Path.of(args[0]), Duration.ZERO, "data");
      try (TrainingResult result =
          new Trainer(config, classes, images)
              .train(snapshots, progress -> System.out.println(STEP + progress.iteration()))) {
        System.out.println(FINGERPRINT + result.model().fingerprint());
      }
    }
  }

  @Test
  void aRunThatIsKilledAtRandomStepsEndsInTheSameWeights() throws IOException {
    String uninterrupted = train(folder.resolve("whole"), Integer.MAX_VALUE);
    SplitMix64 random = new SplitMix64(8);
    int kills = 0;
    for (int run = 1; run <= RUNS; run++) {
      Path state = folder.resolve("killed-" + run);
      String end = "";
      for (int processes = 0; end.isEmpty(); processes++) {
        assertThat(processes).as("a run that never gets on").isLessThan(2 * STEPS);
        end = train(state, random.inclusive(1, 3));
        kills += end.isEmpty() ? 1 : 0;
      }
      assertThat(end).as("run %d", run).isEqualTo(uninterrupted);
    }
    assertThat(kills).isGreaterThanOrEqualTo(2 * RUNS);
    System.out.printf("%d runs, killed %d times, end in the same weights%n", RUNS, kills);
  }

  /**
   * Runs the training and kills it once it has done so many steps.
   *
   * @return what the training ended in; empty if it was killed
   */
  private static String train(Path state, int stepsToLive) throws IOException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Training.class.getName(),
                state.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    int steps = 0;
    try (BufferedReader lines = process.inputReader()) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.startsWith(FINGERPRINT)) {
          return line;
        }
        steps += line.startsWith(STEP) ? 1 : 0;
        if (steps == stepsToLive) {
          return "";
        }
      }
    } finally {
      process.destroyForcibly().onExit().join();
    }
    throw new AssertionError("the training failed after " + steps + " steps");
  }
}
