package org.syntagen.server;

import java.io.File;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A PostgreSQL server of the tests' own, from the programs that Debian installs. It refuses to run
 * as root, so root hands it to the user postgres.
 */
final class Postgres implements AutoCloseable {
  private static final Path VERSIONS = Path.of("/usr/lib/postgresql");

  private final Path programs;
  private final Path data;
  private final int port;

  private Postgres(Path programs, Path data, int port) {
    this.programs = programs;
    this.data = data;
    this.port = port;
  }

  /** Why there can be none; empty if there can. */
  static Optional<String> missing() {
    if (programs().isEmpty()) {
      return Optional.of("PostgreSQL is not installed; Debian's package postgresql has it");
    }
    return isRoot() && !Files.isExecutable(Path.of("/usr/sbin/runuser"))
        ? Optional.of("PostgreSQL cannot run as root, and there is no runuser")
        : Optional.empty();
  }

  private static boolean isRoot() {
    return System.getProperty("user.name").equals("root");
  }

  private static Optional<Path> programs() {
    if (!Files.isDirectory(VERSIONS)) {
      return Optional.empty();
    }
    try (Stream<Path> versions = Files.list(VERSIONS)) {
      return versions
          .map(version -> version.resolve("bin"))
          .filter(bin -> Files.isExecutable(bin.resolve("initdb")))
          .max(Comparator.naturalOrder());
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  static Postgres start() throws IOException {
    Path data = Files.createTempDirectory("syntagen-postgres");
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    Postgres postgres = new Postgres(programs().orElseThrow(), data, port);
    if (isRoot()) {
      run(List.of("chown", "postgres", data.toString()));
    }
    postgres.call("initdb", "-D", data.toString(), "-U", "syntagen", "-A", "trust", "-N");
    postgres.call(
        "pg_ctl",
        "-D",
        data.toString(),
        "-w",
        "-l",
        data.resolve("log").toString(),
        "-o",
        "-p %d -h 127.0.0.1 -k %s -F".formatted(port, data),
        "start");
    return postgres;
  }

  ServerOptions.Database database() {
    return new ServerOptions.Database(
        "jdbc:postgresql://127.0.0.1:%d/postgres".formatted(port), "syntagen", "");
  }

  private void call(String program, String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    if (isRoot()) {
      command.addAll(List.of("runuser", "-u", "postgres", "--"));
    }
    command.add(programs.resolve(program).toString());
    command.addAll(List.of(arguments));
    run(command);
  }

  private static void run(List<String> command) throws IOException {
    File log = File.createTempFile("postgres", ".log");
    Process process =
        new ProcessBuilder(command)
            .directory(new File("/"))
            .redirectErrorStream(true)
            .redirectOutput(log)
            .start();
    try {
      if (process.waitFor() != 0) {
        throw new IOException(command + ": " + Files.readString(log.toPath()));
      }
    } catch (InterruptedException e) {
      throw new IOException(e);
    } finally {
      log.delete();
    }
  }

  @Override
  public void close() throws IOException {
    call("pg_ctl", "-D", data.toString(), "-w", "-m", "immediate", "stop");
    ServerFolder.delete(data);
  }
}
