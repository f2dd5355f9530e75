package org.syntagen.cli.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.awt.image.BufferedImage;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PageTest {
  /** Moves the slider and writes down what a reader then sees. */
  private static final String READER =
      """
      <script>
      const slider = document.querySelector('input[type=range]');
      slider.value = 25;
      slider.dispatchEvent(new Event('input'));
      const above = document.querySelector('.stack img+img');
      const below = document.querySelector('.stack img');
      const shown = [...document.images].every(image => image.complete && image.naturalWidth > 0);
      const over = above.getBoundingClientRect().left == below.getBoundingClientRect().left;
      document.body.dataset.seen = [getComputedStyle(above).opacity, shown, over,
        document.querySelector('svg').getBoundingClientRect().height > 100].join(' ');
      </script>
      """;

  @TempDir Path folder;

  private static Page page() {
    BufferedImage image = new BufferedImage(20, 10, BufferedImage.TYPE_INT_ARGB);
    return new Page("Fish & chips")
        .heading("1 < 2")
        .add(Html.opacitySlider())
        .add(Html.stack(image, image, "\"labels\""))
        .add(
            LineChart.svg("loss", List.of(new LineChart.Series("a", List.of(new double[] {1, 2})))))
        .add(
            Bars.html(
                "class",
                List.of("IoU"),
                List.of(
                    new Bars.Row("cat", List.of(OptionalDouble.of(0.5))),
                    new Bars.Row("dog", List.of(OptionalDouble.empty())))))
        .add(
            HeatMap.html(
                "truth",
                List.of("cat"),
                List.of("cat", "dog"),
                new double[][] {{0.25, Double.NaN}}));
  }

  @Test
  void textIsEscapedAndNumbersAreInPercent() {
    assertThat(page().html())
        .contains("<h1>Fish &amp; chips</h1>", "<h2>1 &lt; 2</h2>", "&quot;labels&quot;")
        .contains("<td>cat</td><td>50.0</td>", "<td>dog</td><td>–</td>", "width:50.0%")
        .contains("cat, cat: 25.00 %", "<td></td>");
  }

  @Test
  void aBrowserShowsThePictures() throws IOException, InterruptedException {
    Optional<Path> browser = browser();
    assumeTrue(browser.isPresent(), "no chromium or google-chrome on the PATH to render a page in");
    Path file = folder.resolve("page.html");
    Files.writeString(file, page().add(READER).html());
    Path dom = folder.resolve("dom.html");
    Process process =
        new ProcessBuilder(
                browser.get().toString(),
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--user-data-dir=" + folder.resolve("profile"),
                "--dump-dom",
                file.toUri().toString())
            .redirectOutput(dom.toFile())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    assertThat(process.waitFor()).isZero();
    assertThat(Files.readString(dom, StandardCharsets.UTF_8))
        .contains("data-seen=\"0.25 true true true\"");
  }

  private static Optional<Path> browser() {
    return Stream.of(System.getenv("PATH").split(File.pathSeparator))
        .flatMap(
            folder ->
                Stream.of("chromium", "google-chrome", "chromium-browser")
                    .map(name -> Path.of(folder, name)))
        .filter(Files::isExecutable)
        .findFirst();
  }
}
