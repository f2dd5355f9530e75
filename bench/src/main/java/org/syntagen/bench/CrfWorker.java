package org.syntagen.bench;

import java.awt.image.BufferedImage;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.syntagen.dataset.Images;
import org.syntagen.labeling.DenseCrf;
import org.syntagen.tensor.SafeTensors;
import org.syntagen.tensor.StateDict;
import org.syntagen.tensor.Tensors;
import org.syntagen.tensor.Threads;

/**
 * Refines the same soft labels again for each line of standard input and answers with the seconds
 * it took, so that {@code crf.py} can let it and pydensecrf take turns. Arguments: a file with
 * {@code image} and {@code probabilities}, threads, the parameters of {@link DenseCrf} in their
 * order. Lines: {@code crf}, alone or with a file that receives the beliefs.
 */
public final class CrfWorker {
  private CrfWorker() {}

  public static void main(String[] args) throws IOException {
    Threads.set(Integer.parseInt(args[1]), 1);
    double[] of = Arrays.stream(args).skip(2).mapToDouble(Double::parseDouble).toArray();
    DenseCrf crf = new DenseCrf((int) of[0], of[1], of[2], of[3], of[4], of[5]);
    BufferedImage image;
    float[] probabilities;
    try (StateDict given = SafeTensors.read(Path.of(args[0]))) {
      Tensor pixels = given.get("image"); // [height, width, 3]
      image = Images.ofRgb(Tensors.bytes(pixels), (int) pixels.size(1), (int) pixels.size(0));
      probabilities = Tensors.floats(given.get("probabilities"));
    }
    System.out.println("ready");
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        long start = System.nanoTime();
        float[] belief = crf.refine(image, probabilities);
        double seconds = (System.nanoTime() - start) / 1e9;
        String[] words = line.split(" ", 2);
        if (words.length == 2) {
          try (StateDict state = new StateDict("beliefs")) {
            state.put("belief", Tensors.of(belief, belief.length));
            SafeTensors.write(Path.of(words[1]), state, Map.of());
          }
        }
        System.out.println(seconds);
      }
    }
  }
}
