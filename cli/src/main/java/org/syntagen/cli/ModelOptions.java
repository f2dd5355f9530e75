package org.syntagen.cli;

import java.nio.file.Path;
import java.util.List;
import org.syntagen.diffusion.Lora;
import org.syntagen.diffusion.ModelFolder;
import org.syntagen.tensor.Dtype;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** The model that a command works with. */
final class ModelOptions {
  @Option(
      names = "--model",
      description = {
        "Stable Diffusion 1.x or 2.x: folder in diffusers layout, or one .safetensors or .ckpt file.",
        "Default: the bundled syntagen-tiny."
      })
  private Path model;

  @ArgGroup(validate = false, heading = SingleFileOptions.HEADING)
  private final SingleFileOptions singleFile = new SingleFileOptions();

  /** Whether it is the bundled one. */
  boolean bundled() {
    return model == null;
  }

  /** Reads it, as {@link SingleFileOptions#load}. */
  ModelFolder.Loaded load(List<Lora> loras, Dtype dtype) {
    return singleFile.load(bundled() ? Tool.asset(Tool.MODEL) : model, loras, dtype);
  }
}
