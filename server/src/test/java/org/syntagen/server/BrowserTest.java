package org.syntagen.server;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.syntagen.dataset.Fingerprint;

/**
 * The website in Chromium, from registration to awards. Every page that is come by is checked by
 * axe, in light and dark, and left as a picture in target/screenshots.
 */
class BrowserTest {
  private static final Path SCREENSHOTS = Path.of("target", "screenshots");

  @TempDir Path folder;
  private final List<String> complaints = new ArrayList<>();
  private TestServer server;
  private Playwright playwright;
  private com.microsoft.playwright.Browser chromium;

  private static Optional<Path> executable() {
    return Stream.of("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")
        .map(Path::of)
        .filter(Files::isExecutable)
        .findFirst();
  }

  private static Optional<String> missing() {
    boolean bundled = BrowserTest.class.getResource("/driver/linux/node") != null;
    if (!bundled && System.getProperty("playwright.cli.dir") == null) {
      return Optional.of("no Playwright driver; mvn -Pbrowser fetches it");
    }
    return executable().isEmpty() ? Optional.of("no Chromium is installed") : Optional.empty();
  }

  @BeforeEach
  void start() throws IOException {
    Optional<String> missing = missing();
    missing.ifPresent(reason -> System.out.println("skipped: " + reason));
    Assumptions.assumeTrue(missing.isEmpty(), () -> missing.get());
    Files.createDirectories(SCREENSHOTS);
    server = TestServer.start(folder);
    playwright =
        Playwright.create(
            new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
    chromium =
        playwright
            .chromium()
            .launch(
                new BrowserType.LaunchOptions()
                    .setExecutablePath(executable().orElseThrow())
                    .setArgs(List.of("--no-sandbox")));
  }

  @AfterEach
  void stop() {
    if (playwright != null) {
      playwright.close();
      server.close();
    }
  }

  @Test
  void aCompetitionIsRunInABrowser() throws IOException {
    Page bea = somebody();
    look(bea, "/", "home");
    look(bea, "/rules", "rules");
    look(bea, "/leaderboard", "leaderboard-empty");
    look(bea, "/login", "login");
    look(bea, "/register", "register");
    bea.getByLabel("E-mail").fill("bea@example.org");
    bea.getByLabel("Name").fill("Bea");
    bea.getByLabel("Password").fill("correct horse");
    bea.keyboard().press("Enter");
    // A key, unlike a click, awaits no page.
    assertThat(bea.getByLabel("Name of the team")).isVisible();
    look(bea, "team-none");
    bea.getByLabel("Name of the team").fill("Teddy Bear");
    press(bea, "Found");
    press(bea, "Make an invitation");
    look(bea, "team");

    Path zip = Pairs.pack(folder, "Teddy Bear", 1, 3);
    Path manifest = folder.resolve("manifest.json");
    Files.writeString(manifest, Pairs.manifestOf(folder, "Teddy Bear", 1).toCanonicalJson());
    look(bea, "/submissions", "submissions");
    bea.getByLabel("manifest.json").setInputFiles(manifest);
    bea.locator("form[action='/submissions/dataset'] button").click();
    look(bea, "submission-waiting");
    upload(bea, zip);
    waitFor(bea, "3 pairs keep the rules");
    look(bea, "submission-dataset");

    look(bea, "/release", "release-early");
    server.clock.set(TestServer.DEADLINE);
    look(bea, "/release", "release");
    assertThat(bea.locator("main")).not().containsText("not yet released");

    Path predictions =
        Pairs.predictions(
            folder.resolve("p.zip"),
            Map.of("t0", Pairs.mask(1), "t1", Pairs.mask(2), "t2", Pairs.mask(0)));
    bea.navigate(server.address() + "/submissions");
    bea.getByLabel("mIoU that you claim").fill("70");
    bea.getByLabel("Where your code lies").fill("https://example.org/code");
    bea.getByLabel("SHA-256 of the file").fill(Fingerprint.ofFile(predictions));
    bea.locator("form[action='/submissions/test'] button").click();
    upload(bea, predictions);
    waitFor(bea, "68.75");
    look(bea, "submission-test");
    look(bea, "/leaderboard", "leaderboard");
    look(bea, "/account", "account");
    assertThat(bea.navigate(server.address() + "/organiser").status()).isEqualTo(403);
    look(bea, "refused");

    officials();
    assertThat(complaints).isEmpty();
  }

  private void officials() {
    server.clock.set(TestServer.TEST_DEADLINE);
    Browser first = server.organiser();
    server.official(first, "otto", "ORGANISER");
    server.official(first, "olga", "ORGANISER");
    Page otto = signedIn("otto");
    look(otto, "/verification", "verification");
    otto.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("Teddy Bear")).click();
    look(otto, "verification-entry");
    otto.getByLabel("Verdict").selectOption("EXACT");
    otto.getByLabel("Reason").fill("all 20 samples came out equal");
    otto.getByLabel("evidence").fill("evidence/teddy-bear");
    press(otto, "Record");
    assertThat(otto.locator("main")).containsText("EXACT by otto");
    look(otto, "/organiser", "console-won");
    assertThat(otto.locator("main")).containsText("1,000 USD");

    otto.getByText("Propose a disqualification").click();
    otto.getByLabel("Reason").fill("trained on real images");
    otto.getByLabel("Evidence").fill("report.md");
    press(otto, "Propose");
    look(otto, "console-proposed");
    press(otto, "Sign off");
    assertThat(otto.locator("main")).containsText("another organiser must sign it off");
    Page olga = signedIn("olga");
    olga.navigate(server.address() + "/organiser");
    press(olga, "Sign off");
    look(olga, "console-disqualified");
    assertThat(olga.locator("main")).containsText("Nobody has won yet");
    look(olga, "/leaderboard", "leaderboard-out");
    assertThat(olga.locator("main")).containsText("trained on real images");
    look(olga, "/organiser/audit", "audit");
    look(olga, "/organiser/accounts", "accounts");
  }

