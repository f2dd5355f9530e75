package org.syntagen.labeling;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.bytedeco.pytorch.Tensor;
import org.syntagen.dataset.InputException;
import org.syntagen.tensor.Dtype;
import org.syntagen.tensor.SafeTensors;
import org.syntagen.tensor.Scope;
import org.syntagen.tensor.StateDict;
import org.syntagen.tensor.Tensors;
import org.syntagen.tensor.WeightFile;
import org.syntagen.tensor.WeightsException;

/**
 * What {@link TokenFit} has learned: for each class a text of two rows, the background's and the
 * class's own, in the space of the text encoder's output. Holds no native memory.
 *
 * @param width of a row
 * @param rows by class name: the background's and the class's, one after the other; shared, not to
 *     be changed
 * @param fingerprint of the tensors
 */
public record LearnedTokens(Path file, int width, Map<String, float[]> rows, String fingerprint) {
  /** Far more than any text encoder gives. */
  private static final long MOST_COLUMNS = 1 << 16;

  /**
   * Reads a file: a tensor [2, width] of floats for each class name.
   *
   * @throws WeightsException if it is missing, damaged or of another layout
   */
  public static LearnedTokens read(Path file) {
    try (StateDict state = WeightFile.read(file)) {
      Map<String, float[]> rows = new TreeMap<>();
      long width = 0;
      for (String name : state.names()) {
        Tensor tensor = state.get(name);
        long[] shape = Tensors.shape(tensor);
        boolean pair =
            shape.length == 2 && shape[0] == 2 && shape[1] > 0 && shape[1] <= MOST_COLUMNS;
        if (!pair || !Dtype.of(tensor).floating() || !rows.isEmpty() && shape[1] != width) {
          throw new WeightsException(
              "%s: tensor %s of shape %s holds no tokens; expected [2, width], the same for all"
                  .formatted(file, name, Arrays.toString(shape)));
        }
        width = shape[1];
        float[] values = Tensors.floats(tensor);
        for (float value : values) {
          if (!Float.isFinite(value)) {
            throw new WeightsException(
                "%s: tensor %s holds %s; fit tokens again with a lower learning rate"
                    .formatted(file, name, value));
          }
        }
        rows.put(name, values);
      }
      if (rows.isEmpty()) {
        throw new WeightsException(file + " holds no tokens; fit some with syntagen fit-tokens");
      }
      return new LearnedTokens(file, (int) width, rows, state.fingerprint());
    }
  }

  /** Writes such a file. */
  public static void write(Path file, Map<String, float[]> rows, Map<String, String> metadata) {
    try (Scope scope = new Scope();
        StateDict state = new StateDict(file.toString())) {
      rows.forEach((name, values) -> state.put(name, Tensors.of(values, 2, values.length / 2)));
      SafeTensors.write(file, state, metadata);
    }
  }

  /**
   * The texts of some classes: [classes, 2, width], owned by the open scope.
   *
   * @param names at least one
   * @throws InputException if a class has none
   */
  Tensor of(List<String> names) {
    requireAll(names);
    float[] values = new float[names.size() * 2 * width];
    for (int i = 0; i < names.size(); i++) {
      float[] pair = rows.get(names.get(i));
      System.arraycopy(pair, 0, values, i * pair.length, pair.length);
    }
    return Tensors.of(values, names.size(), 2, width);
  }

  /**
   * Checks that there are tokens of all these classes.
   *
   * @throws InputException if a class has none
   */
  void requireAll(List<String> names) {
    for (String name : names) {
      if (!rows.containsKey(name)) {
        throw new InputException(
            "%s: there are no tokens of the class %s, only of %s; fit some, or label without them"
                .formatted(file, name, String.join(", ", rows.keySet())));
      }
    }
  }

  /**
   * Checks that a model can match its queries with these tokens.
   *
   * @param expected width of the model's text embedding
   * @throws WeightsException if not
   */
  public void requireFits(int expected) {
    if (width != expected) {
      throw new WeightsException(
          "%s: its rows have %d elements, the model's text encoder gives %d; fit tokens for this model"
              .formatted(file, width, expected));
    }
  }

  /** For provenance. */
  Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("file", file.getFileName().toString());
    map.put("fingerprint", fingerprint);
    return map;
  }
}
