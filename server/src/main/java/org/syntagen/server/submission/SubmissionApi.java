package org.syntagen.server.submission;

import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.springframework.http.ResponseEntity;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import org.syntagen.challenge.Phase;
import org.syntagen.challenge.scoring.Claim;
import org.syntagen.challenge.submission.Manifest;
import org.syntagen.challenge.submission.Receipt;
import org.syntagen.dataset.InputException;
import org.syntagen.server.access.SignedIn;
import org.syntagen.server.team.Teams;

/** Submissions for programs; openapi.yaml describes it. */
@RestController
@RequestMapping("/api/submissions")
class SubmissionApi {
  private static final int MOST_BYTES = 1_000_000;

  /** A submission in an answer. */
  record Answer(
      UUID id,
      String team,
      Phase.Kind kind,
      Instant committed,
      State state,
      Optional<Double> miou,
      Optional<Receipt> receipt,
      List<Event> timeline) {}

  private final Commits commits;
  private final Submissions submissions;
  private final Teams teams;

  SubmissionApi(Commits commits, Submissions submissions, Teams teams) {
    this.commits = commits;
    this.submissions = submissions;
    this.teams = teams;
  }

  @PostMapping("/dataset")
  ResponseEntity<Answer> commitDataset(
      @AuthenticationPrincipal SignedIn who, HttpServletRequest request) throws IOException {
    return created(commits.commit(who, Manifest.parse(body(request), "the manifest")));
  }

  @PostMapping("/test")
  ResponseEntity<Answer> commitResult(
      @AuthenticationPrincipal SignedIn who, HttpServletRequest request) throws IOException {
    return created(commits.commit(who, Claim.parse(body(request), "the claim")));
  }

  @GetMapping
  List<Answer> all(@AuthenticationPrincipal SignedIn who) {
    return teams.of(who).map(submissions::of).orElse(List.of()).stream().map(this::answer).toList();
  }

  @GetMapping("/{id}")
  Answer one(@AuthenticationPrincipal SignedIn who, @PathVariable UUID id) {
    return answer(submissions.seen(who, id));
  }

  private ResponseEntity<Answer> created(Submission submission) {
    return ResponseEntity.created(URI.create("/api/submissions/" + submission.id()))
        .body(answer(submission));
  }

  private Answer answer(Submission submission) {
    return new Answer(
        submission.id(),
        submission.team().name(),
        submission.kind(),
        submission.committed(),
        submission.state(),
        submission.miou(),
        submissions.receipt(submission),
        submissions.timeline(submission));
  }

  private static String body(HttpServletRequest request) throws IOException {
    byte[] bytes = request.getInputStream().readNBytes(MOST_BYTES + 1);
    if (bytes.length > MOST_BYTES) {
      throw new InputException("the document has more than %d bytes".formatted(MOST_BYTES));
    }
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