  private Page somebody() {
    BrowserContext context =
        chromium.newContext(
            new com.microsoft.playwright.Browser.NewContextOptions()
                .setViewportSize(1100, 800)
                .setTimezoneId("Europe/Berlin"));
    Page page = context.newPage();
    page.onPageError(error -> complaints.add(page.url() + ": " + error));
    return page;
  }

  private Page signedIn(String name) {
    Page page = somebody();
    page.navigate(server.address() + "/login");
    page.getByLabel("E-mail").fill(name + "@example.org");
    page.getByLabel("Password").fill("correct horse " + name);
    press(page, "Sign in");
    return page;
  }

  private static void press(Page page, String button) {
    page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName(button).setExact(true))
        .click();
  }

  private static void upload(Page page, Path file) {
    page.getByLabel("File").setInputFiles(file);
    press(page, "Upload");
    assertThat(page.locator(".timeline")).containsText("the file is here");
  }

  /** Looks again until a page says what it should; jobs take a moment. */
  private static void waitFor(Page page, String text) {
    Locator main = page.locator("main");
    for (int i = 0; i < 100 && !main.innerText().contains(text); i++) {
      page.waitForTimeout(200);
      page.reload();
    }
    assertThat(main).containsText(text);
  }

  private void look(Page page, String path, String name) {
    page.navigate(server.address() + path);
    look(page, name);
  }

  private void look(Page page, String name) {
    for (ColorScheme scheme : List.of(ColorScheme.DARK, ColorScheme.LIGHT)) {
      page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(scheme));
      page.screenshot(
          new Page.ScreenshotOptions()
              .setFullPage(true)
              .setPath(SCREENSHOTS.resolve(name + "-" + scheme.name().toLowerCase() + ".png")));
      page.evaluate(axe());
      Object found =
          page.evaluate(
              "axe.run().then(r => r.violations.map(v => v.id + ': ' + v.nodes.map(n =>"
                  + " n.html).join(' ')))");
      for (Object violation : (List<?>) found) {
        complaints.add(name + " " + scheme + " " + violation);
      }
    }
  }

  private static String axe() {
    try (InputStream in =
        BrowserTest.class.getResourceAsStream(
            "/META-INF/resources/webjars/axe-core/4.6.3/axe.min.js")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
