package org.syntagen.server.submission;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.springframework.core.io.FileSystemResource;
import org.springframework.core.io.Resource;
import org.springframework.http.ContentDisposition;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.multipart.MultipartFile;
import org.syntagen.challenge.Phase;
import org.syntagen.challenge.scoring.Claim;
import org.syntagen.challenge.submission.Manifest;
import org.syntagen.dataset.InputException;
import org.syntagen.server.ServerFolder;
import org.syntagen.server.access.NotFoundException;
import org.syntagen.server.access.SignedIn;
import org.syntagen.server.store.FileStore;
import org.syntagen.server.team.Teams;

/** A team's submissions: committing, following, looking at what came of them. */
@Controller
class SubmissionPages {
  private final Commits commits;
  private final Submissions submissions;
  private final SubmissionProgress progress;
  private final Teams teams;
  private final ServerFolder folder;
  private final FileStore files;

  SubmissionPages(
      Commits commits,
      Submissions submissions,
      SubmissionProgress progress,
      Teams teams,
      ServerFolder folder,
      FileStore files) {
    this.commits = commits;
    this.submissions = submissions;
    this.progress = progress;
    this.teams = teams;
    this.folder = folder;
    this.files = files;
  }

  @GetMapping("/submissions")
  String all(@AuthenticationPrincipal SignedIn who, Model model) {
    model.addAttribute("team", teams.of(who).orElse(null));
    model.addAttribute(
        "submissions",
        who.isOfficial()
            ? submissions.all()
            : teams.of(who).map(submissions::of).orElse(List.of()));
    return "submissions";
  }

  @PostMapping("/submissions/dataset")
  String commitDataset(@AuthenticationPrincipal SignedIn who, @RequestParam MultipartFile manifest)
      throws IOException {
    String json = new String(manifest.getBytes(), StandardCharsets.UTF_8);
    Submission submission = commits.commit(who, Manifest.parse(json, Manifest.FILE));
    return "redirect:/submissions/" + submission.id();
  }

  @PostMapping("/submissions/test")
  String commitResult(
      @AuthenticationPrincipal SignedIn who,
      @RequestParam double miou,
      @RequestParam String code,
      @RequestParam Claim.Kind kind,
      @RequestParam String fileHash) {
    Claim claim;
    try {
      claim = new Claim(miou, code.strip(), kind, fileHash.strip());
    } catch (IllegalArgumentException e) {
      throw new InputException(e.getMessage(), e);
    }
    return "redirect:/submissions/" + commits.commit(who, claim).id();
  }

  @GetMapping("/submissions/{id}")
  String one(@AuthenticationPrincipal SignedIn who, @PathVariable UUID id, Model model) {
    Submission submission = submissions.seen(who, id);
    boolean dataset = submission.kind() == Phase.Kind.DATASET;
    model.addAttribute("submission", submission);
    model.addAttribute("timeline", submissions.timeline(submission));
    model.addAttribute("lastArrival", submissions.lastArrival(submission));
    model.addAttribute("ahead", submissions.ahead(submission));
    model.addAttribute("progress", progress.of(submission).orElse(null));
    model.addAttribute("file", submissions.hasFile(submission));
    if (dataset) {
      model.addAttribute("manifest", submissions.manifest(submission));
      model.addAttribute("receipt", submissions.receipt(submission).orElse(null));
      model.addAttribute("report", submissions.datasetReport(submission).orElse(null));
    } else {
      model.addAttribute("claim", submissions.claim(submission));
      model.addAttribute("score", submissions.scoreReport(submission).orElse(null));
    }
    return dataset ? "submission-dataset" : "submission-test";
  }

  @GetMapping("/submissions/{id}/gallery/{number}/{what}.png")
  ResponseEntity<Resource> picture(
      @AuthenticationPrincipal SignedIn who,
      @PathVariable UUID id,
      @PathVariable int number,
      @PathVariable Picture what) {
    Submission submission = submissions.seen(who, id);
    Path file = folder.gallery(submission.id()).resolve("%d-%s.png".formatted(number, what));
    return answer(
        Optional.<Resource>of(new FileSystemResource(file)).filter(Resource::exists),
        MediaType.IMAGE_PNG,
        "inline",
        file.getFileName().toString());
  }

  /** Which half of a pair. */
  enum Picture {
    image,
    mask
  }

  /** The file as the team sent it. */
  @GetMapping("/submissions/{id}/file")
  ResponseEntity<Resource> file(@AuthenticationPrincipal SignedIn who, @PathVariable UUID id) {
    Submission submission = submissions.seen(who, id);
    if (submission.arrived().isEmpty()) {
      throw new NotFoundException("not all of the file has come yet");
    }
    boolean checkpoint =
        submission.kind() == Phase.Kind.TEST
            && submissions.claim(submission).kind() == Claim.Kind.CHECKPOINT;
    return answer(
        files.find(submission.id()),
        MediaType.APPLICATION_OCTET_STREAM,
        "attachment",
        submission.id() + (checkpoint ? ".ckpt" : ".zip"));
  }

  private static ResponseEntity<Resource> answer(
      Optional<Resource> file, MediaType type, String disposition, String name) {
    return ResponseEntity.ok()
        .contentType(type)
        .header(
            HttpHeaders.CONTENT_DISPOSITION,
            ContentDisposition.builder(disposition).filename(name).build().toString())
        .body(file.orElseThrow(() -> new NotFoundException("there is no such file")));
  }
}
