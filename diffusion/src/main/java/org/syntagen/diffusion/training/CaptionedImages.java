package org.syntagen.diffusion.training;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.syntagen.dataset.Fingerprint;
import org.syntagen.dataset.Images;
import org.syntagen.dataset.InputException;
import org.syntagen.tensor.Tensors;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a generator is trained on: images and their captions, and nothing else. Of a dataset folder
 * it reads {@code samples.jsonl} (keys id and prompt) and {@code image/}; it never opens a mask.
 */
public final class CaptionedImages {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private record Item(Path image, String caption) {}

  private final List<Item> items;
  private final int[] ends;
  private final int size;

  private CaptionedImages(List<Item> items, int[] ends, int size) {
    this.items = items;
    this.ends = ends;
    this.size = size;
  }

  /**
   * @param folders of datasets, whose images follow one another
   * @param size width and height that every image must have
   */
  public static CaptionedImages read(List<Path> folders, int size) {
    List<Item> items = new ArrayList<>();
    int[] ends = new int[folders.size()];
    for (int i = 0; i < ends.length; i++) {
      items.addAll(list(folders.get(i)));
      ends[i] = items.size();
    }
    return new CaptionedImages(items, ends, size);
  }

  private static List<Item> list(Path folder) {
    Path list = folder.resolve("samples.jsonl");
    if (!Files.isRegularFile(list)) {
      throw new InputException(
          folder + ": no samples.jsonl; expected a dataset folder with images and captions");
    }
    List<Item> items = new ArrayList<>();
    try (var lines = Files.lines(list)) {
      for (String line : (Iterable<String>) lines::iterator) {
        JsonNode node = JSON.readTree(line);
        String id = node.path("id").asString("");
        String caption = node.path("prompt").asString("");
        if (!id.matches("[A-Za-z0-9_-]{1,100}") || caption.isBlank()) {
          throw new InputException(
              list + ":" + (items.size() + 1) + ": a sample needs an id and a prompt");
        }
        items.add(new Item(folder.resolve("image").resolve(id + ".png"), caption));
      }
    } catch (JacksonException e) {
      throw new InputException(list + ":" + (items.size() + 1) + ": not valid JSON");
    } catch (IOException e) {
      throw new UncheckedIOException(list + ": cannot be read", e);
    }
    if (items.isEmpty()) {
      throw new InputException(folder + ": the dataset is empty; training needs images");
    }
    return items;
  }

  /** For each folder the number of images in it and those before it. */
  public int[] ends() {
    return ends.clone();
  }

  public int count() {
    return items.size();
  }

  /** Width and height of every image, in pixels. */
  public int size() {
    return size;
  }

  /**
   * A hash over all captions, images and ends of folders, in their order.
   *
   * @throws InputException if an image's file cannot be read
   */
  public String fingerprint() {
    List<String> lines =
        items.parallelStream().map(item -> hash(item.image) + " " + item.caption).toList();
    return Fingerprint.ofText(Arrays.toString(ends) + "\n" + String.join("\n", lines));
  }

  private static String hash(Path image) {
    try {
      return Fingerprint.ofFile(image);
    } catch (IOException e) {
      throw new InputException(image + ": this image cannot be read: " + e.getMessage(), e);
    }
  }

  public List<String> captions() {
    return items.stream().map(Item::caption).toList();
  }

  /**
   * Decodes some images, in parallel.
   *
   * @return [indices, 3, size, size], dtype U8, owned by the open scope
   */
  public Tensor load(int[] indices) {
    int each = 3 * size * size;
    byte[] pixels = new byte[indices.length * each];
    IntStream.range(0, indices.length)
        .parallel()
        .forEach(
            i -> {
              Path file = items.get(indices[i]).image();
              BufferedImage image = Images.readRgb(file);
              if (image.getWidth() != size || image.getHeight() != size) {
                throw new InputException(
                    file
                        + ": "
                        + image.getWidth()
                        + "x"
                        + image.getHeight()
                        + " pixels, the model is trained on "
                        + size
                        + "x"
                        + size);
              }
              System.arraycopy(Images.planes(image), 0, pixels, i * each, each);
            });
    return Tensors.of(pixels, indices.length, 3, size, size);
  }
}
