package org.syntagen.server.store;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.syntagen.dataset.Fingerprint;
import org.syntagen.server.ServerOptions;

/**
 * A store in memory that speaks as much of S3 as the server does, with one bucket. It checks every
 * request's signature (AWS Signature Version 4) and the digests of its content.
 */
public final class FakeS3 implements AutoCloseable {
  private static final String BUCKET = "files";
  private static final String ID = "AKIDEXAMPLE";
  private static final String SECRET = "wJalrXUtnFEMI";
  private static final String UNSIGNED = "UNSIGNED-PAYLOAD";
  private static final Pattern SIGNED =
      Pattern.compile(
          "AWS4-HMAC-SHA256 Credential=([^/]+)/([^,]+), ?SignedHeaders=([^,]+), ?Signature=(\\w+)");
  private static final Pattern PART = Pattern.compile("<PartNumber>(\\d+)</PartNumber>");

  private final HttpServer http;
  private final Map<String, byte[]> objects = new ConcurrentSkipListMap<>();
  private final Map<String, Map<Integer, byte[]>> unfinished = new ConcurrentSkipListMap<>();
  private final AtomicInteger left = new AtomicInteger(Integer.MAX_VALUE);
  private final AtomicInteger uploads = new AtomicInteger();

  public FakeS3() {
    try {
      http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    http.createContext("/", this::handle);
    http.start();
  }

  /** The bucket, for who has its key. */
  public ServerOptions.Bucket bucket() {
    return bucket(BUCKET, SECRET);
  }

  public ServerOptions.Bucket bucket(String name, String secret) {
    return new ServerOptions.Bucket(
        name,
        Optional.of(URI.create("http://127.0.0.1:" + http.getAddress().getPort())),
        "us-east-1",
        "2024/",
        new ServerOptions.Credentials(ID, secret, Optional.empty()));
  }

  /** The objects by key. */
  public Map<String, byte[]> objects() {
    return objects;
  }

  /** How many uploads in parts were neither completed nor aborted. */
  int unfinished() {
    return unfinished.size();
  }

  /** Answers so many requests more, and then none until it is called again. */
  public void answer(int requests) {
    left.set(requests);
  }

  /** Whether a request has gone without an answer. */
  public boolean isAway() {
    return left.get() < 0;
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] body = exchange.getRequestBody().readAllBytes();
      if (left.getAndDecrement() <= 0) {
        return; // the connection breaks
      }
      Optional<String> refusal = refusal(exchange, body);
      if (refusal.isPresent()) {
        answer(exchange, 403, error(refusal.get()));
        return;
      }
      String[] path = exchange.getRequestURI().getPath().split("/", 3);
      if (!path[1].equals(BUCKET)) {
        answer(exchange, 404, error("NoSuchBucket"));
        return;
      }
      answer(exchange, path.length < 3 ? "" : path[2], query(exchange), body);
    }
  }

  private void answer(HttpExchange exchange, String key, Map<String, String> query, byte[] body)
      throws IOException {
    String upload = query.get("uploadId");
    switch (exchange.getRequestMethod() + (upload == null ? "" : " part")) {
      case "PUT" -> {
        objects.put(key, body);
        exchange.getResponseHeaders().set("ETag", tag(body));
        answer(exchange, 200, "");
      }
      case "GET" -> {
        if (query.containsKey("uploads")) {
          answer(exchange, 200, list(query.get("prefix")));
        } else if (objects.containsKey(key)) {
          exchange.sendResponseHeaders(200, objects.get(key).length);
          exchange.getResponseBody().write(objects.get(key));
        } else {
          answer(exchange, 404, error("NoSuchKey"));
        }
      }
      case "DELETE" -> {
        objects.remove(key);
        answer(exchange, 204, "");
      }
      case "POST" -> {
        String id = uploads.incrementAndGet() + ":" + key;
        unfinished.put(id, new ConcurrentSkipListMap<>());
        answer(
            exchange,
            200,
            "<InitiateMultipartUploadResult><UploadId>%s</UploadId></InitiateMultipartUploadResult>"
                .formatted(id));
      }
      case "PUT part" -> {
        if (exchange.getRequestHeaders().getFirst("Content-MD5") == null) {
          answer(exchange, 400, error("MissingContentMD5"));
          return;
        }
        unfinished.get(upload).put(Integer.valueOf(query.get("partNumber")), body);
        exchange.getResponseHeaders().set("ETag", tag(body));
        answer(exchange, 200, "");
      }
      case "POST part" -> complete(exchange, key, upload, body);
      case "DELETE part" -> {
        unfinished.remove(upload);
        answer(exchange, 204, "");
      }
      default -> answer(exchange, 405, error("MethodNotAllowed"));
    }
  }

  private void complete(HttpExchange exchange, String key, String upload, byte[] body)
      throws IOException {
    Map<Integer, byte[]> parts = unfinished.remove(upload);
    List<Integer> wanted =
        PART.matcher(new String(body, StandardCharsets.UTF_8))
            .results()
            .map(found -> Integer.valueOf(found.group(1)))
            .toList();
    if (!wanted.equals(List.copyOf(parts.keySet()))) {
      answer(exchange, 400, error("InvalidPart"));
      return;
    }
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    parts.values().forEach(whole::writeBytes);
    objects.put(key, whole.toByteArray());
    answer(
        exchange,
        200,
        "<CompleteMultipartUploadResult><Key>%s</Key></CompleteMultipartUploadResult>"
            .formatted(key));
  }

  private String list(String prefix) {
    return unfinished.keySet().stream()
        .filter(id -> id.substring(id.indexOf(':') + 1).startsWith(prefix))
        .map(
            id ->
                "<Upload><Key>%s</Key><UploadId>%s</UploadId></Upload>"
                    .formatted(id.substring(id.indexOf(':') + 1), id))
        .collect(
            Collectors.joining(
                "", "<ListMultipartUploadsResult>", "</ListMultipartUploadsResult>"));
  }

  private static void answer(HttpExchange exchange, int status, String xml) throws IOException {
    byte[] bytes = xml.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "application/xml");
    exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  private static String error(String code) {
    return "<Error><Code>%s</Code><Message>refused as %1$s</Message></Error>".formatted(code);
  }

  private static String tag(byte[] body) {
    return '"' + hash(body).substring(0, 32) + '"';
  }

  private static Map<String, String> query(HttpExchange exchange) {
    Map<String, String> query = new TreeMap<>();
    String raw = exchange.getRequestURI().getRawQuery();
    for (String pair : raw == null ? new String[0] : raw.split("&")) {
      String[] parts = pair.split("=", 2);
      query.put(
          parts[0], parts.length == 1 ? "" : URLDecoder.decode(parts[1], StandardCharsets.UTF_8));
    }
    return query;
  }

  /** The code of an error unless the request is signed with the bucket's key. */
  private static Optional<String> refusal(HttpExchange exchange, byte[] body) {
    Matcher signed =
        SIGNED.matcher(
            Optional.ofNullable(exchange.getRequestHeaders().getFirst("Authorization")).orElse(""));
    if (!signed.matches()) {
      return Optional.of("AccessDenied");
    }
    if (!signed.group(1).equals(ID)) {
      return Optional.of("InvalidAccessKeyId");
    }
    String hash = exchange.getRequestHeaders().getFirst("x-amz-content-sha256");
    String md5 = exchange.getRequestHeaders().getFirst("Content-MD5");
    if (!hash.equals(UNSIGNED) && !hash.equals(hash(body))
        || md5 != null && !md5.equals(md5(body))) {
      return Optional.of("BadDigest");
    }
    return signature(exchange, signed.group(2), signed.group(3), hash).equals(signed.group(4))
        ? Optional.empty()
        : Optional.of("SignatureDoesNotMatch");
  }

  private static String signature(
      HttpExchange exchange, String scope, String headers, String contentHash) {
    String canonicalHeaders =
        Arrays.stream(headers.split(";"))
            .map(
                name ->
                    name.toLowerCase(Locale.ROOT)
                        + ":"
                        + String.join(",", exchange.getRequestHeaders().get(name)).strip()
                        + "\n")
            .collect(Collectors.joining());
    String raw = exchange.getRequestURI().getRawQuery();
    String query =
        Arrays.stream(raw == null ? new String[0] : raw.split("&"))
            .map(pair -> pair.contains("=") ? pair : pair + "=")
            .sorted()
            .collect(Collectors.joining("&"));
    String request =
        String.join(
            "\n",
            exchange.getRequestMethod(),
            exchange.getRequestURI().getRawPath(),
            query,
            canonicalHeaders,
            headers,
            contentHash);
    String time = exchange.getRequestHeaders().getFirst("x-amz-date");
    String text =
        String.join(
            "\n", "AWS4-HMAC-SHA256", time, scope, hash(request.getBytes(StandardCharsets.UTF_8)));
    byte[] key = ("AWS4" + SECRET).getBytes(StandardCharsets.UTF_8);
    for (String step : scope.split("/")) {
      key = hmac(key, step);
    }
    return HexFormat.of().formatHex(hmac(key, text));
  }

  private static byte[] hmac(byte[] key, String text) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String md5(byte[] bytes) {
    try {
      return Base64.getEncoder().encodeToString(MessageDigest.getInstance("MD5").digest(bytes));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String hash(byte[] bytes) {
    return HexFormat.of().formatHex(Fingerprint.sha256().digest(bytes));
  }

  @Override
  public void close() {
    http.stop(0);
  }
}
