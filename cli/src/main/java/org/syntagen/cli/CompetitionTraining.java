package org.syntagen.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.IntConsumer;
import java.util.stream.Stream;
import org.syntagen.challenge.Rules;
import org.syntagen.dataset.Dataset;
import org.syntagen.dataset.InputException;
import org.syntagen.segmentation.Backbone;
import org.syntagen.segmentation.Checkpoint;
import org.syntagen.segmentation.InitialWeights;
import org.syntagen.segmentation.LabeledImages;
import org.syntagen.segmentation.Recipe;
import org.syntagen.segmentation.Trainer;
import org.syntagen.segmentation.TrainingConfig;
import org.syntagen.segmentation.TrainingResult;
import org.syntagen.segmentation.TrainingSnapshots;

/**
 * The training that a competition's rules fix: the recipe {@code competition} with their network,
 * iterations and batch size.
 *
 * @param start the weights that it starts from; empty for random ones
 */
record CompetitionTraining(Rules.Training rules, Optional<Path> start) {
  /**
   * Trains on a dataset.
   *
   * @param out the checkpoint to write
   * @param each receives how many iterations are done
   * @throws InputException if there is no such network, or the pairs cannot be trained on
   */
  void run(Dataset pairs, Path out, IntConsumer each) {
    TrainingConfig config =
        Recipe.of("competition")
            .with("backbone", backbone().id())
            .with("iterations", Integer.toString(rules.iterations()))
            .with("batch_size", Integer.toString(rules.batchSize()))
            .config(start.map(InitialWeights::read).orElse(InitialWeights.RANDOM));
    Trainer trainer = new Trainer(config, pairs.classes(), List.of(LabeledImages.of(pairs)));
    try (TrainingResult trained =
        trainer.train(TrainingSnapshots.none(), step -> each.accept(step.iteration()))) {
      Checkpoint.write(out, trained, config, pairs.classes().names(), pairs.fingerprint());
    }
  }

  private Backbone backbone() {
    return Stream.of(Backbone.values())
        .filter(backbone -> backbone.network().equals(rules.model()))
        .findFirst()
        .orElseThrow(
            () -> new InputException("no network %s is known here".formatted(rules.model())));
  }
}
