package org.syntagen.dataset.scenes;

import java.awt.image.BufferedImage;
import java.util.List;
import org.syntagen.dataset.LabelMap;

/**
 * A composed picture with its exact mask and a caption that names every visible object once.
 *
 * @param image the picture ({@link BufferedImage#TYPE_INT_RGB})
 * @param mask the label of every pixel; it holds no void
 * @param caption what the picture shows, e.g. "a red car and a dog on a road"
 * @param setting the kind of background
 * @param objects what was placed, from the back to the front
 * @param seed the seed that the scene is a function of
 */
public record Scene(
    BufferedImage image,
    LabelMap mask,
    String caption,
    Setting setting,
    List<SceneObject> objects,
    long seed) {
  /** Copies the list of objects. */
  public Scene {
    objects = List.copyOf(objects);
  }

  /** The classes with visible area, ascending and each once. */
  public List<Integer> labels() {
    return objects.stream().map(SceneObject::label).distinct().sorted().toList();
  }
}
