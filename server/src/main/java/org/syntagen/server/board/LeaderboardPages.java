package org.syntagen.server.board;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.UUID;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.syntagen.challenge.ranking.Board;
import org.syntagen.challenge.ranking.Entry;
import org.syntagen.server.access.NotFoundException;

/** The three boards, for people and for spreadsheets. */
@Controller
class LeaderboardPages {
  /** The board that is shown unless another is asked for. */
  static final String DEFAULT = "RECOMPUTED";

  private final Entries entries;
  private final BoardTable table;

  LeaderboardPages(Entries entries, BoardTable table) {
    this.entries = entries;
    this.table = table;
  }

  @GetMapping("/leaderboard")
  String leaderboard(@RequestParam(defaultValue = DEFAULT) Board board, Model model) {
    model.addAttribute("board", board);
    model.addAttribute("boards", Board.values());
    model.addAttribute("table", table.html(board));
    return "leaderboard";
  }

  /** A team's scores so far. */
  @GetMapping("/leaderboard/{team}")
  String history(@PathVariable UUID team, Model model) {
    Entries.Standing standing = entries.byTeam().get(team);
    if (standing == null) {
      throw new NotFoundException("there is no such team on the leaderboard");
    }
    model.addAttribute("standing", standing);
    return "leaderboard-team";
  }

  /** Team names start with a letter or digit and hold no comma, so no cell is a formula. */
  @GetMapping("/leaderboard.csv")
  ResponseEntity<byte[]> csv(@RequestParam(defaultValue = DEFAULT) Board board) {
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
