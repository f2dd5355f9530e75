package org.syntagen.server.release;

import org.springframework.core.io.FileSystemResource;
import org.springframework.core.io.Resource;
import org.springframework.http.ContentDisposition;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.syntagen.challenge.release.ReleaseKey;
import org.syntagen.challenge.release.TestRelease;
import org.syntagen.server.access.NotFoundException;

/** The sealed test images, for everybody at any time, and their key from the deadline on. */
@Controller
class ReleasePages {
  private final TestSet test;
  private final KeyRelease keys;

  ReleasePages(TestSet test, KeyRelease keys) {
    this.test = test;
    this.keys = keys;
  }

  @GetMapping("/release")
  String release(Model model) {
    model.addAttribute("announcement", test.release().map(TestRelease::announcement).orElse(null));
    model.addAttribute("key", keys.key().map(ReleaseKey::toHex).orElse(null));
    model.addAttribute("phase", keys.phase());
    return "release";
  }

  @GetMapping("/release/test.sealed")
  ResponseEntity<Resource> sealed() {
    if (test.release().isEmpty()) {
      throw new NotFoundException("the test images are not sealed yet");
    }
    return ResponseEntity.ok()
        .contentType(MediaType.APPLICATION_OCTET_STREAM)
        .header(
            HttpHeaders.CONTENT_DISPOSITION,
            ContentDisposition.attachment().filename("test.sealed").build().toString())
        .body(new FileSystemResource(test.sealed()));
  }

  @GetMapping("/release/key")
  ResponseEntity<String> key() {
    ReleaseKey key =
        keys.key()
            .orElseThrow(
                () ->
                    new NotFoundException(
                        "the key is released at %s".formatted(keys.phase().start())));
    return ResponseEntity.ok().contentType(MediaType.TEXT_PLAIN).body(key.toHex() + "\n");
  }
}
