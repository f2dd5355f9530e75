package org.syntagen.diffusion.hub;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.syntagen.dataset.InputException;
import org.syntagen.diffusion.ModelFolder;
import org.syntagen.diffusion.ModelFolder.Part;

/**
 * Of all files of a model those that a model folder is made of. They are taken by their exact
 * names, so whatever else a hub lists, under whatever path, is never written.
 */
final class ModelFiles {
  private static final String INDEX = "model_index.json";

  private static final List<String> NEEDED =
      List.of(
          "scheduler/scheduler_config.json",
          "tokenizer/vocab.json",
          "tokenizer/merges.txt",
          "text_encoder/config.json",
          "unet/config.json",
          "vae/config.json");

  private static final List<String> WELCOME =
      List.of("tokenizer/tokenizer_config.json", "tokenizer/special_tokens_map.json");

  private static final long MOST_TEXT_BYTES = 16L << 20;
  private static final long MOST_BYTES = 64L << 30;

  private final Listing listing;
  private final String model;

  private ModelFiles(Listing listing, String model) {
    this.listing = listing;
    this.model = model;
  }

  /**
   * The files in the order of fetching: small ones first; model_index.json, which makes a folder a
   * model, last. Of each part's weights there is one format, the first that {@link ModelFolder}
   * looks for.
   *
   * @throws InputException if it is no Stable Diffusion model in diffusers' layout
   * @throws HubException if sizes are absurd
   */
  static List<HubFile> of(Listing listing, String model) {
    return new ModelFiles(listing, model).choose();
  }

  private List<HubFile> choose() {
    listing
        .pipeline()
        .filter(pipeline -> !pipeline.equals("StableDiffusionPipeline"))
        .ifPresent(
            pipeline -> {
              throw new InputException(
                  "%s is a model for diffusers' %s, expected one for StableDiffusionPipeline"
                      .formatted(model, pipeline));
            });
    List<HubFile> files = new ArrayList<>();
    for (String path : NEEDED) {
      files.add(text(path));
    }
    for (String path : WELCOME) {
      if (listing.paths().contains(path)) {
        files.add(text(path));
      }
    }
    for (Part part : Part.values()) {
      addWeights(part, files);
    }
    files.add(text(INDEX));
    long bytes = 0;
    for (HubFile file : files) {
      bytes += Math.min(file.size(), MOST_BYTES + 1);
    }
    if (bytes > MOST_BYTES) {
      throw new HubException(
          "%s: the hub lists more than %d GB; that is no Stable Diffusion model"
              .formatted(model, MOST_BYTES >> 30));
    }
    return files;
  }

  private HubFile text(String path) {
    if (!listing.paths().contains(path)) {
      throw missing(path);
    }
    HubFile file = listing.file(path);
    if (file.size() > MOST_TEXT_BYTES) {
      throw new HubException(
          "%s %s: the hub lists %d bytes, more than %d MiB"
              .formatted(model, path, file.size(), MOST_TEXT_BYTES >> 20));
    }
    return file;
  }

  private void addWeights(Part part, List<HubFile> files) {
    for (String name : part.weightFiles()) {
      String path = part.folder() + "/" + name;
      if (!listing.paths().contains(path)) {
        continue;
      }
      if (!name.endsWith(".json")) {
        files.add(listing.file(path));
        return;
      }
      files.addAll(shards(path));
      files.add(text(path));
      return;
    }
    throw missing(part.folder() + "/" + part.weightFiles().get(0));
  }

  /** Of "model.safetensors.index.json" the files "model-00001-of-00002.safetensors" and so on. */
  private List<HubFile> shards(String index) {
    String[] words = index.split("\\.");
    boolean half = index.contains(".fp16.");
    Pattern shard =
        Pattern.compile(
            "%s(\\.fp16)?-\\d{5}-of-(\\d{5})(\\.fp16)?\\.%s".formatted(words[0], words[1]));
    List<HubFile> shards = new ArrayList<>();
    int expected = 0;
    for (String path : listing.paths()) {
      Matcher matcher = shard.matcher(path);
      if (matcher.matches() && path.contains(".fp16") == half) {
        expected = Integer.parseInt(matcher.group(2));
        shards.add(listing.file(path));
      }
    }
    if (shards.isEmpty() || shards.size() != expected) {
      throw new InputException(
          "%s has %s, but %d of %d shards; choose another --revision"
              .formatted(model, index, shards.size(), expected));
    }
    return shards;
  }

  private InputException missing(String path) {
    return new InputException(
        "%s has no %s; expected a Stable Diffusion model in diffusers' layout: choose another model"
                .formatted(model, path)
            + " or --revision");
  }
}
