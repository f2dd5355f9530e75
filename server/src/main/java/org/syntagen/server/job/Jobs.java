package org.syntagen.server.job;

import com.github.kagkarlsson.scheduler.Scheduler;
import com.github.kagkarlsson.scheduler.task.FailureHandler;
import com.github.kagkarlsson.scheduler.task.helper.OneTimeTask;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import java.util.function.Consumer;
import javax.sql.DataSource;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.SmartLifecycle;
import org.springframework.jdbc.datasource.TransactionAwareDataSourceProxy;
import org.springframework.stereotype.Component;

/**
 * The queue, in the database: jobs are leased, and one whose heartbeat has stopped is begun again.
 * {@link SubmissionJob} and {@link ReplicationJob} bound how often.
 */
@Component
public class Jobs implements SmartLifecycle {
  private static final Duration POLLING = Duration.ofSeconds(1);
  private static final int MISSED_HEARTBEATS = 4;
  private static final Duration FIRST_RETRY = Duration.ofSeconds(10);
  private static final int AT_A_TIME = 1; // a job uses all cores

  private final OneTimeTask<Void> submissions;
  private final OneTimeTask<Void> replications;
  private final Scheduler scheduler;
  private boolean running;

  /**
   * @param heartbeat how often a job shows that it lives
   */
  Jobs(
      DataSource database,
      SubmissionJob submission,
      ReplicationJob replication,
      @Value("${syntagen.heartbeat}") Duration heartbeat) {
    this.submissions = task("submission", submission::run);
    this.replications = task("replication", replication::run);
    this.scheduler =
        Scheduler.create(new TransactionAwareDataSourceProxy(database), submissions, replications)
            .threads(AT_A_TIME)
            .executorService(JobThread.pool())
            .pollingInterval(POLLING)
            .heartbeatInterval(heartbeat)
            .missedHeartbeatsLimit(MISSED_HEARTBEATS)
            .build();
  }

  private static OneTimeTask<Void> task(String name, Consumer<UUID> job) {
    return Tasks.oneTime(name)
        .onFailure(new FailureHandler.ExponentialBackoffFailureHandler<>(FIRST_RETRY))
        .onDeadExecutionRevive()
        .execute((instance, context) -> job.accept(UUID.fromString(instance.getId())));
  }

  /** Has a submission looked at, if the transaction goes through. */
  public void schedule(UUID submission) {
    scheduler.scheduleIfNotExists(submissions.instance(submission.toString()), Instant.now());
  }

  /** Has a dataset's samples made again, if the transaction goes through. */
  public void scheduleReplication(UUID rerun) {
    scheduler.scheduleIfNotExists(replications.instance(rerun.toString()), Instant.now());
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
