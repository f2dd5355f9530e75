package org.syntagen.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.IntConsumer;
import java.util.function.Supplier;
import org.syntagen.challenge.Rules;
import org.syntagen.challenge.submission.Manifest;
import org.syntagen.dataset.Dataset;
import org.syntagen.dataset.InputException;
import org.syntagen.dataset.LabelMap;
import org.syntagen.segmentation.DeepLabV3;
import org.syntagen.segmentation.Evaluator;
import org.syntagen.segmentation.LabeledImages;
import org.syntagen.segmentation.Predictor;
import org.syntagen.server.Models;
import org.syntagen.tensor.WeightFile;
import org.syntagen.tensor.WeightsException;

/** The networks that a server runs, by the code that the commands run. */
final class ServedModels implements Models {
  private final ModelShelf shelf;
  private final ReplicationOptions files;

  /**
   * @param models what entries are made again with
   * @param files what belongs to it
   */
  ServedModels(List<ModelShelf.Source> models, ReplicationOptions files) {
    this.shelf = files.shelf(models);
    this.files = files;
  }

  @Override
  public String fingerprint(Path checkpoint) {
    return readable(() -> WeightFile.fingerprint(checkpoint));
  }

  @Override
  public void predict(
      Path checkpoint, String model, Dataset images, BiConsumer<String, LabelMap> each) {
    try (DeepLabV3 network = readable(() -> Networks.load(checkpoint, images.classes()))) {
      String found = network.backbone().network();
      if (!found.equals(model)) {
        throw new InputException(
            "%s holds %s; the rules ask for %s".formatted(checkpoint, found, model));
      }
      new Predictor(network, TestImagesOptions.AS_THEY_ARE)
          .predict(
              LabeledImages.unlabeled(images),
              Evaluator.DEFAULT_BATCH,
              (image, prediction) -> each.accept(image.id(), prediction.labels()));
    }
  }

  @Override
  public void train(Dataset pairs, Rules.Training rules, Path checkpoint, IntConsumer each) {
    files.training(rules).run(pairs, checkpoint, each);
  }

  @Override
  public Generation generation(Manifest manifest, Rules rules) {
    return new RecordedGeneration(manifest, rules, shelf);
  }

  private static <T> T readable(Supplier<T> read) {
    try {
      return read.get();
    } catch (WeightsException e) {
      throw new InputException(e.getMessage(), e);
    }
  }
}
