package org.syntagen.cli;

import java.time.Duration;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/**
 * Shows how far long work is, on standard error: a bar with rate and time left on a terminal, a
 * plain line every few seconds elsewhere. Safe to call from several threads.
 */
final class Progress implements AutoCloseable {
  private static final long LINE_EVERY_NANOS = Duration.ofSeconds(15).toNanos();

  private final String task;
  private final long total;
  private final ProgressBar bar; // null when standard error is no terminal
  private final long start = System.nanoTime();
  private long lastLine = start;
  private long done;

  Progress(String task, long total) {
    this.task = task;
    this.total = total;
    this.bar =
        System.console() == null
            ? null
            : new ProgressBarBuilder()
                .setTaskName(task)
                .setInitialMax(total)
                .setStyle(ProgressBarStyle.ASCII)
                .showSpeed()
                .build();
  }

  /** One more unit is done. */
  synchronized void step() {
    at(done + 1, "");
  }

  /** So many units are done. */
  synchronized void at(long units, String note) {
    boolean ended = units == total && done != units;
    done = units;
    if (bar != null) {
      bar.stepTo(units);
      bar.setExtraMessage(note);
      return;
    }
    long now = System.nanoTime();
    if (now - lastLine >= LINE_EVERY_NANOS || ended) {
      lastLine = now;
      double seconds = (now - start) / 1e9;
      double left = units == 0 ? 0 : seconds / units * (total - units);
      System.err.printf(
          "%s: %d of %d, %.1f/s, %s left%s%n",
          task, units, total, units / seconds, clock(left), note.isEmpty() ? "" : ", " + note);
    }
  }

  /** Minutes and seconds. */
  static String clock(double seconds) {
    long whole = Math.round(seconds);
    return whole / 60 + ":" + "%02d".formatted(whole % 60);
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
    }
  }
}
