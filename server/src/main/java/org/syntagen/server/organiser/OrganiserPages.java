package org.syntagen.server.organiser;

import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.springframework.http.ContentDisposition;
import org.springframework.http.HttpHeaders;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.stereotype.Controller;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.syntagen.challenge.Competition;
import org.syntagen.challenge.ranking.Awards;
import org.syntagen.server.access.Role;
import org.syntagen.server.access.SignedIn;
import org.syntagen.server.account.Accounts;
import org.syntagen.server.audit.Audit;
import org.syntagen.server.board.Entries;
import org.syntagen.server.decision.Decisions;
import org.syntagen.server.job.Jobs;
import org.syntagen.server.submission.State;
import org.syntagen.server.submission.Submission;
import org.syntagen.server.submission.Submissions;

/** The organisers' console. */
@Controller
class OrganiserPages {
  private static final int NEWEST = 50;

  private final Competition competition;
  private final Submissions submissions;
  private final Entries entries;
  private final Decisions decisions;
  private final Accounts accounts;
  private final Jobs jobs;
  private final Audit audit;
  private final Export export;

  OrganiserPages(
      Competition competition,
      Submissions submissions,
      Entries entries,
      Decisions decisions,
      Accounts accounts,
      Jobs jobs,
      Audit audit,
      Export export) {
    this.competition = competition;
    this.submissions = submissions;
    this.entries = entries;
    this.decisions = decisions;
    this.accounts = accounts;
    this.jobs = jobs;
    this.audit = audit;
    this.export = export;
  }

  @GetMapping("/organiser")
  String console(Model model) {
    List<Submission> all = submissions.all();
    Map<UUID, Entries.Standing> standings = entries.byTeam();
    model.addAttribute(
        "queue",
        all.stream()
            .filter(
                each -> List.of(State.QUEUED, State.RUNNING, State.FAILED).contains(each.state()))
            .toList());
    model.addAttribute("total", all.size());
    model.addAttribute("standings", standings.values());
    model.addAttribute("disqualifications", decisions.disqualifications());
    model.addAttribute("awards", Awards.of(Entries.of(standings.values()), competition.winners()));
    return "organiser";
  }

  @PostMapping("/organiser/disqualifications")
  String propose(
      @AuthenticationPrincipal SignedIn who,
      @RequestParam UUID team,
      @RequestParam String reason,
      @RequestParam String evidence) {
    decisions.propose(who, team, reason, evidence);
    return "redirect:/organiser#disqualifications";
  }

  @PostMapping("/organiser/disqualifications/{team}/sign-off")
  String signOff(
      @AuthenticationPrincipal SignedIn who,
      @PathVariable UUID team,
      @RequestParam Instant proposed) {
    decisions.signOff(who, team, proposed);
    return "redirect:/organiser#disqualifications";
  }

  @PostMapping("/organiser/disqualifications/{team}/withdraw")
  String withdraw(
      @AuthenticationPrincipal SignedIn who,
      @PathVariable UUID team,
      @RequestParam Instant proposed) {
    decisions.withdraw(who, team, proposed);
    return "redirect:/organiser#disqualifications";
  }

  @PostMapping("/organiser/submissions/{id}/retry")
  @Transactional
  public String retry(@AuthenticationPrincipal SignedIn who, @PathVariable UUID id) {
    submissions.revive(who, submissions.get(id));
    jobs.schedule(id);
    return "redirect:/organiser#queue";
  }

  @GetMapping("/organiser/accounts")
  String accounts(Model model) {
    model.addAttribute("accounts", accounts.all());
    model.addAttribute("roles", Role.values());
    return "accounts";
  }

  @PostMapping("/organiser/accounts/{id}/role")
  String role(
      @AuthenticationPrincipal SignedIn who, @PathVariable UUID id, @RequestParam Role role) {
    accounts.setRole(who, id, role);
    return "redirect:/organiser/accounts";
  }

  @GetMapping("/organiser/audit")
  String audit(Model model) {
    model.addAttribute("entries", audit.newest(NEWEST));
    model.addAttribute("head", audit.head());
    return "audit";
  }

  @GetMapping("/organiser/audit.jsonl")
  void auditLog(HttpServletResponse response) throws IOException {
    attach(response, "application/jsonl", "audit.jsonl");
    export.audit(response.getOutputStream());
  }

  @GetMapping("/organiser/export.zip")
  void export(HttpServletResponse response) throws IOException {
    attach(response, "application/zip", "competition.zip");
    export.everything(response.getOutputStream());
  }

  private static void attach(HttpServletResponse response, String type, String name) {
    response.setContentType(type);
    response.setCharacterEncoding(StandardCharsets.UTF_8.name());
    response.setHeader(
        HttpHeaders.CONTENT_DISPOSITION,
        ContentDisposition.attachment().filename(name).build().toString());
  }
}
