package org.syntagen.dataset.scenes;

import java.util.Optional;

/**
 * One object as a scene shows it.
 *
 * @param label its class
 * @param cutout the file of its cut-out inside the library
 * @param tint the colour that the caption names, if it was tinted
 * @param visibleArea how many pixels of the mask it owns, after occlusion and truncation
 */
public record SceneObject(int label, String cutout, Optional<Tint> tint, int visibleArea) {}
