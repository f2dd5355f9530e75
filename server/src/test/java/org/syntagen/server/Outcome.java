package org.syntagen.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.syntagen.challenge.Phase;
import org.syntagen.challenge.audit.AuditEntry;
import org.syntagen.challenge.audit.AuditLog;
import org.syntagen.server.replication.Rerun;
import org.syntagen.server.replication.Reruns;
import org.syntagen.server.submission.Event;
import org.syntagen.server.submission.Reason;
import org.syntagen.server.submission.State;
import org.syntagen.server.submission.Submission;
import org.syntagen.server.submission.Submissions;

/** What a server holds after a {@link Contest}, beside what it has said to people and programs. */
final class Outcome {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** What may happen to a submission more than once. */
  private static final Set<Reason> REPEATABLE =
      Set.of(
          Reason.STARTED,
          Reason.RETRYING,
          Reason.PLATFORM_FAULT,
          Reason.REPLICATING,
          Reason.VERDICT);

  private final Server server;
  private final Path folder;
  private final Contest contest;
  private final Submissions submissions;
  private final Reruns reruns;
  private final List<Submission> all;

  Outcome(Server server, Path folder, Contest contest) {
    this.server = server;
    this.folder = folder;
    this.contest = contest;
    this.submissions = server.part(Submissions.class);
    this.reruns = server.part(Reruns.class);
    awaitNoJobs();
    this.all = submissions.all();
  }

  private void awaitNoJobs() {
    Instant end = Instant.now().plus(PATIENCE);
    while (count("scheduled_tasks") > 0) {
      assertThat(Instant.now()).as("jobs are stuck").isBefore(end);
      LockSupport.parkNanos(50_000_000);
    }
  }

  private int count(String table) {
    return server
        .part(JdbcClient.class)
        .sql("select count(*) from " + table)
        .query(Integer.class)
        .single();
  }

  URI address() {
    return URI.create("http://127.0.0.1:" + server.port());
  }

  void requireNothingLostDoubledOrStuck(List<Competitor> competitors) throws IOException {
    assertThat(all)
        .extracting(each -> each.id().toString())
        .containsExactlyInAnyOrderElementsOf(contest.committed.keySet());
    all.forEach(this::requireDecidedOnce);
    int verdicts = contest.verdicts.get();
    for (Competitor each : competitors) {
      verdicts += requireMadeAgain(each);
    }
    assertThat(count("verification")).isEqualTo(verdicts);
    assertThat(count("disqualification")).isEqualTo(1);
    requireFolderHoldsNothingElse();
  }

  private void requireDecidedOnce(Submission submission) {
    Competitor.Handin handin = contest.committed.get(submission.id().toString());
    assertThat(
            submissions.timeline(submission).stream()
                .map(Event::reason)
                .filter(reason -> !REPEATABLE.contains(reason)))
        .as(submission.toString())
        .containsExactlyElementsOf(
            handin.end() == Reason.COMMITTED
                ? List.of(Reason.COMMITTED)
                : List.of(Reason.COMMITTED, Reason.UPLOADED, handin.end()));
    assertThat(submission.state())
        .isEqualTo(
            switch (handin.end()) {
              case COMMITTED -> State.AWAITING_UPLOAD;
              case ACCEPTED -> State.ACCEPTED;
              default -> State.REJECTED;
            });
    assertThat(submission.miou().isPresent()).isEqualTo(handin.miou().isPresent());
    handin
        .miou()
        .ifPresent(
            miou -> assertThat(submission.miou().get()).isCloseTo(miou, Offset.offset(1e-9)));
    assertThat(times(submission, Reason.PLATFORM_FAULT))
        .as("every failure is followed by another try")
        .isEqualTo(times(submission, Reason.RETRYING));
  }

  private long times(Submission submission, Reason reason) {
    return submissions.timeline(submission).stream()
        .filter(event -> event.reason() == reason)
        .count();
  }

  /** What is to be made again was, once; returns how many verdicts came out. */
  private int requireMadeAgain(Competitor competitor) {
    Submission entry = entry(competitor);
    List<Rerun> made = reruns.of(entry);
    assertThat(made)
        .extracting(Rerun::publicSeed)
        .containsExactlyInAnyOrderElementsOf(contest.seeds.get(competitor.team()));
    List<Rerun> done = made.stream().filter(each -> each.state() == Rerun.State.DONE).toList();
    assertThat(done).extracting(each -> each.verdict().get()).containsOnly(competitor.verdict());
    assertThat(made)
        .as("only what the server was killed over too often may fail")
        .allMatch(each -> each.state() == Rerun.State.DONE || each.attempts() > 3);
    long byHand = times(entry, Reason.VERDICT) - done.size();
    assertThat(byHand)
        .isEqualTo(competitor.team().equals("Elsewhere") ? contest.verdicts.get() : 0);
    return done.size();
  }

