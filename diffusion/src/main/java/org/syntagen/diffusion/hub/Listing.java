package org.syntagen.diffusion.hub;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a hub says about a revision of a model. A stranger wrote it: of its files only those that
 * are asked for by name are looked at, and each is checked then.
 *
 * @param commit which the revision stands for
 * @param pipeline diffusers' class of the model, if the hub knows it
 * @param entries the files by path, as listed
 */
record Listing(String commit, Optional<String> pipeline, Map<String, JsonNode> entries) {
  private static final int MOST_FILES = 10_000;
  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  /**
   * Reads a hub's answer.
   *
   * @param revision stands for the commit where the hub does not tell it
   * @throws HubException if it is no listing
   */
  static Listing parse(byte[] answer, String revision, String where) {
    JsonNode root;
    try {
      root = MAPPER.readTree(answer);
    } catch (JacksonException e) {
      throw new HubException(
          where + " is not answered as a model hub does (no JSON); check the hub's address", e);
    }
    JsonNode siblings = root.path("siblings");
    if (!siblings.isArray() || siblings.size() > MOST_FILES) {
      throw new HubException(
          where + " is answered without a list of at most " + MOST_FILES + " files");
    }
    Map<String, JsonNode> entries = new LinkedHashMap<>();
    for (JsonNode file : siblings) {
      entries.put(file.path("rfilename").asString(""), file);
    }
    String sha = root.path("sha").asString("");
    JsonNode pipeline = root.path("config").path("diffusers").path("_class_name");
    return new Listing(
        sha.matches("[0-9a-f]{40}") ? sha : revision,
        pipeline.isString() ? Optional.of(pipeline.stringValue()) : Optional.empty(),
        Collections.unmodifiableMap(entries));
  }

  Set<String> paths() {
    return entries.keySet();
  }

  /**
   * One of {@link #paths}.
   *
   * @throws HubException if its size or checksum is missing or none
   */
  HubFile file(String path) {
    JsonNode entry = entries.get(path);
    JsonNode size = entry.path("size");
    JsonNode lfs = entry.path("lfs");
    Checksum checksum =
        lfs.isObject()
            ? new Checksum(Checksum.Kind.SHA_256, lfs.path("sha256").asString(""))
            : new Checksum(Checksum.Kind.GIT_BLOB, entry.path("blobId").asString(""));
    if (!size.isIntegralNumber()
        || !size.canConvertToLong()
        || size.longValue() < 0
        || !checksum.kind().fits(checksum.hex())) {
      throw new HubException(
          path + ": the hub lists no size and checksum for it; nothing unchecked is fetched");
    }
    return new HubFile(path, size.longValue(), checksum);
  }
}
