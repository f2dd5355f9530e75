package org.syntagen.server.submission;

import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.stereotype.Component;

/** How far the job of a submission is that runs right now. */
@Component
public class SubmissionProgress {
  private final Map<UUID, Progress> running = new ConcurrentHashMap<>();

  /** So many of so many pairs are looked at. */
  public record Progress(int done, int total) {}

  /** Keeps how far a job is. */
  public void set(Submission submission, int done, int total) {
    running.put(submission.id(), new Progress(done, total));
  }

  /** The job has ended. */
  public void end(Submission submission) {
    running.remove(submission.id());
  }

  /** How far the job of a submission is, if it runs. */
  public Optional<Progress> of(Submission submission) {
    return Optional.ofNullable(running.get(submission.id()));
  }
}
