package org.syntagen.cli;

import java.net.URI;
import org.syntagen.dataset.InputException;
import picocli.CommandLine.Option;

/** Which competition's server, and as whom. */
final class ServerOption {
  private static final String TOKEN = "SYNTAGEN_TOKEN";

  @Option(
      names = "--server",
      paramLabel = "ADDRESS",
      defaultValue = "http://localhost:8080",
      description = {
        "The competition's server. Default: ${DEFAULT-VALUE}.",
        "A token from its page \"Account\" is taken from " + TOKEN + "."
      })
  private URI address;

  URI address() {
    return address;
  }

  CompetitionServer connect() {
    String token = System.getProperty("syntagen.token", System.getenv(TOKEN));
    if (token == null || !token.matches("[A-Za-z0-9_]{1,200}")) {
      throw new InputException(
          "%s is %s; make a token on the server's page \"Account\" and put it there"
              .formatted(TOKEN, token == null ? "not set" : "no token"));
    }
    return new CompetitionServer(address, token);
  }
}
