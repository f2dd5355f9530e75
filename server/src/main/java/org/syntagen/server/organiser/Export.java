package org.syntagen.server.organiser;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;
import org.syntagen.challenge.Documents;
import org.syntagen.challenge.Phase;
import org.syntagen.challenge.ranking.Board;
import org.syntagen.challenge.submission.ReproducibleZip;
import org.syntagen.server.ServerFolder;
import org.syntagen.server.audit.Audit;
import org.syntagen.server.board.Entries;
import org.syntagen.server.submission.Submission;
import org.syntagen.server.submission.Submissions;
import org.syntagen.server.team.Team;
import org.syntagen.server.team.Teams;

/** The competition as files: everything but passwords, tokens, keys and the teams' archives. */
@Component
class Export {
  private final ServerFolder folder;
  private final Teams teams;
  private final Submissions submissions;
  private final Entries entries;
  private final Audit audit;

  Export(ServerFolder folder, Teams teams, Submissions submissions, Entries entries, Audit audit) {
    this.folder = folder;
    this.teams = teams;
    this.submissions = submissions;
    this.entries = entries;
    this.audit = audit;
  }

  /** The audit log, as {@code syntagen audit} reads it. */
  void audit(OutputStream out) {
    audit.lines(
        line -> {
          try {
            out.write((line + "\n").getBytes(StandardCharsets.UTF_8));
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }

  /** A zip of all. */
  @Transactional(readOnly = true)
  public void everything(OutputStream out) throws IOException {
    ReproducibleZip zip = new ReproducibleZip(out);
    zip.add("competition.yaml", Files.readString(folder.competition()));
    zip.add("teams.json", json(teams.all().stream().map(this::team).toList()));
    zip.add("submissions.json", json(submissions.all().stream().map(this::submission).toList()));
    zip.add("boards.json", json(boards()));
    List<String> lines = new ArrayList<>();
    audit.lines(lines::add);
    zip.add("audit.jsonl", String.join("\n", lines) + "\n");
    zip.finish();
  }

  private Map<String, Object> team(Team team) {
    return Map.of(
        "name", team.name(),
        "created", team.created().toString(),
        "members", teams.members(team));
  }

  private Map<String, Object> submission(Submission submission) {
    Map<String, Object> fields = new TreeMap<>();
    fields.put("id", submission.id().toString());
    fields.put("team", submission.team().name());
    fields.put("kind", submission.kind().name());
    fields.put("committed", submission.committed().toString());
    fields.put("state", submission.state().name());
    submission.arrived().ifPresent(at -> fields.put("arrived", at.toString()));
    submission.miou().ifPresent(miou -> fields.put("miou", miou));
    if (submission.kind() == Phase.Kind.DATASET) {
      fields.put("manifest", submissions.manifest(submission));
      submissions.receipt(submission).ifPresent(receipt -> fields.put("receipt", receipt));
    } else {
      fields.put("claim", submissions.claim(submission));
    }
    fields.put(
        "timeline",
        submissions.timeline(submission).stream()
            .map(
                event ->
                    Map.of(
                        "time", event.time().toString(),
                        "reason", event.reason().name(),
                        "message", event.message()))
            .toList());
    return fields;
  }

  private Map<String, Object> boards() {
    var standings = entries.byTeam().values();
    Map<String, Object> boards = new TreeMap<>();
    for (Board board : Board.values()) {
      boards.put(
          board.name(),
          board.of(Entries.of(standings)).stream()
              .map(
                  row ->
                      Map.of(
                          "rank", row.rank(),
                          "team", row.entry().team(),
                          "miou", row.score()))
              .toList());
    }
    return boards;
  }

  private static String json(Object document) {
    return Documents.toCanonicalJson(document) + "\n";
  }
}
