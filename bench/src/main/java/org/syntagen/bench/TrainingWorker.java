package org.syntagen.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.syntagen.dataset.Dataset;
import org.syntagen.segmentation.InitialWeights;
import org.syntagen.segmentation.LabeledImages;
import org.syntagen.segmentation.Recipe;
import org.syntagen.segmentation.Trainer;
import org.syntagen.segmentation.TrainingConfig;
import org.syntagen.segmentation.TrainingResult;
import org.syntagen.tensor.Threads;

/**
 * Trains by the recipe "competition", some steps for each line of standard input, and answers with
 * the seconds of a step, so that {@code compare_training.py} can let it and torchvision take turns.
 * Images are read and turned as in any training, but drawn at the crop's size, which costs next to
 * nothing, as torchvision's one batch does. Arguments: dataset folder, backbone, precision,
 * threads, batch size, crop size, steps a turn, turns.
 */
public final class TrainingWorker {
  private final BufferedReader lines =
      new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
  private final int stepsATurn;
  private final int steps;
  private long start;

  private TrainingWorker(int stepsATurn, int turns) {
    this.stepsATurn = stepsATurn;
    this.steps = stepsATurn * turns;
  }

  public static void main(String[] args) {
    Dataset dataset = Dataset.open(Path.of(args[0]), Dataset.DEFAULT_LIST);
    TrainingWorker worker =
        new TrainingWorker(Integer.parseInt(args[6]), Integer.parseInt(args[7]));
    TrainingConfig config =
        Recipe.of("competition")
            .with("backbone", args[1])
            .with("precision", args[2])
            .with("batch_size", args[4])
            .with("base_size", args[5])
            .with("crop_size", args[5])
            .with("least_scale", "1")
            .with("most_scale", "1")
            .with("iterations", Integer.toString(worker.steps))
            .config(InitialWeights.RANDOM);
    Threads.set(Integer.parseInt(args[3]), 1);
    System.out.println("ready");
    worker.waitForTurn();
    Trainer trainer = new Trainer(config, dataset.classes(), LabeledImages.of(dataset));
    try (TrainingResult result = trainer.train(progress -> worker.step(progress.iteration()))) {
      System.err.printf("ours: last loss %.3f%n", result.history().get(worker.steps - 1).loss());
    }
  }

  private void step(int done) {
    if (done % stepsATurn == 0) {
      System.out.println((System.nanoTime() - start) / 1e9 / stepsATurn);
      waitForTurn(); // after the last one until standard input ends
    }
  }

  private void waitForTurn() {
    try {
      lines.readLine();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    start = System.nanoTime();
  }
}
