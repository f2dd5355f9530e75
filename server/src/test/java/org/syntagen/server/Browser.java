package org.syntagen.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.CookieManager;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Somebody's browser: keeps cookies and sends back the token of the form that it was shown. */
final class Browser {
  private static final Pattern CSRF = Pattern.compile("name=\"_csrf\" value=\"([^\"]+)\"");

  private final HttpClient client =
      HttpClient.newBuilder().cookieHandler(new CookieManager()).build();
  private final URI base;
  private final String token; // null for a session

  private Browser(URI base, String token) {
    this.base = base;
    this.token = token;
  }

  static Browser at(URI base) {
    return new Browser(base, null);
  }

  /** A program that carries a token instead of a session. */
  static Browser withToken(URI base, String token) {
    return new Browser(base, token);
  }

  /** A program with a token of the account that is signed in here. */
  Browser program() {
    String page = post("/account/tokens", Map.of("name", "x")).body();
    return withToken(base, found(page, ">(syntagen_[0-9a-f]+)<"));
  }

  HttpResponse<String> get(String path) {
    return send(request(path).GET());
  }

  HttpResponse<byte[]> getBytes(String path) {
    return getBytes(request(path));
  }

  HttpResponse<byte[]> getBytes(HttpRequest.Builder request) {
    return send(request.GET(), BodyHandlers.ofByteArray());
  }

  /** The page at an address, which must be there. */
  String page(String path) {
    HttpResponse<String> response = get(path);
    assertThat(response.statusCode()).as(path).isEqualTo(200);
    return response.body();
  }

  /** Sends a form with the token of a page. */
  HttpResponse<String> post(String path, Map<String, ?> fields) {
    String form =
        fields.entrySet().stream()
            .map(each -> each.getKey() + "=" + encoded(each.getValue().toString()))
            .collect(Collectors.joining("&"));
    return send(
        request(path)
            .header("X-CSRF-TOKEN", csrf())
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(BodyPublishers.ofString(form)));
  }

  /** As {@link #post} of a form that must be taken; returns the page that follows. */
  String submit(String path, Map<String, ?> fields) {
    HttpResponse<String> response = post(path, fields);
    assertThat(response.statusCode()).as("%s: %s", path, response.body()).isEqualTo(302);
    String next = response.headers().firstValue("Location").orElseThrow();
    return URI.create(next).getPath();
  }

  HttpResponse<String> json(String path, String document) {
    return send(
        request(path)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(document)));
  }

  HttpRequest.Builder request(String path) {
    HttpRequest.Builder request = HttpRequest.newBuilder(base.resolve(path));
    return token == null ? request : request.header("Authorization", "Bearer " + token);
  }

  HttpResponse<String> send(HttpRequest.Builder request) {
    return send(request, BodyHandlers.ofString());
  }

  private <T> HttpResponse<T> send(
      HttpRequest.Builder request, HttpResponse.BodyHandler<T> handler) {
    try {
      return client.send(request.build(), handler);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The token of this session's forms; programs need none. */
  String csrf() {
    if (token != null) {
      return "none";
    }
    String page = get("/login").body();
    Matcher found = CSRF.matcher(page);
    return found.find() ? found.group(1) : "none";
  }

  Browser register(String name) {
    submit(
        "/register",
        Map.of("email", name + "@example.org", "name", name, "password", "correct horse " + name));
    return this;
  }

  Browser signIn(String email, String password) {
    assertThat(submit("/login", Map.of("username", email, "password", password))).isEqualTo("/");
    return this;
  }

  static String found(String page, String pattern) {
    Matcher matcher = Pattern.compile(pattern).matcher(page);
    assertThat(matcher.find()).as("%s in %s", pattern, page).isTrue();
    return matcher.group(1);
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
