package org.syntagen.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** A server in a process of its own, which can be killed at any moment and started again. */
final class KillableServer implements AutoCloseable {
  private static final String PORT = "port ";
  private static final String CLOCK = "clock ";

  private final ServerOptions options;
  private final Path logs;
  private Duration ahead;
  private int starts;
  private Path log;
  private Process process;
  private URI address; // null while there is none

  /**
   * Starts a server.
   *
   * @param options what it is started with each time
   * @param logs a folder for what it prints
   * @param now what its clock, which then runs, shows first
   */
  KillableServer(ServerOptions options, Path logs, Instant now) {
    this.options = options;
    this.logs = logs;
    this.ahead = Duration.between(Instant.now(), now);
    start();
  }

  /** What the process runs: a server that tells its port, and sets its clock as told. */
  public static final class Main {
    private Main() {}

    public static void main(String[] args) throws IOException {
      Optional<ServerOptions.Database> database =
          args.length == 4
              ? Optional.empty()
              : Optional.of(new ServerOptions.Database(args[4], args[5], ""));
      TestClock clock = new TestClock(Instant.now());
      clock.run(Duration.parse(args[3]));
      Server server =
          Server.start(
              new ServerOptions(
                  Path.of(args[0]),
                  "127.0.0.1",
                  0,
                  Optional.of(Path.of(args[1])),
                  Optional.of(Path.of(args[2])),
                  database,
                  Optional.empty()),
              new FakeModels(),
              clock);
      System.out.println(PORT + server.port());
      BufferedReader told =
          new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
      for (String line = told.readLine(); line != null; line = told.readLine()) {
        clock.run(Duration.parse(line));
        System.out.println(CLOCK + line);
      }
      server.close(); // nobody is left to tell it anything
    }
  }

  /** Starts the server again. */
  synchronized void start() {
    try {
      log = logs.resolve("server-" + ++starts + ".log");
      process =
          new ProcessBuilder(command())
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    address = URI.create("http://127.0.0.1:" + printed(PORT));
    notifyAll();
  }

  private List<String> command() {
    Stream<String> java =
        Stream.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx512m",
            "-XX:TieredStopAtLevel=1", // starts sooner
            "-XX:+UseSerialGC",
            "-Djava.awt.headless=true",
            "-Dsyntagen.heartbeat=250ms",
            "-cp",
            System.getProperty("java.class.path"),
            Main.class.getName(),
            options.folder().toString(),
            options.competition().orElseThrow().toString(),
            options.test().orElseThrow().toString(),
            ahead.toString());
    Stream<String> database =
        options.database().stream().flatMap(each -> Stream.of(each.url(), each.user()));
    return Stream.concat(java, database).toList();
  }

  /** What the server prints after a word. */
  private String printed(String word) {
    while (true) {
      boolean alive = process.isAlive();
      String text = text(log);
      Optional<String> line =
          text.lines().filter(each -> each.startsWith(word)).reduce((first, second) -> second);
      if (line.isPresent() && text.endsWith("\n")) {
        return line.get().substring(word.length());
      }
      assertThat(alive).as(text).isTrue();
      LockSupport.parkNanos(20_000_000);
    }
  }

  /** Kills the server, which gets no chance to end anything. */
  void kill() {
    Process killed;
    synchronized (this) {
      address = null;
      killed = process;
    }
    killed.destroyForcibly();
    killed.onExit().join();
  }

  /** Where the server is, or the next one if it was killed. */
  synchronized URI address() {
    try {
      while (address == null) {
        wait();
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    assertThat(process.isAlive()).as(text(log)).isTrue();
    return address;
  }

  /** Sets the clock, which then runs on. */
  synchronized void setClock(Instant now) {
    ahead = Duration.between(Instant.now(), now);
    try {
      Writer in = process.outputWriter(StandardCharsets.UTF_8);
      in.write(ahead + "\n");
      in.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    while (!printed(CLOCK).equals(ahead.toString())) {
      LockSupport.parkNanos(1_000_000);
    }
  }

  /** A clock that shows what the server's shows. */
  synchronized Clock clock() {
    return Clock.offset(Clock.systemUTC(), ahead);
  }

  /** The password of the first organiser. */
  String organiserPassword() {
    return Browser.found(text(logs.resolve("server-1.log")), "localhost / (\\S+)");
  }

  /** Whether a job is under way. */
  boolean isWorking() {
    try (Stream<Path> work = Files.list(options.folder().resolve("work"))) {
      return work.findAny().isPresent();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What broke in all servers so far, as their logs tell. */
  List<String> errors() {
    return IntStream.rangeClosed(1, starts)
        .mapToObj(i -> text(logs.resolve("server-" + i + ".log")))
        .flatMap(String::lines)
        .filter(line -> line.matches("\\d\\d:\\d\\d:\\d\\d ERROR .*"))
        .toList();
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    kill();
  }
}
