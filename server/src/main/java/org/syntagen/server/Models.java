package org.syntagen.server;

import java.nio.file.Path;
import java.util.function.BiConsumer;
import java.util.function.IntConsumer;
import org.syntagen.challenge.Rules;
import org.syntagen.challenge.submission.Manifest;
import org.syntagen.dataset.Dataset;
import org.syntagen.dataset.InputException;
import org.syntagen.dataset.LabelMap;

/**
 * What takes neural networks, of which the server itself knows nothing: who starts it brings them
 * along. Files are strangers', so whatever is wrong with one is an {@link InputException}.
 */
public interface Models {
  /**
   * The fingerprint of a checkpoint's tensors, as manifests carry it.
   *
   * @throws InputException if the file is no checkpoint
   */
  String fingerprint(Path checkpoint);

  /**
   * Labels images with a trained segmenter, just as {@code syntagen evaluate} does.
   *
   * @param model the network that it must be, as {@link Rules.Training#model} names it
   * @param each receives the id of every image with its labels, in order
   * @throws InputException if the checkpoint holds another network or is damaged
   */
  void predict(Path checkpoint, String model, Dataset images, BiConsumer<String, LabelMap> each);

  /**
   * Trains a segmenter on a dataset, as {@code syntagen train} does with its recipe {@code
   * competition}.
   *
   * @param checkpoint the file to write
   * @param each receives how many iterations are done
   */
  void train(Dataset pairs, Rules.Training rules, Path checkpoint, IntConsumer each);

  /**
   * The generation that a manifest records, to be run again. Whether it can be shows at its first
   * sample.
   *
   * @param rules that its pairs keep
   */
  Generation generation(Manifest manifest, Rules rules);

  /** A generation of pairs, with the models that it takes. */
  interface Generation extends AutoCloseable {
    /**
     * Makes a sample again.
     *
     * @throws InputException if a model is missing, or the manifest records nothing that can be run
     */
    Dataset.Pair pair(String id);

    /** Frees the models. */
    @Override
    void close();
  }
}
