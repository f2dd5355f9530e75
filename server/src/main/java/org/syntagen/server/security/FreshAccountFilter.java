package org.syntagen.server.security;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.context.SecurityContext;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.web.filter.OncePerRequestFilter;
import org.syntagen.server.access.SignedIn;

/** Looks an account's role up at each request, so that one that was taken away is gone at once. */
final class FreshAccountFilter extends OncePerRequestFilter {
  private final Function<UUID, Optional<SignedIn>> accounts;

  /**
   * @param accounts the account of an id
   */
  FreshAccountFilter(Function<UUID, Optional<SignedIn>> accounts) {
    this.accounts = accounts;
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    Authentication known = SecurityContextHolder.getContext().getAuthentication();
    if (known != null && known.getPrincipal() instanceof SignedIn before) {
      SecurityContext context = SecurityContextHolder.createEmptyContext();
      accounts
          .apply(before.account())
          .ifPresent(
              now ->
                  context.setAuthentication(
                      UsernamePasswordAuthenticationToken.authenticated(
                          now, null, now.getAuthorities())));
      SecurityContextHolder.setContext(context);
    }
    chain.doFilter(request, response);
  }
}
