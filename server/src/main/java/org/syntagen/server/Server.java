package org.syntagen.server;

import java.io.IOException;
import java.nio.file.Files;
import java.sql.SQLException;
import java.time.Clock;
import java.util.HashMap;
import java.util.Map;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.web.server.PortInUseException;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.GenericApplicationContext;
import org.syntagen.challenge.Competition;
import org.syntagen.challenge.CompetitionFile;
import org.syntagen.challenge.submission.HostKey;
import org.syntagen.dataset.AtomicFile;
import org.syntagen.dataset.InputException;
import org.syntagen.dataset.StorageException;
import org.syntagen.server.demo.DemoCompetition;
import org.syntagen.server.release.TestSet;
import org.syntagen.server.store.BucketStore;
import org.syntagen.server.store.FileStore;
import org.syntagen.server.store.FolderStore;

/** A running server. */
public final class Server implements AutoCloseable {
  // What is committed is on the disk: H2 would write it half a second later otherwise.
  private static final String H2 = "jdbc:h2:file:%s;WRITE_DELAY=0";

  private final ConfigurableApplicationContext context;
  private final FolderClaim claim;

  private Server(ConfigurableApplicationContext context, FolderClaim claim) {
    this.context = context;
    this.claim = claim;
  }

  /**
   * Prepares the folder and starts.
   *
   * @param models runs networks
   * @param clock what decides deadlines
   * @throws InputException if the competition's file, the test images, the database's address, the
   *     bucket or the port are wrong, or another server uses the folder
   * @throws StorageException if the folder cannot be written
   */
  public static Server start(ServerOptions options, Models models, Clock clock) {
    FolderClaim claim = FolderClaim.of(options.folder());
    boolean started = false;
    try {
      Server server = new Server(run(options, models, clock), claim);
      started = true;
      return server;
    } finally {
      if (!started) {
        claim.close();
      }
    }
  }

  private static ConfigurableApplicationContext run(
      ServerOptions options, Models models, Clock clock) {
    ServerFolder folder = ServerFolder.prepare(options.folder());
    writeCompetition(options, folder, clock);
    if (options.test().isPresent() && !Files.exists(folder.test())) {
      ServerFolder.copy(options.test().get(), folder.test());
    }
    Competition competition = CompetitionFile.read(folder.competition());
    HostKey key = HostKey.parse(folder.secret("host.key", () -> HostKey.generate().toPem()));
    TestSet test = TestSet.open(folder);
    FileStore files =
        options
            .bucket()
            .<FileStore>map(bucket -> BucketStore.open(bucket, folder))
            .orElseGet(() -> new FolderStore(folder));

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
          beans.registerBean(FileStore.class, () -> files);
          beans.registerBean(Models.class, () -> models);
        });
    try {
      return application.run();
    } catch (RuntimeException e) {
      throw explained(e, options);
    }
  }

  /** What broke the start, where its user can mend it. */
  private static RuntimeException explained(RuntimeException failure, ServerOptions options) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof PortInUseException) {
        return new InputException(
            "port %d of %s is in use; choose another with --port"
                .formatted(options.port(), options.address()),
            failure);
      }
      if (cause instanceof SQLException) {
        return new InputException(
            "the database cannot be used: %s"
                .formatted(cause.getMessage().lines().findFirst().orElse("")),
            failure);
      }
    }
    return failure;
  }

  private static void writeCompetition(ServerOptions options, ServerFolder folder, Clock clock) {
    try {
      if (Files.exists(folder.competition())) {
        requireSame(options, folder);
        return;
      }
      if (options.competition().isPresent()) {
        CompetitionFile.read(options.competition().get());
        AtomicFile.writeText(folder.competition(), Files.readString(options.competition().get()));
      } else {
        AtomicFile.writeText(folder.competition(), DemoCompetition.yaml(clock.instant()));
      }
    } catch (IOException e) {
      throw StorageException.of(folder.competition(), e);
    }
  }

  private static void requireSame(ServerOptions options, ServerFolder folder) throws IOException {
    if (options.competition().isPresent()
        && Files.mismatch(options.competition().get(), folder.competition()) >= 0) {
      throw new InputException(
          "%s holds another competition; leave --competition out, or choose another --folder"
              .formatted(folder.path()));
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
    claim.close();
  }
}