  private Submission entry(Competitor competitor) {
    return submissions
        .competing(
            all.stream()
                .map(Submission::team)
                .filter(team -> team.name().equals(competitor.team()))
                .findFirst()
                .orElseThrow())
        .orElseThrow();
  }

  private void requireFolderHoldsNothingElse() throws IOException {
    assertThat(names("uploads")).isEqualTo(ids(all.stream().filter(Outcome::isAccepted)));
    assertThat(names("galleries"))
        .isEqualTo(
            ids(
                all.stream()
                    .filter(each -> isAccepted(each) && each.kind() == Phase.Kind.DATASET)));
    Set<String> evidence =
        all.stream()
            .flatMap(each -> reruns.of(each).stream())
            .filter(each -> each.state() == Rerun.State.DONE)
            .map(each -> each.id().toString())
            .collect(Collectors.toSet());
    assertThat(names("evidence")).containsAll(evidence);
    assertThat(count("upload"))
        .as("no room is kept for files that can come no more")
        .isEqualTo((int) all.stream().filter(each -> each.arrived().isPresent()).count());
  }

  private static boolean isAccepted(Submission submission) {
    return submission.state() == State.ACCEPTED;
  }

  private static Set<String> ids(Stream<Submission> submissions) {
    return submissions.map(each -> each.id().toString()).collect(Collectors.toSet());
  }

  private Set<String> names(String part) throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve(part))) {
      return files.map(file -> file.getFileName().toString()).collect(Collectors.toSet());
    }
  }

  /** The exported log is a whole chain in which all that decides is told once. */
  void requireWholeAuditLog(String organiserPassword, Path log) throws IOException {
    Browser organiser = Browser.at(address()).signIn("organiser@localhost", organiserPassword);
    Files.write(log, organiser.getBytes("/organiser/audit.jsonl").body());
    assertThat(AuditLog.verify(log).broken()).isEmpty();
    List<AuditEntry> entries =
        Files.readAllLines(log).stream().map(line -> AuditEntry.parse(line, "log")).toList();

    assertThat(details(entries, "submission", "commit dataset", "commit result"))
        .containsExactlyInAnyOrderElementsOf(contest.committed.keySet());
    List<String> decided = new ArrayList<>(details(entries, "submission", "decide"));
    // A failure is no decision: an organiser has it begun again.
    details(entries, "submission", "retry").forEach(decided::remove);
    assertThat(decided)
        .containsExactlyInAnyOrderElementsOf(
            ids(all.stream().filter(each -> each.arrived().isPresent())));
    assertThat(details(entries, "rerun", "replicate"))
        .hasSize(contest.seeds.values().stream().mapToInt(Collection::size).sum())
        .doesNotHaveDuplicates();
    assertThat(details(entries, "verdict", "verify")).hasSize(count("verification"));
    assertThat(details(entries, "team", "propose disqualification"))
        .hasSize(contest.withdrawn.get() + 1);
    assertThat(details(entries, "team", "withdraw disqualification"))
        .hasSize(contest.withdrawn.get());
    assertThat(details(entries, "team", "disqualify")).containsExactly("Cheat");
    assertThat(details(entries, "team", "found team")).doesNotHaveDuplicates();
    assertThat(details(entries, "name", "register")).doesNotHaveDuplicates();
  }

  private static List<String> details(List<AuditEntry> entries, String detail, String... actions) {
    Set<String> wanted = new HashSet<>(List.of(actions));
    return entries.stream()
        .filter(entry -> wanted.contains(entry.action()))
        .map(entry -> entry.details().get(detail).toString())
        .toList();
  }

  /** How much there was to do, in words. */
  String figures() {
    long begun = all.stream().mapToLong(each -> times(each, Reason.STARTED)).sum();
    long faults = all.stream().mapToLong(each -> times(each, Reason.PLATFORM_FAULT)).sum();
    long decided = all.stream().filter(each -> each.arrived().isPresent()).count();
    List<Rerun> made = all.stream().flatMap(each -> reruns.of(each).stream()).toList();
    int attempts = made.stream().mapToInt(Rerun::attempts).sum();
    return "%d submissions with %d jobs begun, %d given up; %d replications with %d"
        .formatted(decided, begun, faults, made.size(), attempts);
  }
}
