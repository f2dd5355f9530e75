package org.syntagen.cli;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PublicKey;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.function.LongConsumer;
import org.syntagen.challenge.submission.HostKey;
import org.syntagen.dataset.Fingerprint;
import org.syntagen.dataset.InputException;
import org.syntagen.dataset.StorageException;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A competition's server, spoken to with a token. */
final class CompetitionServer {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final int PART = 8 << 20;
  private static final int MOST_TRIES = 5;
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  /** Codes of tus after which the offset is asked for again. */
  private static final List<Integer> OUT_OF_STEP = List.of(409, 423, 460);

  private final HttpClient client =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(20)).build();
  private final URI address;
  private final String token;

  /**
   * @param address https, or http on this machine, so that nobody reads the token on its way
   */
  CompetitionServer(URI address, String token) {
    String host = address.getHost(); // null: none
    boolean here = host != null && List.of("localhost", "127.0.0.1", "[::1]").contains(host);
    boolean safe =
        "https".equals(address.getScheme()) || "http".equals(address.getScheme()) && here;
    if (host == null || !safe) {
      throw new InputException(
          "--server %s: expected an address with https:// (http:// on this machine only)"
              .formatted(address));
    }
    this.address = address;
    this.token = token;
  }

  /** The answer to a question. */
  JsonNode get(String path) {
    return json(send(request(path).GET()));
  }

  /** The answer to a document. */
  JsonNode post(String path, String document) {
    return json(
        send(
            request(path)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(document))));
  }

  /** The key that receipts are signed with. */
  PublicKey hostKey() {
    return HostKey.parsePublic(send(request("/host-key.pem").GET()).body());
  }

  /**
   * Sends the file of a submission in parts; one that broke off goes on where it stopped.
   *
   * @param progress told how many bytes have arrived
   */
  void upload(String submission, Path file, LongConsumer progress) {
    try (InputStream in = Files.newInputStream(file)) {
      long length = Files.size(file);
      URI upload = begin(submission, length);
      long offset = offset(upload);
      in.skipNBytes(offset);
      byte[] part = new byte[0];
      int tries = 0;
      while (offset < length) {
        progress.accept(offset);
        if (part.length == 0) {
          part = in.readNBytes(PART);
        }
        long next = append(upload, offset, part);
        if (next == offset && ++tries == MOST_TRIES) {
          throw new ServerException("the upload does not get on; run the command again to go on");
        }
        if (next > offset) {
          part = Arrays.copyOfRange(part, (int) (next - offset), part.length);
          offset = next;
          tries = 0;
        }
      }
      progress.accept(offset);
    } catch (IOException e) {
      throw StorageException.of(file, e);
    }
  }

  private URI begin(String submission, long length) {
    String id = Base64.getEncoder().encodeToString(submission.getBytes(StandardCharsets.UTF_8));
    HttpResponse<String> begun =
        send(
            tus("/uploads", "POST", BodyPublishers.noBody())
                .header("Upload-Length", Long.toString(length))
                .header("Upload-Metadata", "submission " + id));
    URI upload = address.resolve(header(begun, "Location"));
    if (!upload.getAuthority().equals(address.getAuthority())) {
      throw new ServerException("the server wants the file elsewhere, at " + upload.getHost());
    }
    return upload;
  }

  private long offset(URI upload) {
    return Long.parseLong(
        header(send(tus(upload.getPath(), "HEAD", BodyPublishers.noBody())), "Upload-Offset"));
  }

  /** Sends a part; the answer is what the server then has, which may be as much as before. */
  private long append(URI upload, long offset, byte[] part) {
    HttpRequest.Builder request =
        tus(upload.getPath(), "PATCH", BodyPublishers.ofByteArray(part))
            .header("Content-Type", "application/offset+octet-stream")
            .header("Upload-Offset", Long.toString(offset))
            .header(
                "Upload-Checksum",
                "sha256 " + Base64.getEncoder().encodeToString(Fingerprint.sha256().digest(part)));
    HttpResponse<String> answer = exchange(request);
    if (OUT_OF_STEP.contains(answer.statusCode()) && problem(answer).isEmpty()) {
      long now = offset(upload);
      if (now < offset || now > offset + part.length) {
        throw new ServerException("somebody else sends this file, too; run the command again");
      }
      return now;
    }
    return Long.parseLong(header(checked(answer), "Upload-Offset"));
  }

  private HttpRequest.Builder tus(String path, String method, BodyPublisher body) {
    return request(path).header("Tus-Resumable", "1.0.0").method(method, body);
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(address.resolve(path))
        .timeout(PATIENCE)
        .header("Authorization", "Bearer " + token);
  }

  private HttpResponse<String> send(HttpRequest.Builder request) {
    return checked(exchange(request));
  }

  private HttpResponse<String> exchange(HttpRequest.Builder request) {
    try {
      return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new ServerException(
          "%s does not answer (%s); try again later"
              .formatted(address, e.getMessage() == null ? "no connection" : e.getMessage()),
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ServerException("interrupted", e);
    }
  }

  /** The answer if it is a good one. */
  private static HttpResponse<String> checked(HttpResponse<String> answer) {
    int status = answer.statusCode();
    if (status >= 200 && status < 300) {
      return answer;
    }
    String detail = problem(answer);
    String line = detail.isEmpty() ? "the server answered " + status : detail;
    if (status >= 400 && status < 500) {
      throw new InputException(line);
    }
    throw new ServerException(line);
  }

  /** What a problem's document says, in one line; empty if there is none. */
  private static String problem(HttpResponse<String> answer) {
    try {
      return JSON.readTree(answer.body()).path("detail").asString("");
    } catch (JacksonException e) {
      return "";
    }
  }

  private static JsonNode json(HttpResponse<String> answer) {
    try {
      return JSON.readTree(answer.body());
    } catch (JacksonException e) {
      throw new ServerException("the server's answer is no JSON; is --server right?", e);
    }
  }

  private static String header(HttpResponse<String> answer, String name) {
    return answer
        .headers()
        .firstValue(name)
        .orElseThrow(() -> new ServerException("the server's answer has no " + name));
  }
}
