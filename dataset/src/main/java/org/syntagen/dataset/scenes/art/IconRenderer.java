package org.syntagen.dataset.scenes.art;

import com.github.weisj.jsvg.SVGDocument;
import com.github.weisj.jsvg.parser.LoaderContext;
import com.github.weisj.jsvg.parser.SVGLoader;
import com.github.weisj.jsvg.parser.resources.ResourcePolicy;
import com.github.weisj.jsvg.view.ViewBox;
import java.awt.Component;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import org.syntagen.dataset.InputException;

/** Draws an icon, given as the inside of an SVG document, on a transparent ground. */
final class IconRenderer {
  /** The side of the picture in pixels. */
  static final int SIDE = 256;

  private static final int MOST_CHARS = 512 << 10;
  private static final int MOST_UNITS = 10_000;
  private static final Set<String> FOREIGN = Set.of("image", "script", "foreignObject");

  private IconRenderer() {}

  /**
   * Draws an icon at {@link #SIDE} pixels. Nothing outside the text is loaded.
   *
   * @param body what stands between {@code <svg>} and {@code </svg>}
   * @param width the icon's own width in its own units
   * @param height the icon's own height
   * @param name what to call it in an error
   */
  static BufferedImage render(String body, int width, int height, String name) {
    if (body.length() > MOST_CHARS
        || width < 1
        || height < 1
        || width > MOST_UNITS
        || height > MOST_UNITS) {
      throw new InputException(
          "the icon %s has %d characters and %d×%d units; that is no icon"
              .formatted(name, body.length(), width, height));
    }
    String svg =
        "<svg xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\""
            + " viewBox=\"0 0 %d %d\">%s</svg>".formatted(width, height, body);
    check(svg, name);
    LoaderContext context =
        LoaderContext.builder().externalResourcePolicy(ResourcePolicy.DENY_ALL).build();
    SVGDocument document;
    try {
      document =
          new SVGLoader()
              .load(new ByteArrayInputStream(svg.getBytes(StandardCharsets.UTF_8)), null, context);
    } catch (RuntimeException e) {
      throw new InputException("the icon " + name + " cannot be drawn: " + e.getMessage(), e);
    }
    if (document == null) {
      throw new InputException("the icon " + name + " is not valid SVG");
    }
    BufferedImage image = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_INT_ARGB);
    Graphics2D graphics = image.createGraphics();
    try {
      graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
      graphics.setRenderingHint(
          RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
      document.render((Component) null, graphics, new ViewBox(0, 0, SIDE, SIDE));
    } finally {
      graphics.dispose();
    }
    return image;
  }

  /** Refuses what is not well-formed, declares a document type or refers to other content. */
  private static void check(String svg, String name) {
    XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
    factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
    factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
    try {
      XMLStreamReader reader = factory.createXMLStreamReader(new StringReader(svg));
      while (reader.hasNext()) {
        int event = reader.next();
        if (event == XMLStreamConstants.DTD
            || event == XMLStreamConstants.PROCESSING_INSTRUCTION
            || event == XMLStreamConstants.START_ELEMENT
                && FOREIGN.contains(reader.getLocalName())) {
          throw new InputException("the icon " + name + " holds more than a plain drawing");
        }
      }
    } catch (XMLStreamException e) {
      throw new InputException("the icon " + name + " is not valid SVG: " + e.getMessage(), e);
    }
  }
}
