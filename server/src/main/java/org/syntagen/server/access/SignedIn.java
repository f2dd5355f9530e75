package org.syntagen.server.access;

import java.util.Collection;
import java.util.List;
import java.util.UUID;
import org.springframework.security.core.GrantedAuthority;
import org.springframework.security.core.authority.SimpleGrantedAuthority;
import org.springframework.security.core.userdetails.UserDetails;

/**
 * The account that a request comes from.
 *
 * @param email what it signs in with
 * @param name what others see
 * @param password encoded
 */
public record SignedIn(UUID account, String email, String name, String password, Role role)
    implements UserDetails {
  private static final long serialVersionUID = 1L;

  /** Whether it sees every submission. */
  public boolean isOfficial() {
    return role != Role.COMPETITOR;
  }

  @Override
  public String getUsername() {
    return email;
  }

  @Override
  public String getPassword() {
    return password;
  }

  @Override
  public Collection<? extends GrantedAuthority> getAuthorities() {
    return List.of(new SimpleGrantedAuthority("ROLE_" + role));
  }

  @Override
  public String toString() {
    return "SignedIn[" + email + ", " + role + "]";
  }
}
