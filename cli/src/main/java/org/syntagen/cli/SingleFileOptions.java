package org.syntagen.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.syntagen.dataset.InputException;
import org.syntagen.diffusion.Lora;
import org.syntagen.diffusion.ModelFolder;
import org.syntagen.diffusion.SingleFile;
import org.syntagen.diffusion.scheduler.Prediction;
import org.syntagen.tensor.Dtype;
import picocli.CommandLine.Option;

/** What a model in one file does not say of itself. */
final class SingleFileOptions {
  static final String HEADING = "%nFor a model in one file:%n";

  @Option(
      names = "--tokenizer",
      description = {
        "Folder with CLIP's vocab.json and merges.txt.",
        "Default: tokenizer beside the file."
      })
  private Path tokenizer;

  @Option(names = "--ema", description = "Load the moving average of its U-Net.")
  private boolean ema;

  @Option(
      names = "--prediction",
      description = {
        "What its U-Net predicts: ${COMPLETION-CANDIDATES}.",
        "Default: what it shows."
      })
  private Prediction prediction;

  /**
   * Reads a model, a folder or a single file.
   *
   * @param loras merged into the weights, in their order
   * @param dtype what weights are kept in
   * @return the caller closes it
   */
  ModelFolder.Loaded load(Path model, List<Lora> loras, Dtype dtype) {
    if (!Files.isRegularFile(model)) {
      if (tokenizer != null || ema || prediction != null) {
        throw new InputException(
            "--tokenizer, --ema and --prediction are for a model in one file; "
                + model
                + " is none: leave them out");
      }
      return new ModelFolder(model).load(loras, dtype);
    }
    return new SingleFile(
            model, Optional.ofNullable(tokenizer), ema, Optional.ofNullable(prediction))
        .load(loras, dtype);
  }
}
