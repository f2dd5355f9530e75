package org.syntagen.cli;

import java.util.concurrent.Callable;
import org.syntagen.dataset.InputException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** {@code syntagen status}: what became of a team's submissions. */
@Command(
    name = "status",
    description = "Show your team's submissions at a competition's server, or one's timeline.",
    footer = {
      "",
      "Example:",
      "  SYNTAGEN_TOKEN=… syntagen status --server https://example.org",
      "  syntagen status 3f0c1d2e-6a54-4f0b-9c1d-2e3f4a5b6c7d --server https://example.org"
    })
final class StatusCommand implements Callable<Integer> {
  @Parameters(
      paramLabel = "SUBMISSION",
      arity = "0..1",
      description = "A submission's id. Default: all of the team.")
  private String submission;

  @Mixin private ServerOption server;

  @Option(names = "--json", description = "Print the server's answer as one line of JSON.")
  private boolean json;

  @Override
  public Integer call() {
    if (submission != null && !submission.matches("[0-9a-f-]{36}")) {
      throw new InputException(
          "\"%s\" is no id of a submission; status without one lists them".formatted(submission));
    }
    JsonNode answer =
        server.connect().get("/api/submissions" + (submission == null ? "" : "/" + submission));
    if (json) {
      System.out.println(answer);
    } else if (submission == null) {
      answer.forEach(each -> System.out.println(line(each)));
    } else {
      System.out.println(line(answer));
      answer.path("timeline").forEach(event -> System.out.println("  " + event(event)));
    }
    return 0;
  }

  private static String line(JsonNode submission) {
    String score =
        submission.path("miou").isNumber()
            ? "  mIoU %.2f".formatted(submission.path("miou").asDouble())
            : "";
    return "%s  %s  %-7s  %s%s"
        .formatted(
            submission.path("id").asString(""),
            submission.path("committed").asString(""),
            submission.path("kind").asString(""),
            submission.path("state").asString(""),
            score);
  }

  private static String event(JsonNode event) {
    return "%s  %s: %s"
        .formatted(
            event.path("time").asString(""),
            event.path("reason").asString(""),
            event.path("message").asString(""));
  }
}
