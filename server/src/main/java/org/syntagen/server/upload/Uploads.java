package org.syntagen.server.upload;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;
import org.springframework.util.unit.DataSize;
import org.syntagen.challenge.Competition;
import org.syntagen.dataset.InputException;
import org.syntagen.dataset.StorageException;
import org.syntagen.server.ServerFolder;
import org.syntagen.server.access.NotFoundException;
import org.syntagen.server.access.RefusedException;
import org.syntagen.server.access.SignedIn;
import org.syntagen.server.database.Sql;
import org.syntagen.server.job.Jobs;
import org.syntagen.server.submission.State;
import org.syntagen.server.submission.Submission;
import org.syntagen.server.submission.Submissions;

/** The files of submissions, as far as they have come. */
@Component
class Uploads {
  private static final Logger LOG = LoggerFactory.getLogger(Uploads.class);

  private final JdbcClient db;
  private final TransactionTemplate transaction;
  private final Competition competition;
  private final ServerFolder folder;
  private final Submissions submissions;
  private final Jobs jobs;
  private final Clock clock;
  private final DataSize reserve;
  private final Set<UUID> growing = ConcurrentHashMap.newKeySet();

  /**
   * @param reserve bytes that stay free on the disk
   */
  Uploads(
      JdbcClient db,
      TransactionTemplate transaction,
      Competition competition,
      ServerFolder folder,
      Submissions submissions,
      Jobs jobs,
      Clock clock,
      @Value("${syntagen.disk-reserve}") DataSize reserve) {
    this.db = db;
    this.transaction = transaction;
    this.competition = competition;
    this.folder = folder;
    this.submissions = submissions;
    this.jobs = jobs;
    this.clock = clock;
    this.reserve = reserve;
  }

  /** The most bytes of a file. */
  long most() {
    return competition.limits().maxUploadBytes();
  }

  /**
   * Begins with the file of a submission; one of the same length that is coming already is gone on
   * with, and one that is whole stays so: who sent it may not have heard of that.
   *
   * @throws InputException if no file of this length is allowed
   * @throws RefusedException if another file has come already, it is too late, or there is no room
   * @throws BusyException if a part of a file of another length is just coming
   */
  Upload begin(SignedIn who, UUID submission, long length) {
    if (length < 1 || length > most()) {
      throw new InputException("the file has %d bytes; expected 1 to %d".formatted(length, most()));
    }
    Submission own = submissions.own(who, submission);
    Optional<Upload> coming =
        find("submission", submission).filter(each -> each.length() == length);
    if (coming.filter(Upload::complete).isPresent()) {
      return coming.get();
    }
    requireOpen(own);
    if (coming.isPresent()) {
      return coming.get();
    }
    if (!growing.add(submission)) {
      throw new BusyException();
    }
    try {
      requireOpen(submissions.get(submission)); // a last part may have come meanwhile
      return beginAnew(own, length);
    } finally {
      growing.remove(submission);
    }
  }

  /** In place of what may have come of a file of another length. */
  private Upload beginAnew(Submission submission, long length) {
    Upload upload = new Upload(UUID.randomUUID(), submission.id(), length, 0);
    transaction.executeWithoutResult(
        status -> {
          db.sql("delete from upload where submission = :submission")
              .param("submission", submission.id())
              .update();
          requireRoom(submission, length);
          db.sql("insert into upload (id, submission, length) values (:id, :submission, :length)")
              .param("id", upload.id())
              .param("submission", submission.id())
              .param("length", length)
              .update();
        });
    deleteFile(submission);
    return upload;
  }

  private void deleteFile(Submission submission) {
    try {
      Files.deleteIfExists(folder.upload(submission.id()));
    } catch (IOException e) {
      throw StorageException.of(folder.upload(submission.id()), e);
    }
  }

  /**
   * The upload of an account's own team.
   *
   * @throws NotFoundException if there is none
   */
  Upload own(SignedIn who, UUID id) {
    Upload upload =
        find("id", id).orElseThrow(() -> new NotFoundException("there is no such upload"));
    submissions.own(who, upload.submission());
    return upload;
  }

