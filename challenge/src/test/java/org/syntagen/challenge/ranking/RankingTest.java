package org.syntagen.challenge.ranking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.tuple;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.syntagen.challenge.CompetitionFile;
import org.syntagen.challenge.verification.Verdict;

class RankingTest {
  private static final Clock CLOCK =
      Clock.fixed(Instant.parse("2024-06-10T12:00:00Z"), ZoneOffset.UTC);
  private static final Instant COMMITTED = Instant.parse("2024-05-24T12:00:00Z");
  private static final int WANTED = CompetitionFile.example().winners();

  private static Entry entry(String team, double score) {
    return new Entry(
        team,
        COMMITTED,
        Optional.of(score),
        Optional.of(score),
        Optional.empty(),
        Optional.empty());
  }

  private static Entry with(Entry entry, Verdict verdict) {
    return new Entry(
        entry.team(),
        entry.committed(),
        entry.claimed(),
        entry.recomputed(),
        Optional.of(verdict),
        entry.disqualification());
  }

  private static Entry with(Entry entry, Disqualification disqualification) {
    return new Entry(
        entry.team(),
        entry.committed(),
        entry.claimed(),
        entry.recomputed(),
        entry.verdict(),
        Optional.of(disqualification));
  }

  private static Entry at(Entry entry, long seconds) {
    return new Entry(
        entry.team(),
        COMMITTED.plusSeconds(seconds),
        entry.claimed(),
        entry.recomputed(),
        entry.verdict(),
        entry.disqualification());
  }

  /** The published results: 51.03 was not eligible, 47.36 came first, 46.25 next. */
  @Test
  void theResultsOf2024ComeOut() {
    Entry bear = entry("Teddy Bear", 51.03);
    Entry hnu = entry("HNU-VPAI", 47.36);
    Entry coffee = entry("Hot Coffee", 46.25);
    assertThat(teams(Board.RECOMPUTED, coffee, bear, hnu))
        .containsExactly("Teddy Bear", "HNU-VPAI", "Hot Coffee");
    assertThat(teams(Board.VERIFIED, coffee, bear, hnu)).isEmpty();
    assertThat(Awards.of(List.of(bear, hnu, coffee), WANTED).undecided())
        .containsExactly(bear, hnu);

    Entry verified = with(hnu, Verdict.WITHIN_TOLERANCE);
    Awards waiting = Awards.of(List.of(bear, verified, coffee), WANTED);
    assertThat(waiting.winners()).as("nobody wins before the first is decided").isEmpty();
    assertThat(waiting.undecided()).containsExactly(bear);

    Disqualification proposal =
        Disqualification.propose("not eligible", List.of("report.md"), "anna", CLOCK);
    assertThat(Awards.of(List.of(with(bear, proposal), verified, coffee), WANTED).undecided())
        .as("a proposal alone changes nothing")
        .extracting(Entry::team)
        .containsExactly("Teddy Bear");

    Entry out = with(bear, proposal.signOff("otto", CLOCK));
    Awards next = Awards.of(List.of(out, verified, coffee), WANTED);
    assertThat(next.winners()).containsExactly(verified);
    assertThat(next.undecided()).containsExactly(coffee);
    assertThat(teams(Board.RECOMPUTED, out, verified, coffee))
        .containsExactly("HNU-VPAI", "Hot Coffee");

    Entry second = with(coffee, Verdict.EXACT);
    Awards settled = Awards.of(List.of(out, verified, second), WANTED);
    assertThat(settled.winners()).containsExactly(verified, second);
    assertThat(settled.undecided()).isEmpty();
    assertThat(Board.VERIFIED.of(List.of(second, out, verified)))
        .extracting(Board.Row::rank, row -> row.entry().team(), Board.Row::score)
        .containsExactly(tuple(1, "HNU-VPAI", 47.36), tuple(2, "Hot Coffee", 46.25));
  }

  @ParameterizedTest
  @EnumSource(
      value = Verdict.class,
      names = {"MISMATCH", "NOT_RUNNABLE", "RULE_VIOLATION"})
  void whatFailedIsOnNoBoardAndTheNextMovesUp(Verdict verdict) {
    Entry failed = with(entry("a", 60), verdict);
    Entry good = with(entry("b", 50), Verdict.EXACT);
    for (Board board : Board.values()) {
      assertThat(teams(board, failed, good)).containsExactly("b");
    }
    assertThat(Awards.of(List.of(failed, good), 1).winners()).containsExactly(good);
    assertThat(failed.out()).contains("verification: " + verdict);
  }

  @Test
  void aClaimRanksOnTheProvisionalBoardAlone() {
    Entry claim =
        new Entry(
            "a",
            COMMITTED,
            Optional.of(99.9),
            Optional.empty(),
            Optional.of(Verdict.EXACT),
            Optional.empty());
    assertThat(teams(Board.PROVISIONAL, claim, entry("b", 50))).containsExactly("a", "b");
    assertThat(teams(Board.RECOMPUTED, claim, entry("b", 50))).containsExactly("b");
    assertThat(teams(Board.VERIFIED, claim)).isEmpty();
    assertThat(Awards.of(List.of(claim), 1)).isEqualTo(new Awards(List.of(), List.of()));
  }

  @Test
  void ofEqualScoresTheEarlierCommitComesFirstInWhateverOrderTheyAreGiven() {
    List<Entry> entries = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      entries.add(at(entry("team " + i, 40 + i / 4), -i));
    }
    Random random = new Random(1);
    for (int run = 0; run < 20; run++) {
      Collections.shuffle(entries, random);
      assertThat(teams(Board.RECOMPUTED, entries.toArray(Entry[]::new)))
          .containsExactly(
              "team 7", "team 6", "team 5", "team 4", "team 3", "team 2", "team 1", "team 0");
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY, -0.1, 100.1})
  void whatIsNoPercentageIsNoScore(double score) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> entry("a", score))
        .withMessageContaining("expected 0 to 100");
  }

  @Test
  void aDisqualificationNeedsAReasonEvidenceAndTwoOrganisers() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Disqualification.propose(" ", List.of("x"), "anna", CLOCK));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Disqualification.propose("reason", List.of(), "anna", CLOCK));
    Disqualification proposal = Disqualification.propose("reason", List.of("x"), "anna", CLOCK);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> proposal.signOff("anna", CLOCK))
        .withMessageContaining("another organiser must sign it off");
    Disqualification done = proposal.signOff("otto", CLOCK);
    assertThat(done.inForce()).isTrue();
    assertThatIllegalStateException().isThrownBy(() -> done.signOff("eva", CLOCK));
  }

  private static List<String> teams(Board board, Entry... entries) {
    return board.of(List.of(entries)).stream().map(row -> row.entry().team()).toList();
  }
}
