package org.syntagen.segmentation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.syntagen.dataset.ClassSet;

class NativeMemoryTest {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final int STEPS = 360;
  private static final int WARM_UP = 60;

  @Test
  void threeHundredTrainingStepsLeaveTheResidentMemoryWhereItWas() {
    assumeTrue(Files.exists(STATUS), "this system has no /proc to read the memory from");
    TrainingConfig config =
        Configs.tiny("sgd", STEPS, 2, 1)
            .with("learning_rate", "0.001")
            .config(InitialWeights.RANDOM);
    ClassSet classes = ClassSet.of(List.of("background", "red", "green"));
    List<Long> megabytes = new ArrayList<>();
    new Trainer(config, classes, LabeledImages.of(Pictures.squares(6, 32, 3, 1)))
        .train(
            progress -> {
              if (progress.iteration() % 10 == 0) {
                System.gc(); // keeps the Java heap, which is in the figure, at what lives
                if (progress.iteration() >= WARM_UP) {
                  megabytes.add(residentKilobytes() / 1024);
                }
              }
            })
        .close();
    long reference = megabytes.get(0);
    assertThat(megabytes)
        .as("resident megabytes every ten steps after %d", WARM_UP)
        .allSatisfy(
            found -> assertThat(found).isBetween(reference * 95 / 100, reference * 105 / 100));
  }

  private static long residentKilobytes() {
    try {
      return Files.readAllLines(STATUS).stream()
          .filter(line -> line.startsWith("VmRSS:"))
          .map(line -> line.replaceAll("\\D", ""))
          .mapToLong(Long::parseLong)
          .findFirst()
          .orElseThrow();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
