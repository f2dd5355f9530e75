package org.syntagen.server;

import java.io.IOException;
import java.nio.file.Files;
import java.time.Clock;
import java.time.LocalDate;
import java.util.HashMap;
import java.util.Map;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.NestedExceptionUtils;
import org.syntagen.challenge.Competition;
import org.syntagen.challenge.CompetitionFile;
import org.syntagen.challenge.submission.HostKey;
import org.syntagen.dataset.AtomicFile;
import org.syntagen.dataset.InputException;
import org.syntagen.dataset.StorageException;
import org.syntagen.server.demo.DemoCompetition;
import org.syntagen.server.release.TestSet;

/** A running server. */
public final class Server implements AutoCloseable {
  // What is committed is on the disk: H2 would write it half a second later otherwise.
  private static final String H2 = "jdbc:h2:file:%s;WRITE_DELAY=0";

  private final ConfigurableApplicationContext context;

  private Server(ConfigurableApplicationContext context) {
    this.context = context;
  }

  /**
   * Prepares the folder and starts.
   *
   * @param clock what decides deadlines
   * @throws InputException if the competition's file, the test images or the database's address are
   *     wrong
   * @throws StorageException if the folder cannot be written
   */
  public static Server start(ServerOptions options, Clock clock) {
    ServerFolder folder = ServerFolder.prepare(options.folder());
    writeCompetition(options, folder, clock);
    if (options.test().isPresent() && !Files.exists(folder.test())) {
      ServerFolder.copy(options.test().get(), folder.test());
    }
    Competition competition = CompetitionFile.read(folder.competition());
    HostKey key = HostKey.parse(folder.secret("host.key", () -> HostKey.generate().toPem()));
    TestSet test = TestSet.open(folder);

    SpringApplication application = new SpringApplication(Application.class);
    application.setLogStartupInfo(false);
    application.setDefaultProperties(properties(options, folder));
    application.addInitializers(
        context -> {
          GenericApplicationContext beans = (GenericApplicationContext) context;
          beans.registerBean(Clock.class, () -> clock);
          beans.registerBean(ServerFolder.class, () -> folder);
          beans.registerBean(Competition.class, () -> competition);
          beans.registerBean(HostKey.class, () -> key);
          beans.registerBean(TestSet.class, () -> test);
        });
    try {
      return new Server(application.run());
    } catch (RuntimeException e) {
      Throwable cause = NestedExceptionUtils.getMostSpecificCause(e);
      throw cause instanceof InputException ? (InputException) cause : e;
    }
  }

  private static void writeCompetition(ServerOptions options, ServerFolder folder, Clock clock) {
    if (Files.exists(folder.competition())) {
      return;
    }
    try {
      if (options.competition().isPresent()) {
        CompetitionFile.read(options.competition().get());
        AtomicFile.writeText(folder.competition(), Files.readString(options.competition().get()));
      } else {
        AtomicFile.writeText(
            folder.competition(),
            DemoCompetition.yaml(LocalDate.ofInstant(clock.instant(), clock.getZone())));
      }
    } catch (IOException e) {
      throw StorageException.of(folder.competition(), e);
    }
  }

  private static Map<String, Object> properties(ServerOptions options, ServerFolder folder) {
    Map<String, Object> properties = new HashMap<>();
    properties.put("server.address", options.address());
    properties.put("server.port", options.port());
    properties.put(
        "spring.datasource.url",
        options
            .database()
            .map(ServerOptions.Database::url)
            .orElse(H2.formatted(folder.path().resolve("database"))));
    properties.put(
        "spring.datasource.username",
        options.database().map(ServerOptions.Database::user).orElse("syntagen"));
    properties.put(
        "spring.datasource.password",
        options.database().map(ServerOptions.Database::password).orElse(""));
    return properties;
  }

  /** The port that it listens at. */
  public int port() {
    return ((WebServerApplicationContext) context).getWebServer().getPort();
  }

  /** The part of a type, for tests. */
  <T> T part(Class<T> type) {
    return context.getBean(type);
  }

  @Override
  public void close() {
    context.close();
  }
}
