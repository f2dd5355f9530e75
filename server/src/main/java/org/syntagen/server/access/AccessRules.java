package org.syntagen.server.access;

import jakarta.servlet.DispatcherType;
import java.util.Optional;
import java.util.UUID;
import org.springframework.http.HttpMethod;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configurers.AuthorizeHttpRequestsConfigurer;

/**
 * All rules of who may do what. By address: what no rule names is refused to everybody. By owner: a
 * competitor sees nothing of another team's submissions, not even that they exist.
 */
public final class AccessRules {
  private static final String[] PUBLIC_PAGES = {
    "/",
    "/rules",
    "/leaderboard",
    "/leaderboard/*",
    "/leaderboard.csv",
    "/release",
    "/release/test.sealed",
    "/release/key",
    "/host-key.pem",
    "/openapi.yaml",
    "/register",
    "/login",
    "/static/**",
    "/favicon.ico"
  };

  private AccessRules() {}

  /** The rules by address. */
  public static void byAddress(
      AuthorizeHttpRequestsConfigurer<HttpSecurity>.AuthorizationManagerRequestMatcherRegistry
          requests) {
    String competitor = Role.COMPETITOR.name();
    String verifier = Role.VERIFIER.name();
    String organiser = Role.ORGANISER.name();
    requests
        .dispatcherTypeMatchers(DispatcherType.ERROR, DispatcherType.FORWARD)
        .permitAll()
        .requestMatchers(HttpMethod.GET, PUBLIC_PAGES)
        .permitAll()
        .requestMatchers(HttpMethod.HEAD, PUBLIC_PAGES)
        .permitAll()
        .requestMatchers(HttpMethod.POST, "/register", "/login")
        .permitAll()
        .requestMatchers("/account", "/account/**", "/logout")
        .authenticated()
        .requestMatchers("/team", "/team/**", "/invitations/*")
        .hasRole(competitor)
        .requestMatchers(HttpMethod.GET, "/submissions/**", "/api/submissions/**")
        .authenticated()
        .requestMatchers("/submissions/**", "/api/submissions/**", "/uploads", "/uploads/*")
        .hasRole(competitor)
        .requestMatchers("/verification", "/verification/**")
        .hasAnyRole(verifier, organiser)
        .requestMatchers("/organiser", "/organiser/**")
        .hasRole(organiser)
        .anyRequest()
        .denyAll();
  }

  /**
   * Lets those see a submission who are in its team, or officials.
   *
   * @param team of the one who asks, if any
   * @param owner the submission's team
   * @throws NotFoundException to all others
   */
  public static void requireMaySee(SignedIn who, Optional<UUID> team, UUID owner) {
    if (!who.isOfficial()) {
      requireMember(team, owner);
    }
  }

  /**
   * Lets only members of its team change a submission.
   *
   * @throws NotFoundException to all others
   */
  public static void requireMember(Optional<UUID> team, UUID owner) {
    if (!team.equals(Optional.of(owner))) {
      throw new NotFoundException("there is no such submission of your team");
    }
  }
}
