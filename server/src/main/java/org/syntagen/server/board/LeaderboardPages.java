package org.syntagen.server.board;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.syntagen.challenge.ranking.Board;
import org.syntagen.challenge.ranking.Entry;

/** The three boards, for people and for spreadsheets. */
@Controller
class LeaderboardPages {
  private final Entries entries;

  LeaderboardPages(Entries entries) {
    this.entries = entries;
  }

  @GetMapping("/leaderboard")
  String leaderboard(@RequestParam(defaultValue = "RECOMPUTED") Board board, Model model) {
    List<Entries.Standing> standings = List.copyOf(entries.byTeam().values());
    Map<String, Entries.Standing> byName =
        standings.stream()
            .collect(Collectors.toMap(standing -> standing.entry().team(), Function.identity()));
    model.addAttribute("board", board);
    model.addAttribute("boards", Board.values());
    model.addAttribute("rows", board.of(Entries.of(standings)));
    model.addAttribute("standings", byName);
    model.addAttribute(
        "out",
        standings.stream()
            .map(Entries.Standing::entry)
            .filter(entry -> entry.out().isPresent())
            .toList());
    return "leaderboard";
  }

  /** Team names start with a letter or digit and hold no comma, so no cell is a formula. */
  @GetMapping("/leaderboard.csv")
  ResponseEntity<byte[]> csv(@RequestParam(defaultValue = "RECOMPUTED") Board board) {
    StringBuilder csv = new StringBuilder("rank,team,miou,committed,verdict\n");
    for (Board.Row row : board.of(Entries.of(entries.byTeam().values()))) {
      Entry entry = row.entry();
      csv.append(
          String.format(
              Locale.ROOT,
              "%d,%s,%s,%s,%s%n",
              row.rank(),
              entry.team(),
              row.score(),
              entry.committed(),
              entry.verdict().map(Enum::name).orElse("")));
    }
    return ResponseEntity.ok()
        .contentType(new MediaType("text", "csv", StandardCharsets.UTF_8))
        .body(csv.toString().getBytes(StandardCharsets.UTF_8));
  }
}
