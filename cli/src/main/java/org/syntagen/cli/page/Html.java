package org.syntagen.cli.page;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Base64;
import javax.imageio.ImageIO;

/** Pieces of a self-contained page. */
public final class Html {
  private Html() {}

  public static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;")
        .replace("'", "&#39;");
  }

  /**
   * A picture under another, whose opacity {@link #opacitySlider} sets.
   *
   * @param above transparent where nothing is to be shown
   */
  public static String stack(BufferedImage below, BufferedImage above, String alt) {
    return "<span class=\"stack\">" + image(below, alt) + image(above, alt) + "</span>";
  }

  /** Sets the opacity of what lies above in every {@link #stack} of the page. */
  public static String opacitySlider() {
    return "<p><label>Opacity of the labels <input type=\"range\" min=\"0\" max=\"100\""
        + " value=\"60\" oninput=\"document.documentElement.style.setProperty('--opacity',"
        + " this.value / 100)\"></label></p>";
  }

  /** An image element that carries its pixels. */
  public static String image(BufferedImage image, String alt) {
    ByteArrayOutputStream png = new ByteArrayOutputStream();
    try {
      ImageIO.write(image, "png", png);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return "<img alt=\""
        + escape(alt)
        + "\" width=\""
        + image.getWidth()
        + "\" height=\""
        + image.getHeight()
        + "\" src=\"data:image/png;base64,"
        + Base64.getEncoder().encodeToString(png.toByteArray())
        + "\">";
  }
}