  /**
   * Adds a part; the last one puts the submission into the queue.
   *
   * @param upload as {@link #own} told it
   * @return the upload with the part
   * @throws RefusedException if it is too late
   * @throws BusyException if another part is just coming
   * @throws PartFile.WrongDigest if the part's digest is another
   * @throws PartFile.TooLong if the part goes beyond the end
   */
  Upload append(Upload upload, InputStream part, Optional<byte[]> sha256) throws IOException {
    Submission submission = submissions.get(upload.submission());
    requireOpen(submission);
    if (!growing.add(submission.id())) {
      throw new BusyException();
    }
    try {
      requireUnchanged(upload);
      long added =
          PartFile.append(
              folder.upload(submission.id()),
              upload.received(),
              part,
              upload.length() - upload.received(),
              sha256);
      return received(upload, submission, upload.received() + added);
    } finally {
      growing.remove(submission.id());
    }
  }

  private void requireUnchanged(Upload upload) {
    if (!find("id", upload.id()).equals(Optional.of(upload))) {
      throw new BusyException();
    }
  }

  private Upload received(Upload upload, Submission submission, long received) {
    Upload grown = new Upload(upload.id(), upload.submission(), upload.length(), received);
    transaction.executeWithoutResult(
        status -> {
          int known =
              db.sql("update upload set received = :received where id = :id")
                  .param("received", received)
                  .param("id", upload.id())
                  .update();
          if (known == 0) {
            throw new BusyException(); // begun anew with another length meanwhile
          }
          if (grown.complete()) {
            submissions.arrived(submission, requireOpen(submission));
            jobs.schedule(submission.id());
          }
        });
    return grown;
  }

  /** Gives the room back that is kept for files which can come no more, and what came of them. */
  @Scheduled(fixedDelay = 1, timeUnit = TimeUnit.MINUTES)
  void discardLapsed() {
    submissions.lapsed().forEach(this::discard);
  }

  private void discard(Submission lapsed) {
    if (!growing.add(lapsed.id())) {
      return; // a part that began in time is still coming
    }
    try {
      // That part may have been the last one meanwhile.
      if (submissions.get(lapsed.id()).state() == State.AWAITING_UPLOAD) {
        db.sql("delete from upload where submission = :submission")
            .param("submission", lapsed.id())
            .update();
        deleteFile(lapsed);
      }
    } finally {
      growing.remove(lapsed.id());
    }
  }

  /**
   * The instant of now, at which the file may come: asked for again when it has, since a part may
   * begin in time and end too late.
   */
  private Instant requireOpen(Submission submission) {
    Instant now = clock.instant();
    if (submission.state() != State.AWAITING_UPLOAD) {
      throw new RefusedException("the file of this submission has come already");
    }
    if (!now.isBefore(submissions.lastArrival(submission))) {
      throw new RefusedException(
          "files could come until %s; it is %s"
              .formatted(submissions.lastArrival(submission), now));
    }
    return now;
  }

  /** Refuses a file that neither the team's quota nor the disk has room for. */
  private void requireRoom(Submission submission, long length) {
    UUID team = submission.team().id();
    // Nobody else begins for the team until the transaction ends.
    db.sql("select id from team where id = :team for update")
        .param("team", team)
        .query()
        .listOfRows();
    long kept =
        db.sql(
                "select coalesce(sum(u.length), 0)"
                    + " from upload u join submission s on s.id = u.submission"
                    + " where s.team = :team and s.state <> 'REJECTED'")
            .param("team", team)
            .query(Long.class)
            .single();
    long most = competition.limits().maxTeamBytes();
    if (kept + length > most) {
      throw new RefusedException(
          "your team's files have %d bytes; with this one of %d they would exceed %d"
              .formatted(kept, length, most));
    }
    long coming =
        db.sql(
                "select coalesce(sum(u.length - u.received), 0)"
                    + " from upload u join submission s on s.id = u.submission"
                    + " where s.state = 'AWAITING_UPLOAD'")
            .query(Long.class)
            .single();
    // What is unpacked of a file lies beside it for a while.
    if (folder.usableBytes() - coming - 2 * length < reserve.toBytes()) {
      LOG.error("no room on the disk for an upload of {} bytes", length);
      throw new RefusedException(
          "the server's disk has no room for this file now; tell the organisers and try later");
    }
  }

  private Optional<Upload> find(String column, UUID id) {
    return db.sql("select * from upload where " + column + " = :id")
        .param("id", id)
        .query(
            (row, i) ->
                new Upload(
                    Sql.id(row, "id"),
                    Sql.id(row, "submission"),
                    row.getLong("length"),
                    row.getLong("received")))
        .optional();
  }

  /** Another part of the same file is just coming. */
  static final class BusyException extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }
}
