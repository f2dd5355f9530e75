package org.syntagen.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.BiConsumer;
import java.util.function.IntConsumer;
import org.syntagen.challenge.Rules;
import org.syntagen.challenge.submission.Manifest;
import org.syntagen.dataset.Dataset;
import org.syntagen.dataset.Fingerprint;
import org.syntagen.dataset.InputException;
import org.syntagen.dataset.LabelMap;

/** Networks that see class 1 in the upper half of everything. Their checkpoints are any text. */
final class FakeModels implements Models {
  /** The text of a checkpoint that is none. */
  static final String DAMAGED = "damaged";

  @Override
  public String fingerprint(Path checkpoint) {
    return Fingerprint.ofText(text(checkpoint));
  }

  @Override
  public void predict(
      Path checkpoint, String model, Dataset images, BiConsumer<String, LabelMap> each) {
    images.ids().forEach(id -> each.accept(id, Pairs.mask(1)));
  }

  @Override
  public void train(Dataset pairs, Rules.Training rules, Path checkpoint, IntConsumer each) {
    try {
      Files.writeString(checkpoint, "network");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Makes {@link Pairs} again whose manifest tells their seed. */
  @Override
  public Generation generation(Manifest manifest, Rules rules) {
    return new Generation() {
      @Override
      public Dataset.Pair pair(String id) {
        if (!manifest.generatorProvenance().containsKey("pairsSeed")) {
          throw new InputException("there is no such model here");
        }
        int seed = ((Number) manifest.generatorProvenance().get("pairsSeed")).intValue();
        return Pairs.pair(seed + Integer.parseInt(id));
      }

      @Override
      public void close() {}
    };
  }

  private static String text(Path checkpoint) {
    try {
      String text = Files.readString(checkpoint);
      if (text.equals(DAMAGED)) {
        throw new InputException(checkpoint + ": damaged");
      }
      return text;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
