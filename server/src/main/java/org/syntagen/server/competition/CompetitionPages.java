package org.syntagen.server.competition;

import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.syntagen.challenge.submission.HostKey;
import org.syntagen.server.audit.Audit;

/** What every visitor may read of the competition. */
@Controller
class CompetitionPages {
  private final HostKey key;
  private final Audit audit;

  CompetitionPages(HostKey key, Audit audit) {
    this.key = key;
    this.audit = audit;
  }

  @GetMapping("/")
  String home(Model model) {
    model.addAttribute("auditHead", audit.head());
    return "home";
  }

  @GetMapping("/rules")
  String rules() {
    return "rules";
  }

  /** The public key, to check receipts with. */
  @GetMapping("/host-key.pem")
  ResponseEntity<String> hostKey() {
    return ResponseEntity.ok().contentType(MediaType.TEXT_PLAIN).body(key.publicPem());
  }
}
