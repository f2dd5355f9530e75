package org.syntagen.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.syntagen.dataset.InputException;
import org.syntagen.server.Server;
import org.syntagen.server.ServerOptions;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code syntagen serve}: the competition's web application. */
@Command(
    name = "serve",
    description = {
      "Run a competition's website: teams, submissions, scores, verification, awards.",
      "Everything lies in one folder. Without --competition, a new folder gets a demo to look at."
    },
    footer = {
      "",
      "Example: a demo competition with sample teams, at http://localhost:8080",
      "  syntagen serve",
      "Example: your own competition, in PostgreSQL",
      "  SYNTAGEN_DATABASE_PASSWORD=… syntagen serve --folder comp --competition competition.yaml"
          + " \\",
      "    --test test --database jdbc:postgresql://localhost/syntagen --database-user syntagen"
    })
final class ServeCommand implements Callable<Integer> {
  private static final String HERE = "127.0.0.1";
  private static final String PASSWORD = "SYNTAGEN_DATABASE_PASSWORD";

  @Option(
      names = "--folder",
      defaultValue = "runs/competition",
      description = "Where everything is kept. Default: ${DEFAULT-VALUE}.")
  private Path folder;

  @Option(
      names = "--competition",
      paramLabel = "FILE",
      description = "The competition's YAML file, copied into a new folder.")
  private Path competition;

  @Option(
      names = "--test",
      paramLabel = "DATA",
      description = "The private test images with masks, copied into the folder and sealed.")
  private Path test;

  @Option(
      names = "--address",
      defaultValue = HERE,
      description = "Where to listen. Default: ${DEFAULT-VALUE}, for this machine alone.")
  private String address;

  @Option(
      names = "--port",
      defaultValue = "8080",
      description = "0 for a free one. Default: ${DEFAULT-VALUE}.")
  private int port;

  @Option(
      names = "--database",
      paramLabel = "URL",
      description = {
        "PostgreSQL as jdbc:postgresql://…; its password is taken from " + PASSWORD + ".",
        "Default: a file in the folder."
      })
  private String database;

  @Option(names = "--database-user", description = "Default: syntagen.", defaultValue = "syntagen")
  private String databaseUser;

  @ArgGroup(exclusive = false, heading = "%nFiles in a bucket:%n")
  private BucketOptions bucket;

  @Option(
      names = "--model",
      description = {
        "Stable Diffusion 1.x or 2.x, to make samples of entries again with. Repeatable.",
        "The bundled syntagen-tiny is there in any case."
      })
  private List<Path> models = List.of();

  @Mixin private ReplicationOptions files;

  @Mixin private DeviceOptions device;

  @Override
  public Integer call() throws InterruptedException {
    device.use();
    if (port < 0 || port > 65_535) {
      throw new InputException("--port %d: expected 0 to 65535".formatted(port));
    }
    ServerOptions options =
        new ServerOptions(
            folder,
            address,
            port,
            Optional.ofNullable(competition),
            Optional.ofNullable(test).or(this::demoTest),
            Optional.ofNullable(database).map(this::database),
            Optional.ofNullable(bucket).map(BucketOptions::bucket));
    CountDownLatch stopped = new CountDownLatch(1);
    try (Server server =
        Server.start(
            options,
            new ServedModels(sources(), files),
            Clock.tick(Clock.systemUTC(), Duration.ofMillis(1)))) {
      System.out.println(shown(server.port()) + " (Ctrl-C stops it)");
      stopped.await();
    }
    return 0;
  }

  private List<ModelShelf.Source> sources() {
    for (Path path : models) {
      if (!Files.exists(path)) {
        throw new InputException("--model " + path + ": there is no such model");
      }
    }
    return Stream.concat(Stream.of(Tool.asset(Tool.MODEL)), models.stream())
        .<ModelShelf.Source>map(
            path -> (loras, dtype) -> new SingleFileOptions().load(path, loras, dtype))
        .toList();
  }

  /** The address to open in a browser. */
  private String shown(int port) {
    String host = address.equals(HERE) ? "localhost" : address;
    return "http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
  }

  /** The bundled scenes, for the demo. */
  private Optional<Path> demoTest() {
    return competition == null && !folder.resolve("competition.yaml").toFile().exists()
        ? Optional.of(Tool.asset(Tool.TEST_SCENES))
        : Optional.empty();
  }

  private ServerOptions.Database database(String url) {
    if (!url.startsWith("jdbc:postgresql:")) {
      throw new InputException("--database %s: expected jdbc:postgresql://…".formatted(url));
    }
    return new ServerOptions.Database(
        url, databaseUser, Optional.ofNullable(System.getenv(PASSWORD)).orElse(""));
  }
}
