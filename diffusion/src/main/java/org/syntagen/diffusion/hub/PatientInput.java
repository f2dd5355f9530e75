package org.syntagen.diffusion.hub;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** A stream from the net that is closed when a single read waits too long. */
final class PatientInput extends FilterInputStream {
  private static final ScheduledThreadPoolExecutor CLOCK = clock();

  private final Duration patience;
  private volatile boolean closedHere;

  /** A view of a stream; closing it closes the stream. */
  PatientInput(InputStream in, Duration patience) {
    super(in);
    this.patience = patience;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    Future<?> alarm = CLOCK.schedule(this::giveUp, patience.toNanos(), TimeUnit.NANOSECONDS);
    try {
      return in.read(bytes, offset, length);
    } catch (IOException e) {
      throw closedHere ? new IOException("nothing arrived for " + patience.toSeconds() + " s") : e;
    } finally {
      alarm.cancel(false);
    }
  }

  private void giveUp() {
    closedHere = true;
    try {
      in.close();
    } catch (IOException e) {
      // The reader gets an exception of its own.
    }
  }

  private static ScheduledThreadPoolExecutor clock() {
    ScheduledThreadPoolExecutor clock =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              Thread thread = new Thread(task, "hub-patience");
              thread.setDaemon(true);
              return thread;
            });
    clock.setRemoveOnCancelPolicy(true);
    return clock;
  }
}
