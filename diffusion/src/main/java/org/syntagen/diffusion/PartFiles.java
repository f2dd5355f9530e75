package org.syntagen.diffusion;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.syntagen.dataset.InputException;
import org.syntagen.tensor.StateDict;
import org.syntagen.tensor.WeightFile;
import org.syntagen.tensor.WeightsException;
import tools.jackson.databind.JsonNode;

/**
 * The weight files of one part of a model folder.
 *
 * @param candidates names of files that may hold the part or tell its shards, best first
 */
record PartFiles(Path folder, List<String> candidates) {
  private static final int MAX_SHARDS = 1000;

  /** The file that holds the part or tells its shards: the first that there is. */
  Path file() {
    return candidates.stream()
        .map(folder::resolve)
        .filter(Files::exists)
        .findFirst()
        .orElse(folder.resolve(candidates.get(0)));
  }

  /**
   * Maps the part.
   *
   * @return the caller closes it
   * @throws WeightsException if a file is missing or damaged, or the shards are not what their
   *     index says
   */
  StateDict read() {
    Path file = file();
    return file.toString().endsWith(".json") ? sharded(file) : WeightFile.read(file);
  }

  private StateDict sharded(Path index) {
    JsonNode map = ConfigJson.read(index).path("weight_map");
    if (!map.isObject()) {
      throw new InputException(index + ": weight_map is missing; expected tensors and their files");
    }
    Set<String> shards = new LinkedHashSet<>();
    for (Map.Entry<String, JsonNode> entry : map.properties()) {
      String shard = entry.getValue().asString("");
      if (!shard.matches("[A-Za-z0-9][A-Za-z0-9._-]*") || shards.size() > MAX_SHARDS) {
        throw new InputException(
            index + ": tensor " + entry.getKey() + " is in '" + shard + "', expected a file name");
      }
      shards.add(shard);
    }
    StateDict whole = new StateDict(index.toString());
    try {
      for (String shard : shards) {
        try (StateDict part = WeightFile.read(folder.resolve(shard))) {
          whole.absorb(part);
        }
      }
      map.propertyNames().forEach(whole::get); // says which is missing
      return whole;
    } catch (RuntimeException e) {
      whole.close();
      throw e;
    }
  }
}
