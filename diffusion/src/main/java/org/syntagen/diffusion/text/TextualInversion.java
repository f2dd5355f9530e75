package org.syntagen.diffusion.text;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.syntagen.tensor.Dtype;
import org.syntagen.tensor.StateDict;
import org.syntagen.tensor.Tensors;
import org.syntagen.tensor.WeightFile;
import org.syntagen.tensor.WeightsException;

/**
 * A textual inversion (Gal et al., 2022): a word and the vectors that stand for it in a text
 * encoder's token embedding. Holds no native memory.
 *
 * @param tensor name of the tensor in the file
 * @param word that a prompt calls it by, in any case
 * @param width of a vector
 * @param vectors one after the other; shared, not to be changed
 * @param fingerprint of the file's tensors, whatever its format
 */
public record TextualInversion(
    Path file, String tensor, String word, int width, float[] vectors, String fingerprint) {
  /** Far more than any model's prompts have room for. */
  private static final long MOST_ELEMENTS = 1 << 20;

  private static final String PICKLED_BY_WEB_UI = "string_to_param.*";
  private static final String SAVED_BY_WEB_UI = "emb_params";

  /**
   * Reads a file of diffusers (one tensor, whose name is the word) or of AUTOMATIC1111's web UI
   * (then the word is the file's name without its ending), as safetensors or written by torch.save.
   *
   * @throws WeightsException if the file is missing, damaged, of another layout, or its tensor is
   *     none that could be vectors
   */
  public static TextualInversion read(Path file) {
    try (StateDict state = WeightFile.read(file)) {
      String name = tensorName(state);
      Tensor tensor = state.get(name);
      long[] shape = Tensors.shape(tensor);
      String where = file + ": tensor " + name;
      if (shape.length < 1
          || shape.length > 2
          || tensor.numel() == 0
          || tensor.numel() > MOST_ELEMENTS
          || !Dtype.of(tensor).floating()) {
        throw new WeightsException(
            where
                + " of shape "
                + Arrays.toString(shape)
                + " and type "
                + Dtype.of(tensor)
                + " holds no embedding; expected [vectors, width] or [width] of floats");
      }
      float[] vectors = Tensors.floats(tensor);
      for (float value : vectors) {
        if (!Float.isFinite(value)) {
          throw new WeightsException(
              where + " holds " + value + "; train or download the embedding again");
        }
      }
      int width = (int) shape[shape.length - 1];
      String word = CaptionSplitter.clean(word(file, name));
      if (word.isEmpty()) {
        throw new WeightsException(where + " names no word for prompts; rename the file");
      }
      return new TextualInversion(file, name, word, width, vectors, state.fingerprint());
    }
  }

  private static String tensorName(StateDict state) {
    Set<String> names = state.names();
    for (String known : new String[] {PICKLED_BY_WEB_UI, SAVED_BY_WEB_UI}) {
      if (names.contains(known)) {
        return known;
      }
    }
    if (names.size() == 1) {
      return names.iterator().next();
    }
    String first = names.isEmpty() ? "" : ", the first being " + names.iterator().next();
    throw new WeightsException(
        state.origin()
            + ": no embedding of a known layout: it has "
            + names.size()
            + " tensors"
            + first
            + "; expected one tensor, or "
            + SAVED_BY_WEB_UI
            + " or "
            + PICKLED_BY_WEB_UI);
  }

  private static String word(Path file, String tensor) {
    if (!tensor.equals(PICKLED_BY_WEB_UI) && !tensor.equals(SAVED_BY_WEB_UI)) {
      return tensor;
    }
    String name = file.getFileName().toString();
    int dot = name.lastIndexOf('.');
    return dot > 0 ? name.substring(0, dot) : name;
  }

  /** Number of vectors, each of which takes a token's place in a prompt. */
  public int count() {
    return vectors.length / width;
  }

  /**
   * Refuses to be used with a model it was not made for.
   *
   * @param modelWidth of the text encoder's token embedding
   * @param room tokens that a prompt may have
   * @throws WeightsException that names file and tensor
   */
  public void requireFits(int modelWidth, int room) {
    String where = file + ": tensor " + tensor;
    if (width != modelWidth) {
      throw new WeightsException(
          where
              + " has vectors of width "
              + width
              + ", the model's text encoder "
              + modelWidth
              + "; take an embedding that was trained for this model");
    }
    if (count() > room) {
      throw new WeightsException(
          where + " has " + count() + " vectors; a prompt of this model has room for " + room);
    }
  }
}
