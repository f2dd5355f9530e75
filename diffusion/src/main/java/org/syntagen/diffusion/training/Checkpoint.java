package org.syntagen.diffusion.training;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.syntagen.tensor.Dtype;
import org.syntagen.tensor.SafeTensors;
import org.syntagen.tensor.StateDict;
import org.syntagen.tensor.WeightsException;

/**
 * One file that holds a training run between two steps: weights, their average and the optimiser's
 * moments, told apart by the first part of their names, and the number of steps done.
 */
final class Checkpoint {
  private final Path file;

  Checkpoint(Path file) {
    this.file = file;
  }

  boolean exists() {
    return Files.isRegularFile(file);
  }

  /** Steps done, 0 without a checkpoint. */
  long step() {
    return exists() ? Long.parseLong(SafeTensors.metadata(file).getOrDefault("step", "0")) : 0;
  }

  /** Refuses to go on with other settings than those the checkpoint was made with. */
  void requireSettings(String settings) {
    String before = SafeTensors.metadata(file).getOrDefault("settings", "");
    if (!before.equals(settings)) {
      throw new WeightsException(
          file
              + ": made with other settings ("
              + before
              + "), now "
              + settings
              + "; choose another folder or remove the file");
    }
  }

  /** The tensors under a prefix, in writable memory. */
  StateDict read(String prefix) {
    try (StateDict all = SafeTensors.read(file);
        StateDict part = new StateDict(file.toString())) {
      for (String name : all.names()) {
        if (name.startsWith(prefix + "/")) {
          part.put(name.substring(prefix.length() + 1), all.get(name).view_as(all.get(name)));
        }
      }
      return part.copy(Dtype.F32);
    }
  }

  void write(long step, String settings, Map<String, StateDict> parts) {
    StateDict all = new StateDict(file.toString());
    parts.forEach(
        (prefix, state) -> {
          for (String name : state.names()) {
            all.put(prefix + "/" + name, state.get(name).detach());
          }
        });
    try (all) {
      Files.createDirectories(file.getParent());
      SafeTensors.write(file, all, Map.of("step", Long.toString(step), "settings", settings));
    } catch (IOException e) {
      throw new UncheckedIOException(file + ": cannot be written", e);
    }
  }

  void delete() {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new UncheckedIOException(file + ": cannot be removed", e);
    }
  }
}
