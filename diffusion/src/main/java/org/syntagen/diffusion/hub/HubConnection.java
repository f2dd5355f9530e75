package org.syntagen.diffusion.hub;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.syntagen.dataset.InputException;

/**
 * Requests to a hub and to where it redirects. The token goes to the hub's own scheme, host and
 * port and nowhere else.
 */
final class HubConnection {
  private static final int MOST_REDIRECTS = 10;
  private static final Pattern RANGE = Pattern.compile("bytes (\\d{1,18})-.*");

  private final URI hub;
  private final Optional<String> token;
  private final Duration patience;
  private final HttpClient client;
  private boolean reached;

  /**
   * @param patience with an answer, and with each next piece of it
   */
  HubConnection(URI hub, Optional<String> token, Duration patience) {
    this.hub = hub;
    this.token = token;
    this.patience = patience;
    this.client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(patience)
            .build();
  }

  /**
   * Content from the net; {@link #close} ends the transfer.
   *
   * @param start the byte at which the body starts; -1 if the body is not what was asked for
   */
  record Answer(long start, InputStream body) implements Closeable {
    @Override
    public void close() throws IOException {
      body.close();
    }
  }

  /**
   * Asks for content, following redirects.
   *
   * @param what to call it in errors
   * @param from the first byte that is wanted; the server may send all nevertheless
   * @return the caller closes it
   * @throws IOException if another attempt may succeed
   */
  Answer get(URI uri, String what, long from) throws IOException {
    URI at = uri;
    for (int redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
      HttpResponse<InputStream> response = send(at, from);
      InputStream body = new PatientInput(response.body(), patience);
      switch (response.statusCode()) {
        case 200:
          return new Answer(0, body);
        case 206:
          return new Answer(start(response), body);
        case 416:
          return new Answer(-1, body);
        case 301, 302, 303, 307, 308:
          body.close();
          at = target(at, response, what);
          break;
        default:
          body.close();
          throw failure(response.statusCode(), at, what);
      }
    }
    throw new HubException(
        "%s: more than %d redirects; check the hub's address".formatted(what, MOST_REDIRECTS));
  }

  private HttpResponse<InputStream> send(URI uri, long from) throws IOException {
    HttpRequest.Builder request = HttpRequest.newBuilder(uri).timeout(patience);
    if (from > 0) {
      request.header("Range", "bytes=" + from + "-");
    }
    if (isOwn(uri)) {
      token.ifPresent(value -> request.header("Authorization", "Bearer " + value));
    }
    try {
      HttpResponse<InputStream> response =
          client.send(request.build(), BodyHandlers.ofInputStream());
      reached = true;
      return response;
    } catch (ConnectException | HttpConnectTimeoutException e) {
      if (reached) {
        throw e;
      }
      throw new HubException(
          ("%s cannot be reached (%s); go online, give another --hub, or copy a model folder from"
                  + " another machine")
              .formatted(hub, HubException.reason(e)),
          e);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private boolean isOwn(URI uri) {
    return uri.getScheme().equalsIgnoreCase(hub.getScheme())
        && uri.getHost().equalsIgnoreCase(hub.getHost())
        && port(uri) == port(hub);
  }

  private static int port(URI uri) {
    if (uri.getPort() >= 0) {
      return uri.getPort();
    }
    return "https".equalsIgnoreCase(uri.getScheme()) ? 443 : 80;
  }

  private static long start(HttpResponse<?> response) {
    Matcher range = RANGE.matcher(response.headers().firstValue("Content-Range").orElse(""));
    return range.matches() ? Long.parseLong(range.group(1)) : -1;
  }

  private static URI target(URI from, HttpResponse<?> response, String what) {
    try {
      String location = response.headers().firstValue("Location").orElse("");
      URI to = location.isBlank() ? new URI("") : from.resolve(new URI(location));
      boolean weaker =
          "https".equalsIgnoreCase(from.getScheme()) && "http".equalsIgnoreCase(to.getScheme());
      if (isWeb(to) && to.getUserInfo() == null && !weaker) {
        return to;
      }
    } catch (URISyntaxException e) {
      // Said below.
    }
    throw new HubException(
        what + ": the hub redirects to what is no web address, or from https to http");
  }

  /** To be tried again if it is returned, not to be mended by that if it is thrown. */
  private IOException failure(int status, URI at, String what) {
    if (status == 408 || status == 429 || status >= 500 || status >= 400 && !isOwn(at)) {
      return new IOException(at.getHost() + " answers " + status);
    }
    if (status == 401 || status == 403) {
      throw new InputException(
          ("%s: %s refuses it (%d%s); check the name, and if the model is gated, accept its licence"
                  + " there and set HF_TOKEN to a token of your account")
              .formatted(what, hub, status, token.isPresent() ? " in spite of HF_TOKEN" : ""));
    }
    if (status == 404) {
      throw new InputException(
          "%s: there is none on %s; check the name (owner/name) and --revision"
              .formatted(what, hub));
    }
    throw new HubException("%s: %s answers %d".formatted(what, hub, status));
  }

  /** Whether an address is one of the web. */
  static boolean isWeb(URI uri) {
    String scheme = uri.getScheme();
    return ("https".equalsIgnoreCase(scheme) || "http".equalsIgnoreCase(scheme))
        && uri.getHost() != null;
  }

  /** What to throw when the user ends the program. */
  static IllegalStateException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new IllegalStateException("interrupted while waiting for a hub", e);
  }
}
