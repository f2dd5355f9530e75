package org.syntagen.dataset.scenes.art;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import javax.imageio.ImageIO;
import org.apache.commons.compress.archivers.ar.ArArchiveEntry;
import org.apache.commons.compress.archivers.ar.ArArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorOutputStream;

/** Small packages of the kinds that pictures are taken from. */
final class TinyPackages {
  static final String ICON =
      "<ellipse cx='8' cy='4' rx='4' ry='2' fill='#ff0000'/>"
          + "<rect x='0' y='14' width='16' height='2' fill='#0000ff'/>";

  private TinyPackages() {}

  /** A picture with an opaque disc of the given colour. */
  static byte[] disc(int side, int radius, Color color) throws IOException {
    BufferedImage image = new BufferedImage(side, side, BufferedImage.TYPE_INT_ARGB);
    for (int y = 0; y < side; y++) {
      for (int x = 0; x < side; x++) {
        if (Math.hypot(x + 0.5 - side / 2.0, y + 0.5 - side / 2.0) <= radius) {
          image.setRGB(x, y, color.getRGB());
        }
      }
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ImageIO.write(image, "png", out);
    return out.toByteArray();
  }

  /** A catalogue with a car (1) and a sofa (2). */
  static byte[] catalogue() throws IOException {
    String index =
        """
        id=Tiny
        name#1=Red car
        icon#1=/icons/car.png
        name#2=Sofa
        icon#2=/icons/sofa.png
        """;
    return zip(
        Map.of(
            "PluginFurnitureCatalog.properties",
            index.getBytes(StandardCharsets.ISO_8859_1),
            "icons/car.png",
            disc(64, 20, Color.RED),
            "icons/sofa.png",
            disc(300, 150, Color.BLUE)));
  }

  static byte[] zip(Map<String, byte[]> files) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(out)) {
      for (Map.Entry<String, byte[]> file : files.entrySet()) {
        zip.putNextEntry(new ZipEntry(file.getKey()));
        zip.write(file.getValue());
        zip.closeEntry();
      }
    }
    return out.toByteArray();
  }

  static byte[] tar(Map<String, byte[]> files) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(out)) {
      for (Map.Entry<String, byte[]> file : files.entrySet()) {
        TarArchiveEntry entry = new TarArchiveEntry(file.getKey());
        entry.setSize(file.getValue().length);
        tar.putArchiveEntry(entry);
        tar.write(file.getValue());
        tar.closeArchiveEntry();
      }
    }
    return out.toByteArray();
  }

  /** A Debian package whose data part is packed under the given name. */
  static Path deb(Path file, String dataName, Map<String, byte[]> files) throws IOException {
    ByteArrayOutputStream data = new ByteArrayOutputStream();
    try (OutputStream packed =
        dataName.endsWith(".xz") ? new XZCompressorOutputStream(data) : data) {
      packed.write(tar(files));
    }
    try (ArArchiveOutputStream ar = new ArArchiveOutputStream(Files.newOutputStream(file))) {
      add(ar, "debian-binary", "2.0\n".getBytes(StandardCharsets.US_ASCII));
      add(ar, dataName, data.toByteArray());
    }
    return file;
  }

  static Path npm(Path file, String name, String version, Map<String, byte[]> files)
      throws IOException {
    Map<String, byte[]> all = new TreeMap<>(files);
    String about = "{\"name\":\"%s\",\"version\":\"%s\"}".formatted(name, version);
    all.put("package/package.json", about.getBytes(StandardCharsets.UTF_8));
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
      out.write(tar(all));
    }
    return file;
  }

  private static void add(ArArchiveOutputStream ar, String name, byte[] content)
      throws IOException {
    ar.putArchiveEntry(new ArArchiveEntry(name, content.length));
    ar.write(content);
    ar.closeArchiveEntry();
  }
}
