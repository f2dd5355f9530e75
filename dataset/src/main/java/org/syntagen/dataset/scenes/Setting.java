package org.syntagen.dataset.scenes;

import java.util.Locale;
import java.util.function.BiFunction;
import org.syntagen.dataset.SplitMix64;

/** Where a scene plays: a family of procedural backgrounds and what a caption calls it. */
public enum Setting {
  /** A meadow under a sky. */
  GRASS("on the grass", Landscape::grass),
  /** Nothing but sky and clouds. */
  SKY("in the sky", Landscape::sky),
  /** Open water. */
  SEA("on the sea", Landscape::sea),
  /** Sand with a strip of sea. */
  BEACH("on the beach", Landscape::beach),
  /** Snow, at times with firs. */
  SNOW("in the snow", Landscape::snow),
  /** Ranges of hills behind a meadow. */
  HILLS("in the hills", Landscape::hills),
  /** Trunks and undergrowth. */
  FOREST("in a forest", Landscape::forest),
  /** A country road. */
  ROAD("on a road", Townscape::road),
  /** Houses along a street. */
  STREET("on a street", Townscape::street),
  /** A room with a wooden floor. */
  ROOM("in a room", Townscape::room),
  /** A brick wall above a pavement. */
  WALL("by a wall", Townscape::wall),
  /** A plain backdrop of paper. */
  STUDIO("in a studio", Townscape::studio);

  private final String phrase;
  private final BiFunction<Canvas, SplitMix64, Ground> painter;

  Setting(String phrase, BiFunction<Canvas, SplitMix64, Ground> painter) {
    this.phrase = phrase;
    this.painter = painter;
  }

  /** How a caption says it, e.g. "on the beach". */
  public String phrase() {
    return phrase;
  }

  /** The lower-case name that tables and provenance use. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Paints a random background of this family over the whole canvas. */
  Ground paint(Canvas canvas, SplitMix64 random) {
    return painter.apply(canvas, random);
  }
}
