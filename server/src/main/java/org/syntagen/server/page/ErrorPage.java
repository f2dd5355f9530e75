package org.syntagen.server.page;

import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import org.springframework.boot.webmvc.error.ErrorController;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.RequestMapping;

/** What the servlet container says where no controller came to speak. */
@Controller
class ErrorPage implements ErrorController {
  private final Errors errors;

  ErrorPage(Errors errors) {
    this.errors = errors;
  }

  @RequestMapping("/error")
  Object error(HttpServletRequest request) {
    Object code = request.getAttribute(RequestDispatcher.ERROR_STATUS_CODE);
    HttpStatus status =
        code instanceof Integer known ? HttpStatus.resolve(known) : HttpStatus.NOT_FOUND;
    return errors.answer(
        status == null ? HttpStatus.INTERNAL_SERVER_ERROR : status,
        message(status),
        failed(request));
  }

  private static String message(HttpStatus status) {
    if (status == HttpStatus.UNAUTHORIZED) {
      return "sign in, or send a token that holds";
    }
    if (status == HttpStatus.FORBIDDEN) {
      return "your account may not do this, or the page was open for too long: load it again";
    }
    return status == HttpStatus.NOT_FOUND ? "there is no such page" : "this cannot be done";
  }

  /** The request as it was before it was sent here. */
  private static HttpServletRequest failed(HttpServletRequest request) {
    Object address = request.getAttribute(RequestDispatcher.ERROR_REQUEST_URI);
    return new HttpServletRequestWrapper(request) {
      @Override
      public String getServletPath() {
        return address instanceof String text ? text : "/";
      }
    };
  }
}
