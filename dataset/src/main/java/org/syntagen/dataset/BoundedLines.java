package org.syntagen.dataset;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The lines of a text file that a stranger may have written: UTF-8, with a bound on the length of a
 * line and on the number of lines, so that a hostile file costs no more memory than an honest one.
 *
 * @param lines the lines that end in a line break, without it (LF or CR LF)
 * @param rest what follows the last line break; empty for a file that ends as it should
 */
public record BoundedLines(List<String> lines, String rest) {

  /**
   * Reads a file.
   *
   * @param mostBytes the longest line, in bytes
   * @param mostLines the most lines
   * @throws InputException if the file is missing, is not UTF-8 or exceeds a bound
   */
  public static BoundedLines read(Path file, int mostBytes, int mostLines) {
    List<String> lines = new ArrayList<>();
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
      for (int b = in.read(); b >= 0; b = in.read()) {
        if (b != '\n') {
          if (line.size() >= mostBytes) {
            throw new InputException(
                "%s line %d is longer than %d bytes; that is no file of this kind"
                    .formatted(file, lines.size() + 1, mostBytes));
          }
          line.write(b);
          continue;
        }
        if (lines.size() >= mostLines) {
          throw new InputException("%s has more than %d lines".formatted(file, mostLines));
        }
        lines.add(text(file, lines.size() + 1, line));
        line.reset();
      }
    } catch (IOException e) {
      throw new InputException(
          "%s cannot be read (%s)"
              .formatted(file, Files.exists(file) ? e.getMessage() : "there is no such file"),
          e);
    }
    String rest;
    try {
      rest = text(file, lines.size() + 1, line);
    } catch (InputException e) {
      // A line that was cut short may end inside a character.
      rest = line.toString(StandardCharsets.ISO_8859_1);
    }
    return new BoundedLines(List.copyOf(lines), rest);
  }

  /** All lines, the last one also where it lacks its line break. */
  public List<String> all() {
    if (rest.isEmpty()) {
      return lines;
    }
    List<String> all = new ArrayList<>(lines);
    all.add(rest);
    return all;
  }

  private static String text(Path file, int number, ByteArrayOutputStream line) {
    try {
      String text =
          StandardCharsets.UTF_8
              .newDecoder()
              .decode(ByteBuffer.wrap(line.toByteArray()))
              .toString();
      return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
    } catch (CharacterCodingException e) {
      throw new InputException("%s line %d is not UTF-8 text".formatted(file, number), e);
    }
  }
}
