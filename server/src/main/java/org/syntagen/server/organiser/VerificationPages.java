package org.syntagen.server.organiser;

import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
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
import org.syntagen.challenge.submission.ReproducibleZip;
import org.syntagen.challenge.verification.Verdict;
import org.syntagen.server.ServerFolder;
import org.syntagen.server.access.NotFoundException;
import org.syntagen.server.access.RefusedException;
import org.syntagen.server.access.SignedIn;
import org.syntagen.server.board.Entries;
import org.syntagen.server.decision.Decisions;
import org.syntagen.server.job.Jobs;
import org.syntagen.server.replication.Reruns;
import org.syntagen.server.submission.Submission;
import org.syntagen.server.submission.Submissions;

/** Where verifiers have entries made again, or record what came of doing it themselves. */
@Controller
class VerificationPages {
  private final Entries entries;
  private final Submissions submissions;
  private final Decisions decisions;
  private final Reruns reruns;
  private final Jobs jobs;
  private final ServerFolder folder;

  VerificationPages(
      Entries entries,
      Submissions submissions,
      Decisions decisions,
      Reruns reruns,
      Jobs jobs,
      ServerFolder folder) {
    this.entries = entries;
    this.submissions = submissions;
    this.decisions = decisions;
    this.reruns = reruns;
    this.jobs = jobs;
    this.folder = folder;
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
    Entries.Standing standing = standing(team);
    model.addAttribute("standing", standing);
    model.addAttribute("manifest", submissions.manifest(standing.dataset()));
    model.addAttribute("report", submissions.datasetReport(standing.dataset()).orElse(null));
    model.addAttribute("claim", standing.predictions().map(submissions::claim).orElse(null));
    model.addAttribute("verdict", decisions.verdicts().get(standing.dataset().id()));
    model.addAttribute("verdicts", Verdict.values());
    model.addAttribute("reruns", reruns.of(standing.dataset()));
    return "verification-entry";
  }

  private Entries.Standing standing(UUID team) {
    return Optional.ofNullable(entries.byTeam().get(team))
        .orElseThrow(() -> new NotFoundException("this team has no entry"));
  }

  @PostMapping("/verification/{team}")
  String verify(
      @AuthenticationPrincipal SignedIn who,
      @PathVariable UUID team,
      @RequestParam UUID dataset,
      @RequestParam Verdict verdict,
      @RequestParam String reason,
      @RequestParam String evidence) {
    Submission verified = standing(team).dataset();
    if (!verified.id().equals(dataset)) {
      throw new RefusedException(
          "another dataset of the team counts meanwhile; look at that and record a verdict on it");
    }
    decisions.verify(who, verified, verdict, reason, evidence);
    return "redirect:/verification/" + team;
  }

  /** Has the server make samples again. */
  @PostMapping("/verification/{team}/replications")
  @Transactional
  public String replicate(
      @AuthenticationPrincipal SignedIn who,
      @PathVariable UUID team,
      @RequestParam String publicSeed,
      @RequestParam(defaultValue = "false") boolean retrain) {
    Entries.Standing standing = standing(team);
    if (retrain && standing.entry().recomputed().isEmpty()) {
      throw new RefusedException("the team has no score that a trained network could be held to");
    }
    jobs.scheduleReplication(reruns.request(who, standing.dataset(), publicSeed, retrain));
    return "redirect:/verification/" + team + "#replications";
  }

  /** The evidence folder of a replication. */
  @GetMapping("/verification/{team}/evidence/{id}.zip")
  void evidence(@PathVariable UUID team, @PathVariable UUID id, HttpServletResponse response)
      throws IOException {
    Path evidence = folder.evidence(reruns.get(id).id());
    if (!Files.isDirectory(evidence)) {
      throw new NotFoundException("there is no evidence of this");
    }
    response.setContentType("application/zip");
    response.setHeader(
        HttpHeaders.CONTENT_DISPOSITION,
        ContentDisposition.attachment().filename(id + ".zip").build().toString());
    ReproducibleZip zip = new ReproducibleZip(response.getOutputStream());
    try (Stream<Path> files = Files.list(evidence)) {
      for (Path file : files.sorted().toList()) {
        zip.add(file.getFileName().toString(), file);
      }
    }
    zip.finish();
  }
}
