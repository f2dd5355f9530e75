package org.syntagen.server.page;

import jakarta.servlet.http.HttpServletRequest;
import java.time.Clock;
import java.time.Instant;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.ControllerAdvice;
import org.springframework.web.bind.annotation.ModelAttribute;
import org.syntagen.challenge.Competition;
import org.syntagen.server.access.SignedIn;

/** What the frame around every page shows. */
@ControllerAdvice(annotations = Controller.class)
class CommonModel {
  private final Competition competition;
  private final Clock clock;

  CommonModel(Competition competition, Clock clock) {
    this.competition = competition;
    this.clock = clock;
  }

  @ModelAttribute("competition")
  Competition competition() {
    return competition;
  }

  @ModelAttribute("now")
  Instant now() {
    return clock.instant();
  }

  @ModelAttribute("who")
  SignedIn who(@AuthenticationPrincipal SignedIn who) {
    return who;
  }

  @ModelAttribute("address")
  String address(HttpServletRequest request) {
    return request.getServletPath();
  }
}
