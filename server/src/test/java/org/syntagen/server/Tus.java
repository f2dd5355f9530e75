package org.syntagen.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import org.syntagen.dataset.Fingerprint;

/** Uploads in parts, as a browser or program does it. */
record Tus(Browser browser) {
  HttpResponse<String> begin(String submission, long length) {
    return browser.send(
        browser
            .request("/uploads")
            .header("X-CSRF-TOKEN", browser.csrf())
            .header("Tus-Resumable", "1.0.0")
            .header("Upload-Length", Long.toString(length))
            .header(
                "Upload-Metadata",
                "submission "
                    + Base64.getEncoder()
                        .encodeToString(submission.getBytes(StandardCharsets.UTF_8)))
            .POST(BodyPublishers.noBody()));
  }

  HttpResponse<String> head(String upload) {
    return browser.send(browser.request(upload).method("HEAD", BodyPublishers.noBody()));
  }

  HttpResponse<String> patch(String upload, long offset, byte[] part, String checksum) {
    var request =
        browser
            .request(upload)
            .header("X-CSRF-TOKEN", browser.csrf())
            .header("Tus-Resumable", "1.0.0")
            .header("Upload-Offset", Long.toString(offset))
            .header("Content-Type", "application/offset+octet-stream")
            .method("PATCH", BodyPublishers.ofByteArray(part));
    return browser.send(checksum == null ? request : request.header("Upload-Checksum", checksum));
  }

  static String sha256(byte[] part) {
    return "sha256 " + Base64.getEncoder().encodeToString(Fingerprint.sha256().digest(part));
  }

  /** Uploads a file in two parts. */
  void upload(String submission, Path file) {
    byte[] bytes;
    try {
      bytes = Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    HttpResponse<String> begun = begin(submission, bytes.length);
    assertThat(begun.statusCode()).as(begun.body()).isEqualTo(201);
    String upload = begun.headers().firstValue("Location").orElseThrow();
    byte[] first = Arrays.copyOf(bytes, bytes.length / 3);
    byte[] rest = Arrays.copyOfRange(bytes, bytes.length / 3, bytes.length);
    assertThat(patch(upload, 0, first, sha256(first)).statusCode()).isEqualTo(204);
    assertThat(patch(upload, first.length, rest, null).statusCode()).isEqualTo(204);
  }
}
