package org.syntagen.server.organiser;

import java.util.List;
import java.util.UUID;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.syntagen.challenge.verification.Verdict;
import org.syntagen.server.access.NotFoundException;
import org.syntagen.server.access.SignedIn;
import org.syntagen.server.board.Entries;
import org.syntagen.server.decision.Decisions;
import org.syntagen.server.submission.Submissions;

/** Where verifiers fetch entries and record what came of making them again. */
@Controller
class VerificationPages {
  private final Entries entries;
  private final Submissions submissions;
  private final Decisions decisions;

  VerificationPages(Entries entries, Submissions submissions, Decisions decisions) {
    this.entries = entries;
    this.submissions = submissions;
    this.decisions = decisions;
  }

  @GetMapping("/verification")
  String all(Model model) {
    model.addAttribute("standings", byScore());
    return "verification";
  }

  private List<Entries.Standing> byScore() {
    return entries.byTeam().values().stream()
        .sorted(
            (a, b) ->
                Double.compare(
                    b.entry().recomputed().orElse(-1.0), a.entry().recomputed().orElse(-1.0)))
        .toList();
  }

  @GetMapping("/verification/{team}")
  String one(@PathVariable UUID team, Model model) {
    Entries.Standing standing = entries.byTeam().get(team);
    if (standing == null) {
      throw new NotFoundException("this team has no entry");
    }
    model.addAttribute("standing", standing);
    model.addAttribute("manifest", submissions.manifest(standing.dataset()));
    model.addAttribute("report", submissions.datasetReport(standing.dataset()).orElse(null));
    model.addAttribute("claim", standing.predictions().map(submissions::claim).orElse(null));
    model.addAttribute("verdict", decisions.verdicts().get(team));
    model.addAttribute("verdicts", Verdict.values());
    return "verification-entry";
  }

  @PostMapping("/verification/{team}")
  String verify(
      @AuthenticationPrincipal SignedIn who,
      @PathVariable UUID team,
      @RequestParam Verdict verdict,
      @RequestParam String reason,
      @RequestParam String evidence) {
    decisions.verify(who, team, verdict, reason, evidence);
    return "redirect:/verification/" + team;
  }
}
