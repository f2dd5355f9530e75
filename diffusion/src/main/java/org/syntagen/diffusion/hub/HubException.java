package org.syntagen.diffusion.hub;

import java.net.ConnectException;
import java.nio.channels.UnresolvedAddressException;

/**
 * A hub cannot be reached, broke off or sent what cannot be right. The message is a single line;
 * the command line prints it and exits with code 1. What was fetched so far stays, so the same
 * command goes on from there.
 */
public final class HubException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  HubException(String message) {
    super(message);
  }

  HubException(String message, Throwable cause) {
    super(message, cause);
  }

  /** What went wrong on the net, in a few words; the platform's exceptions often have none. */
  static String reason(Exception error) {
    String message = error.getMessage();
    if (message != null && !message.isBlank()) {
      return message.lines().findFirst().orElseThrow();
    }
    if (error.getCause() instanceof UnresolvedAddressException) {
      return "the host is unknown";
    }
    return error instanceof ConnectException ? "no connection" : error.getClass().getSimpleName();
  }
}
