package org.syntagen.server.upload;

import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import java.util.UUID;
import org.springframework.http.CacheControl;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.ResponseEntity;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.PatchMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.bind.annotation.RestController;
import org.syntagen.dataset.InputException;
import org.syntagen.server.access.SignedIn;

/**
 * Resumable uploads.
 *
 * <p>Source: tus resumable upload protocol 1.0.0, core with the extensions creation and checksum
 * (sha256). The metadata's key {@code submission} names the submission.
 */
@RestController
class TusController {
  private static final String VERSION = "1.0.0";
  private static final String RESUMABLE = "Tus-Resumable";
  private static final String PART = "application/offset+octet-stream";
  private static final HttpStatusCode CHECKSUM_MISMATCH = HttpStatusCode.valueOf(460);

  private final Uploads uploads;

  TusController(Uploads uploads) {
    this.uploads = uploads;
  }

  @RequestMapping(path = "/uploads", method = RequestMethod.OPTIONS)
  ResponseEntity<Void> abilities() {
    return ResponseEntity.noContent()
        .header(RESUMABLE, VERSION)
        .header("Tus-Version", VERSION)
        .header("Tus-Extension", "creation,checksum")
        .header("Tus-Checksum-Algorithm", "sha256")
        .header("Tus-Max-Size", Long.toString(uploads.most()))
        .build();
  }

  @PostMapping("/uploads")
  ResponseEntity<Void> begin(
      @AuthenticationPrincipal SignedIn who,
      @RequestHeader(name = RESUMABLE, defaultValue = "") String version,
      @RequestHeader("Upload-Length") long length,
      @RequestHeader("Upload-Metadata") String metadata) {
    if (!version.equals(VERSION)) {
      return otherVersion();
    }
    Upload upload = uploads.begin(who, submission(metadata), length);
    return ResponseEntity.created(URI.create("/uploads/" + upload.id()))
        .header(RESUMABLE, VERSION)
        .build();
  }

  @RequestMapping(path = "/uploads/{id}", method = RequestMethod.HEAD)
  ResponseEntity<Void> offset(@AuthenticationPrincipal SignedIn who, @PathVariable UUID id) {
    Upload upload = uploads.own(who, id);
    return ResponseEntity.ok()
        .header(RESUMABLE, VERSION)
        .header("Upload-Offset", Long.toString(upload.received()))
        .header("Upload-Length", Long.toString(upload.length()))
        .cacheControl(CacheControl.noStore())
        .build();
  }

  @PatchMapping("/uploads/{id}")
  ResponseEntity<Void> append(
      @AuthenticationPrincipal SignedIn who,
      @PathVariable UUID id,
      @RequestHeader(name = RESUMABLE, defaultValue = "") String version,
      @RequestHeader("Upload-Offset") long offset,
      @RequestHeader("Upload-Checksum") Optional<String> checksum,
      HttpServletRequest request)
      throws IOException {
    if (!version.equals(VERSION)) {
      return otherVersion();
    }
    if (!PART.equals(request.getContentType())) {
      return ResponseEntity.status(HttpStatus.UNSUPPORTED_MEDIA_TYPE).build();
    }
    Upload upload = uploads.own(who, id);
    if (offset != upload.received()) {
      return ResponseEntity.status(HttpStatus.CONFLICT).header(RESUMABLE, VERSION).build();
    }
    Upload grown =
        uploads.append(upload, request.getInputStream(), checksum.map(TusController::sha256));
    return ResponseEntity.noContent()
        .header(RESUMABLE, VERSION)
        .header("Upload-Offset", Long.toString(grown.received()))
        .build();
  }

  @ExceptionHandler
  ResponseEntity<Void> wrongDigest(PartFile.WrongDigest e) {
    return ResponseEntity.status(CHECKSUM_MISMATCH).header(RESUMABLE, VERSION).build();
  }

  @ExceptionHandler
  ResponseEntity<Void> tooLong(PartFile.TooLong e) {
    return ResponseEntity.status(HttpStatus.CONTENT_TOO_LARGE).header(RESUMABLE, VERSION).build();
  }

  @ExceptionHandler
  ResponseEntity<Void> busy(Uploads.BusyException e) {
    return ResponseEntity.status(HttpStatus.LOCKED).header(RESUMABLE, VERSION).build();
  }

  private static ResponseEntity<Void> otherVersion() {
    return ResponseEntity.status(HttpStatus.PRECONDITION_FAILED)
        .header("Tus-Version", VERSION)
        .build();
  }

  private static UUID submission(String metadata) {
    for (String pair : metadata.split(",", 20)) {
      String[] parts = pair.strip().split(" ", 2);
      if (parts.length == 2 && parts[0].equals("submission")) {
        try {
          return UUID.fromString(
              new String(Base64.getDecoder().decode(parts[1]), StandardCharsets.UTF_8));
        } catch (IllegalArgumentException e) {
          throw new InputException("Upload-Metadata: submission is no id in base64", e);
        }
      }
    }
    throw new InputException("Upload-Metadata names no submission; expected its id in base64");
  }

  private static byte[] sha256(String checksum) {
    String[] parts = checksum.split(" ", 2);
    if (parts.length != 2 || !parts[0].equals("sha256")) {
      throw new InputException("Upload-Checksum: expected sha256 and the digest in base64");
    }
    try {
      return Base64.getDecoder().decode(parts[1]);
    } catch (IllegalArgumentException e) {
      throw new InputException("Upload-Checksum: the digest is no base64", e);
    }
  }
}
