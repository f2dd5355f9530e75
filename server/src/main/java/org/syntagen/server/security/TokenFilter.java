package org.syntagen.server.security;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Optional;
import java.util.function.Function;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.core.context.SecurityContext;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.web.filter.OncePerRequestFilter;
import org.syntagen.server.access.SignedIn;

/** Signs in requests of the command line, which carry a token instead of a session. */
final class TokenFilter extends OncePerRequestFilter {
  private static final String SCHEME = "Bearer ";

  private final Function<String, Optional<SignedIn>> accounts;

  /**
   * @param accounts the account of a token
   */
  TokenFilter(Function<String, Optional<SignedIn>> accounts) {
    this.accounts = accounts;
  }

  /** Whether a request carries a token. Browsers never add one on behalf of another site. */
  static boolean carriesToken(HttpServletRequest request) {
    String header = request.getHeader(HttpHeaders.AUTHORIZATION);
    return header != null && header.startsWith(SCHEME);
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    if (carriesToken(request)) {
      String token = request.getHeader(HttpHeaders.AUTHORIZATION).substring(SCHEME.length());
      Optional<SignedIn> account = accounts.apply(token.strip());
      if (account.isEmpty()) {
        response.sendError(HttpStatus.UNAUTHORIZED.value());
        return;
      }
      SecurityContext context = SecurityContextHolder.createEmptyContext();
      context.setAuthentication(
          UsernamePasswordAuthenticationToken.authenticated(
              account.get(), null, account.get().getAuthorities()));
      SecurityContextHolder.setContext(context);
    }
    chain.doFilter(request, response);
  }
}
