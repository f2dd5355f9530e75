package org.syntagen.server.page;

import jakarta.servlet.http.HttpServletRequest;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.security.access.AccessDeniedException;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.web.ErrorResponse;
import org.springframework.web.bind.annotation.ControllerAdvice;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.method.annotation.MethodArgumentTypeMismatchException;
import org.springframework.web.multipart.MultipartException;
import org.springframework.web.servlet.ModelAndView;
import org.syntagen.challenge.Competition;
import org.syntagen.dataset.InputException;
import org.syntagen.server.access.NotFoundException;
import org.syntagen.server.access.RefusedException;
import org.syntagen.server.access.SignedIn;

/** One clear line for each mistake: a page for people, a problem (RFC 9457) for programs. */
@ControllerAdvice
public class Errors {
  private static final Logger LOG = LoggerFactory.getLogger(Errors.class);

  private final Competition competition;

  Errors(Competition competition) {
    this.competition = competition;
  }

  @ExceptionHandler
  Object handle(Exception e, HttpServletRequest request) throws Exception {
    if (e instanceof AccessDeniedException) {
      throw e; // Spring Security knows whether to ask for signing in.
    }
    if (e instanceof InputException || e instanceof MethodArgumentTypeMismatchException) {
      return answer(HttpStatus.BAD_REQUEST, message(e), request);
    }
    if (e instanceof MultipartException) {
      return answer(HttpStatus.BAD_REQUEST, "the file is missing, or has more than 1 MB", request);
    }
    if (e instanceof NotFoundException) {
      return answer(HttpStatus.NOT_FOUND, e.getMessage(), request);
    }
    if (e instanceof RefusedException) {
      return answer(HttpStatus.CONFLICT, e.getMessage(), request);
    }
    if (e instanceof DuplicateKeyException) {
      return answer(HttpStatus.CONFLICT, "somebody was faster; look again", request);
    }
    if (e instanceof ErrorResponse known) {
      return answer(known.getStatusCode(), known.getBody().getDetail(), request);
    }
    LOG.error("{} {}", request.getMethod(), request.getServletPath(), e);
    return answer(
        HttpStatus.INTERNAL_SERVER_ERROR,
        "the server has failed; the organisers can find out why in its log",
        request);
  }

  private static String message(Exception e) {
    return e instanceof MethodArgumentTypeMismatchException wrong
        ? "%s has a value that it cannot have".formatted(wrong.getName())
        : e.getMessage();
  }

  /** The answer to a request that failed. */
  Object answer(HttpStatusCode status, String message, HttpServletRequest request) {
    String line = message == null ? "this cannot be done" : message;
    String path = request.getServletPath();
    if (path.startsWith("/api/") || path.startsWith("/uploads")) {
      return ResponseEntity.status(status).body(ProblemDetail.forStatusAndDetail(status, line));
    }
    ModelAndView page = new ModelAndView("error", status);
    page.addObject("status", status.value());
    page.addObject("message", line);
    page.addObject("competition", competition);
    page.addObject("address", "");
    page.addObject("who", who());
    return page;
  }

  private static SignedIn who() {
    Authentication signedIn = SecurityContextHolder.getContext().getAuthentication();
    return signedIn != null && signedIn.getPrincipal() instanceof SignedIn who ? who : null;
  }
}
