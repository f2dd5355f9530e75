package org.syntagen.server.board;

import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.springframework.stereotype.Component;
import org.syntagen.challenge.ranking.Board;
import org.syntagen.challenge.verification.Verdict;
import org.syntagen.server.audit.Audit;
import org.syntagen.server.page.Times;
import org.thymeleaf.ITemplateEngine;
import org.thymeleaf.context.Context;

/**
 * The boards as HTML. Many look at them, and they change only by what is written into the audit
 * log, so each is rendered once after each entry.
 */
@Component
class BoardTable {
  /** A board as of an entry of the audit log. */
  record Rendered(int lastEntry, String html) {}

  /** A row as people read it. */
  record Row(
      int rank,
      UUID id,
      String team,
      String score,
      Instant committed,
      String local,
      String verdict) {}

  private final Entries entries;
  private final Audit audit;
  private final Times times;
  private final ITemplateEngine templates;
  private final Map<Board, Rendered> rendered = new ConcurrentHashMap<>();

  BoardTable(Entries entries, Audit audit, Times times, ITemplateEngine templates) {
    this.entries = entries;
    this.audit = audit;
    this.times = times;
    this.templates = templates;
  }

  /** The table of a board, with those who are out of it. */
  String html(Board board) {
    int number = audit.lastNumber();
    Rendered known = rendered.get(board);
    if (known == null || known.lastEntry != number) {
      known =
          rendered.compute(
              board,
              (same, other) ->
                  other != null && other.lastEntry >= number
                      ? other
                      : new Rendered(number, render(board)));
    }
    return known.html;
  }

  private String render(Board board) {
    List<Entries.Standing> standings = List.copyOf(entries.byTeam().values());
    Map<String, UUID> ids =
        standings.stream()
            .collect(Collectors.toMap(each -> each.entry().team(), each -> each.team().id()));
    Function<Board.Row, Row> row =
        each ->
            new Row(
                each.rank(),
                ids.get(each.entry().team()),
                each.entry().team(),
                String.format(Locale.ROOT, "%.2f", each.score()),
                each.entry().committed(),
                times.local(each.entry().committed()),
                each.entry().verdict().map(Verdict::name).orElse(""));
    Context context = new Context(Locale.ENGLISH);
    context.setVariable("board", board);
    context.setVariable("rows", board.of(Entries.of(standings)).stream().map(row).toList());
    context.setVariable(
        "out",
        standings.stream()
            .map(Entries.Standing::entry)
            .filter(entry -> entry.out().isPresent())
            .toList());
    return templates.process("leaderboard-table", context);
  }
}
