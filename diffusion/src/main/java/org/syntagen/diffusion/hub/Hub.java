package org.syntagen.diffusion.hub;

import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.syntagen.dataset.InputException;
import org.syntagen.diffusion.hub.HubConnection.Answer;

/** A model hub of Hugging Face's kind. */
public final class Hub {
  private static final int MOST_LISTING_BYTES = 16 << 20;
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Pattern REVISION = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._/-]{0,199}");

  private final URI address;
  private final HubConnection connection;
  private final Retry retry;

  /**
   * A hub; nothing is asked of it yet.
   *
   * @param address such as https://huggingface.co
   * @param token of the user's account there; spaces around it and an empty one count as none
   * @throws InputException if the address or token cannot be one
   */
  public Hub(String address, Optional<String> token) {
    this(address, token, PATIENCE, Hub::sleep);
  }

  /**
   * @param patience with an answer, and with each next piece of it
   * @param pause waits before an attempt is repeated
   */
  Hub(String address, Optional<String> token, Duration patience, Consumer<Duration> pause) {
    this.address = checkedAddress(address.strip());
    Optional<String> secret = token.map(String::strip).filter(text -> !text.isEmpty());
    if (!secret.orElse("x").matches("[!-~]+")) {
      throw new InputException("HF_TOKEN holds characters that no token has; set it again");
    }
    this.connection = new HubConnection(this.address, secret, patience);
    this.retry = new Retry(pause);
  }

  private static URI checkedAddress(String text) {
    try {
      URI uri = new URI(text.replaceAll("/+$", ""));
      if (HubConnection.isWeb(uri)
          && uri.getUserInfo() == null
          && uri.getQuery() == null
          && uri.getFragment() == null) {
        return uri;
      }
    } catch (URISyntaxException e) {
      // Said below.
    }
    throw new InputException(
        "hub address '" + text + "': expected one such as https://huggingface.co");
  }

  private static void sleep(Duration pause) {
    try {
      Thread.sleep(pause.toMillis());
    } catch (InterruptedException e) {
      throw HubConnection.interrupted(e);
    }
  }

  HubConnection connection() {
    return connection;
  }

  /** What to repeat failed requests with. */
  Retry retry() {
    return retry;
  }

  /**
   * Asks what a model consists of.
   *
   * @throws InputException if there is no such model or revision, or it may not be read
   * @throws HubException if the hub cannot be reached or its answer is none
   */
  Listing list(ModelName model, String revision) {
    if (!REVISION.matcher(revision).matches() || revision.contains("..")) {
      throw new InputException(
          "--revision '" + revision + "': expected a branch, tag or commit such as main");
    }
    String encoded = revision.replace("/", "%2F");
    URI uri = URI.create(address + "/api/models/" + model + "/revision/" + encoded + "?blobs=true");
    byte[] answer =
        retry.run(
            model.toString(),
            () -> 0,
            () -> {
              try (Answer listing = connection.get(uri, model + " at revision " + revision, 0)) {
                return listing.body().readNBytes(MOST_LISTING_BYTES + 1);
              }
            });
    if (answer.length > MOST_LISTING_BYTES) {
      throw new HubException(
          "%s: the hub's list of files is larger than %d MiB"
              .formatted(model, MOST_LISTING_BYTES >> 20));
    }
    return Listing.parse(answer, encoded, address + ": " + model);
  }

  /** Where a file of a model lies. */
  URI source(ModelName model, String commit, HubFile file) {
    return URI.create(address + "/" + model + "/resolve/" + commit + "/" + file.path());
  }
}
