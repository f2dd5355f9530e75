package org.syntagen.server.submission;

/** Why something happened to a submission; programs may rely on the names. */
public enum Reason {
  /** The server has seen manifest or claim, and its time. */
  COMMITTED,
  /** The last byte of the file has come. */
  UPLOADED,
  /** A job has begun. */
  STARTED,
  /** The job met a fault of the platform and will be begun again. */
  RETRYING,
  /** The rules are kept, or the score is computed. */
  ACCEPTED,
  /** The file is no zip, is damaged, or holds what no archive should. */
  ARCHIVE_REFUSED,
  /** The file is not what was committed to. */
  NOT_AS_COMMITTED,
  /** The dataset breaks rules. */
  RULES_BROKEN,
  /** A prediction is missing or wrong. */
  PREDICTIONS_REFUSED,
  /** The file is no checkpoint of the network that the rules ask for. */
  CHECKPOINT_REFUSED,
  /** The server begins to make drawn samples of the dataset again. */
  REPLICATING,
  /** Officials have come to a verdict. */
  VERDICT,
  /** The job met faults of the platform too often; organisers can have it begun again. */
  PLATFORM_FAULT
}
