package org.syntagen.challenge;

import java.time.Duration;

/**
 * How much a team may ask of the host. What the platform itself breaks never counts.
 *
 * @param maxSubmissions of a team in a phase
 * @param maxSubmissionsPerDay of a team in a phase, by the days of the competition's zone
 * @param maxUploadMebibytes the largest package
 * @param maxTeamMebibytes of all files of a team that the host keeps, no less than one package
 * @param uploadGraceHours how long after a phase's end the bytes of a package may arrive whose
 *     manifest was committed in time
 */
public record Limits(
    int maxSubmissions,
    int maxSubmissionsPerDay,
    int maxUploadMebibytes,
    int maxTeamMebibytes,
    int uploadGraceHours) {
  /** Checks the ranges. */
  public Limits {
    Ranges.within("max_submissions", maxSubmissions, 1, 1_000_000);
    Ranges.within("max_submissions_per_day", maxSubmissionsPerDay, 1, maxSubmissions);
    Ranges.within("max_upload_mebibytes", maxUploadMebibytes, 1, 1 << 20);
    Ranges.within("max_team_mebibytes", maxTeamMebibytes, maxUploadMebibytes, 1 << 30);
    Ranges.within("upload_grace_hours", uploadGraceHours, 0, 24 * 14);
  }

  /** The largest package in bytes. */
  public long maxUploadBytes() {
    return (long) maxUploadMebibytes << 20;
  }

  /** What the host keeps of a team in bytes. */
  public long maxTeamBytes() {
    return (long) maxTeamMebibytes << 20;
  }

  /** {@link #uploadGraceHours} as a duration. */
  public Duration uploadGrace() {
    return Duration.ofHours(uploadGraceHours);
  }
}
