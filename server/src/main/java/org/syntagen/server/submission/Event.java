package org.syntagen.server.submission;

import java.time.Instant;

/**
 * A point of a submission's timeline.
 *
 * @param message for the team, in one line
 */
public record Event(Instant time, Reason reason, String message) {}
