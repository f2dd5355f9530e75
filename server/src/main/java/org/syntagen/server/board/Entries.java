package org.syntagen.server.board;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;
import org.syntagen.challenge.Competition;
import org.syntagen.challenge.Phase;
import org.syntagen.challenge.ranking.Disqualification;
import org.syntagen.challenge.ranking.Entry;
import org.syntagen.challenge.submission.Commitment;
import org.syntagen.server.decision.Decisions;
import org.syntagen.server.submission.State;
import org.syntagen.server.submission.Submission;
import org.syntagen.server.submission.Submissions;
import org.syntagen.server.team.Team;

/** The teams' entries as far as they have come. */
@Component
public class Entries {
  private final Competition competition;
  private final Submissions submissions;
  private final Decisions decisions;

  Entries(Competition competition, Submissions submissions, Decisions decisions) {
    this.competition = competition;
    this.submissions = submissions;
    this.decisions = decisions;
  }

  /**
   * A team's entry with what it came from.
   *
   * @param dataset that counts
   * @param scores accepted predictions, oldest first; the last counts
   */
  public record Standing(Team team, Entry entry, Submission dataset, List<Submission> scores) {
    /** The predictions that count. */
    public Optional<Submission> predictions() {
      return scores.isEmpty() ? Optional.empty() : Optional.of(scores.get(scores.size() - 1));
    }
  }

  /** All teams with a dataset that was accepted and in time, by team. */
  @Transactional(readOnly = true)
  public Map<UUID, Standing> byTeam() {
    Map<UUID, List<Submission>> accepted =
        submissions.all().stream()
            .filter(each -> each.state() == State.ACCEPTED)
            .collect(Collectors.groupingBy(each -> each.team().id()));
    Map<UUID, Decisions.Verification> verdicts = decisions.verdicts();
    Map<UUID, Disqualification> out = decisions.disqualifications();
    return accepted.values().stream()
        .map(of -> standing(of, verdicts, out))
        .flatMap(Optional::stream)
        .collect(Collectors.toMap(standing -> standing.team().id(), Function.identity()));
  }

  /** The entries of all standings. */
  public static List<Entry> of(Collection<Standing> standings) {
    return standings.stream().map(Standing::entry).toList();
  }

  private Optional<Standing> standing(
      List<Submission> accepted,
      Map<UUID, Decisions.Verification> verdicts,
      Map<UUID, Disqualification> out) {
    return dataset(accepted)
        .map(
            dataset -> {
              Team team = dataset.team();
              List<Submission> scores = scores(accepted, dataset);
              Optional<Submission> last = scores.stream().reduce((first, second) -> second);
              Entry entry =
                  new Entry(
                      team.name(),
                      dataset.committed(),
                      last.flatMap(Submission::claimed),
                      last.flatMap(Submission::miou),
                      Optional.ofNullable(verdicts.get(dataset.id()))
                          .map(Decisions.Verification::verdict),
                      Optional.ofNullable(out.get(team.id())));
              return new Standing(team, entry, dataset, scores);
            });
  }

  private Optional<Submission> dataset(List<Submission> accepted) {
    Map<String, Submission> datasets =
        accepted.stream()
            .filter(each -> each.kind() == Phase.Kind.DATASET)
            .collect(Collectors.toMap(each -> each.id().toString(), Function.identity()));
    return Commitment.counting(
            datasets.values().stream().map(Submission::commitment).toList(),
            competition.phase(Phase.Kind.DATASET).orElseThrow(),
            competition.limits().uploadGrace())
        .values()
        .stream()
        .map(commitment -> datasets.get(commitment.manifest()))
        .findFirst();
  }

  private List<Submission> scores(List<Submission> accepted, Submission dataset) {
    Phase test = competition.phase(Phase.Kind.TEST).orElseThrow();
    return accepted.stream()
        .filter(each -> each.kind() == Phase.Kind.TEST)
        .filter(each -> each.commitment().inTime(test, competition.limits().uploadGrace()))
        .filter(each -> isOfNetwork(each, dataset))
        .sorted(Comparator.comparing(Submission::committed))
        .toList();
  }

  /** A checkpoint may have been committed to with another dataset, which did not come to count. */
  private boolean isOfNetwork(Submission score, Submission dataset) {
    return score
        .network()
        .map(network -> submissions.manifest(dataset).otherNetwork(network).isEmpty())
        .orElse(true);
  }
}
