package org.syntagen.dataset.scenes;

import java.util.Optional;

/**
 * An object that has been drawn for a scene and waits for its place.
 *
 * @param cutout what it shows
 * @param patch how it looks there
 * @param tint the colour that the caption must name
 */
record Actor(Cutout cutout, Patch patch, Optional<Tint> tint) {}
