package org.syntagen.diffusion.hub;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * A hub with one model on this machine. Weights lie on what counts as another host, "localhost",
 * the hub itself being 127.0.0.1. It can be told to misbehave.
 */
final class TestHub implements AutoCloseable {
  static final ModelName MODEL = ModelName.parse("someone/tiny");
  static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";
  static final String LISTING = "/api/models/someone/tiny/revision/main";
  static final String TOKEN = "hf_secret";
  static final String UNET = "unet/diffusion_pytorch_model.safetensors";

  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** A request as it came. */
  record Request(String host, String path, String range, String authorization) {}

  final Map<String, byte[]> files = new LinkedHashMap<>();
  final List<Duration> pauses = Collections.synchronizedList(new ArrayList<>());

  private final List<Request> requests = Collections.synchronizedList(new ArrayList<>());
  private final Map<String, Deque<HttpHandler>> faults = new HashMap<>();
  private final ExecutorService workers = Executors.newCachedThreadPool();
  private final HttpServer server;

  TestHub() {
    try {
      server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.setExecutor(workers);
    server.createContext("/", this::answer);
    server.start();
    for (String path :
        List.of(
            "README.md",
            "model_index.json",
            "scheduler/scheduler_config.json",
            "tokenizer/vocab.json",
            "tokenizer/merges.txt",
            "tokenizer/tokenizer_config.json",
            "tokenizer/special_tokens_map.json",
            "text_encoder/config.json",
            "text_encoder/model.safetensors",
            "text_encoder/model.fp16.safetensors",
            "unet/config.json",
            UNET,
            "unet/diffusion_pytorch_model.bin",
            "vae/config.json",
            "vae/diffusion_pytorch_model.safetensors",
            "vae/diffusion_flax_model.msgpack",
            "safety_checker/model.safetensors",
            "feature_extractor/preprocessor_config.json",
            "v1-5-pruned.safetensors")) {
      files.put(path, content(path, isLarge(path) ? 300_000 : 500));
    }
  }

  static byte[] content(String name, int size) {
    byte[] bytes = new byte[size];
    new Random(name.hashCode()).nextBytes(bytes);
    return bytes;
  }

  String address() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  Hub hub() {
    return hub(Duration.ofSeconds(30));
  }

  Hub hub(Duration patience) {
    return new Hub(address(), Optional.of(TOKEN), patience, pauses::add);
  }

  /** The next answers to requests for a path of the server; afterwards it is as usual again. */
  void fault(String path, HttpHandler... answers) {
    faults.computeIfAbsent(path, key -> new ArrayDeque<>()).addAll(List.of(answers));
  }

  /** Where the weights are really sent from. */
  static String store(String file) {
    return "/store/" + file;
  }

  static String resolve(String file) {
    return "/someone/tiny/resolve/" + COMMIT + "/" + file;
  }

  List<Request> requests() {
    synchronized (requests) {
      return List.copyOf(requests);
    }
  }

  List<Request> requests(String path) {
    return requests().stream().filter(request -> request.path.equals(path)).toList();
  }

  void forget() {
    requests.clear();
    pauses.clear();
  }

  /** What the hub says of its model; tests change it before they serve it. */
  ObjectNode listing() {
    ObjectNode root = JSON.createObjectNode().put("id", MODEL.toString()).put("sha", COMMIT);
    files.forEach(
        (path, bytes) -> {
          ObjectNode file =
              root.withArray("siblings")
                  .addObject()
                  .put("rfilename", path)
                  .put("size", bytes.length);
          file.put("blobId", hash(Checksum.Kind.GIT_BLOB, bytes));
          if (isLarge(path)) {
            file.put("blobId", "0".repeat(40)); // of the pointer
            file.putObject("lfs").put("sha256", hash(Checksum.Kind.SHA_256, bytes));
          }
        });
    return root;
  }

  /** The entry of a file in a listing. */
  static ObjectNode entry(ObjectNode listing, String path) {
    for (var file : listing.path("siblings")) {
      if (file.path("rfilename").asString().equals(path)) {
        return (ObjectNode) file;
      }
    }
    throw new AssertionError(path);
  }

  static String hash(Checksum.Kind kind, byte[] bytes) {
    return HexFormat.of().formatHex(new Checksum(kind, "").digest(bytes.length).digest(bytes));
  }

  private static boolean isLarge(String path) {
    return !path.endsWith(".json") && !path.endsWith(".txt") && !path.endsWith(".md");
  }

  private void answer(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    requests.add(
        new Request(
            exchange.getRequestHeaders().getFirst("Host").replaceAll(":.*", ""),
            path,
            exchange.getRequestHeaders().getFirst("Range"),
            exchange.getRequestHeaders().getFirst("Authorization")));
    Deque<HttpHandler> planned = faults.getOrDefault(path, new ArrayDeque<>());
    try (exchange) {
      HttpHandler fault = planned.poll();
      if (fault != null) {
        fault.handle(exchange);
      } else {
        usual(exchange, path);
      }
    }
  }

  private void usual(HttpExchange exchange, String path) throws IOException {
    String file = path.startsWith("/store/") ? path.substring("/store/".length()) : path;
    file = file.startsWith(resolve("")) ? file.substring(resolve("").length()) : file;
    if (path.equals(LISTING)) {
      text(listing().toString()).handle(exchange);
    } else if (!files.containsKey(file)) {
      status(404).handle(exchange);
    } else if (path.startsWith("/store/") || !isLarge(file)) {
      send(files.get(file)).handle(exchange);
    } else {
      String port = exchange.getRequestHeaders().getFirst("Host").replaceAll(".*:", "");
      redirect("http://localhost:" + port + store(file)).handle(exchange);
    }
  }

  static HttpHandler status(int status) {
    return exchange -> exchange.sendResponseHeaders(status, -1);
  }

  static HttpHandler text(String text) {
    return send(text.getBytes(StandardCharsets.UTF_8));
  }

  static HttpHandler redirect(String location) {
    return exchange -> {
      exchange.getResponseHeaders().set("Location", location);
      exchange.sendResponseHeaders(302, -1);
    };
  }

  /** Sends content, or the range of it that is asked for. */
  static HttpHandler send(byte[] content) {
    return exchange -> {
      String range = exchange.getRequestHeaders().getFirst("Range");
      if (range == null) {
        whole(content).handle(exchange);
        return;
      }
      int from = Integer.parseInt(range.replaceAll("\\D", ""));
      exchange
          .getResponseHeaders()
          .set(
              "Content-Range", "bytes " + from + "-" + (content.length - 1) + "/" + content.length);
      exchange.sendResponseHeaders(206, content.length - from);
      exchange.getResponseBody().write(content, from, content.length - from);
    };
  }

  /** Sends all of some content, whatever range is asked for. */
  static HttpHandler whole(byte[] content) {
    return exchange -> {
      exchange.sendResponseHeaders(200, content.length == 0 ? -1 : content.length);
      exchange.getResponseBody().write(content);
    };
  }

  /** Sends the beginning and says that it is all. */
  static HttpHandler cut(byte[] content, int length) {
    return whole(Arrays.copyOf(content, length));
  }

  /** Announces a length, sends the content and breaks off or ends. */
  static HttpHandler announce(long length, byte[] content) {
    return exchange -> {
      exchange.sendResponseHeaders(200, length);
      exchange.getResponseBody().write(content);
      exchange.getResponseBody().flush();
    };
  }

  static byte[] damaged(byte[] content) {
    byte[] copy = content.clone();
    copy[copy.length / 2] ^= 1;
    return copy;
  }

  @Override
  public void close() {
    server.stop(0);
    workers.shutdownNow();
  }
}
