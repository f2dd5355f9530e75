package org.syntagen.server.job;

import com.github.kagkarlsson.scheduler.Scheduler;
import com.github.kagkarlsson.scheduler.task.FailureHandler;
import com.github.kagkarlsson.scheduler.task.helper.OneTimeTask;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import javax.sql.DataSource;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.SmartLifecycle;
import org.springframework.jdbc.datasource.TransactionAwareDataSourceProxy;
import org.springframework.stereotype.Component;

/**
 * The queue, in the database: jobs are leased, and one whose heartbeat has stopped is begun again.
 * {@link SubmissionJob} bounds how often.
 */
@Component
public class Jobs implements SmartLifecycle {
  private static final Duration POLLING = Duration.ofSeconds(1);
  private static final int MISSED_HEARTBEATS = 4;
  private static final Duration FIRST_RETRY = Duration.ofSeconds(10);
  private static final int THREADS = 1; // a job uses all cores

  private final OneTimeTask<Void> task;
  private final Scheduler scheduler;
  private boolean running;

  /**
   * @param heartbeat how often a job shows that it lives
   */
  Jobs(DataSource database, SubmissionJob job, @Value("${syntagen.heartbeat}") Duration heartbeat) {
    this.task =
        Tasks.oneTime("submission")
            .onFailure(new FailureHandler.ExponentialBackoffFailureHandler<>(FIRST_RETRY))
            .onDeadExecutionRevive()
            .execute((instance, context) -> job.run(UUID.fromString(instance.getId())));
    this.scheduler =
        Scheduler.create(new TransactionAwareDataSourceProxy(database), task)
            .threads(THREADS)
            .pollingInterval(POLLING)
            .heartbeatInterval(heartbeat)
            .missedHeartbeatsLimit(MISSED_HEARTBEATS)
            .build();
  }

  /** Has a submission looked at, if the transaction goes through. */
  public void schedule(UUID submission) {
    scheduler.scheduleIfNotExists(task.instance(submission.toString()), Instant.now());
  }

  @Override
  public void start() {
    scheduler.start();
    running = true;
  }

  @Override
  public void stop() {
    scheduler.stop();
    running = false;
  }

  @Override
  public boolean isRunning() {
    return running;
  }
}
