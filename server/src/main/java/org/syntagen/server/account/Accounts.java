package org.syntagen.server.account;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.security.core.userdetails.UserDetails;
import org.springframework.security.core.userdetails.UserDetailsService;
import org.springframework.security.core.userdetails.UsernameNotFoundException;
import org.springframework.security.crypto.password.PasswordEncoder;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;
import org.syntagen.server.access.NotFoundException;
import org.syntagen.server.access.RefusedException;
import org.syntagen.server.access.Role;
import org.syntagen.server.access.SignedIn;
import org.syntagen.server.audit.Audit;
import org.syntagen.server.database.Sql;

/** The accounts and their tokens. */
@Component
public class Accounts implements UserDetailsService {
  /** What every token starts with, so that one is recognised where it should not be. */
  static final String TOKEN_PREFIX = "syntagen_";

  private static final int MOST_TOKENS = 20;

  /** An account as organisers see it. */
  public record Account(UUID id, String email, String name, Role role, Instant created) {}

  /** A token as its owner sees it later. */
  public record Token(UUID id, String name, Instant created) {}

  private final JdbcClient db;
  private final PasswordEncoder passwords;
  private final SignInThrottle throttle;
  private final Audit audit;
  private final Clock clock;

  Accounts(
      JdbcClient db, PasswordEncoder passwords, SignInThrottle throttle, Audit audit, Clock clock) {
    this.db = db;
    this.passwords = passwords;
    this.throttle = throttle;
    this.audit = audit;
    this.clock = clock;
  }

  /**
   * Makes an account.
   *
   * @throws RefusedException if the address has one already
   */
  @Transactional
  public void register(Registration registration, Role role) {
    try {
      db.sql(
              "insert into account (id, email, name, password, role, created)"
                  + " values (:id, :email, :name, :password, :role, :created)")
          .param("id", UUID.randomUUID())
          .param("email", registration.email())
          .param("name", registration.name())
          .param("password", passwords.encode(registration.password()))
          .param("role", role.name())
          .param("created", Sql.time(clock.instant()))
          .update();
    } catch (DuplicateKeyException e) {
      throw new RefusedException("this e-mail address has an account already; sign in instead");
    }
    audit.add(
        registration.email(), "register", Map.of("name", registration.name(), "role", role.name()));
  }

  @Override
  public UserDetails loadUserByUsername(String email) {
    if (throttle.waits(email)) {
      throw new UsernameNotFoundException("too many wrong passwords; not for ten minutes");
    }
    return db.sql("select * from account where email = :email")
        .param("email", email.strip().toLowerCase(Locale.ROOT))
        .query(Accounts::signedIn)
        .optional()
        .orElseThrow(() -> new UsernameNotFoundException("no such account"));
  }

  /** The account of an id. */
  public Optional<SignedIn> byId(UUID id) {
    return db.sql("select * from account where id = :id")
        .param("id", id)
        .query(Accounts::signedIn)
        .optional();
  }

  /** The account of a token. */
  public Optional<SignedIn> byToken(String token) {
    return db.sql(
            "select account.* from account join token on token.account = account.id"
                + " where token.hash = :hash")
        .param("hash", new Secret(token).hash())
        .query(Accounts::signedIn)
        .optional();
  }

  /** All accounts, oldest first. */
  public List<Account> all() {
    return db.sql("select * from account order by created, email")
        .query(
            (row, i) ->
                new Account(
                    Sql.id(row, "id"),
                    row.getString("email"),
                    row.getString("name"),
                    Role.valueOf(row.getString("role")),
                    Sql.time(row, "created")))
        .list();
  }

  /** Whether anybody runs the competition. */
  boolean haveOrganiser() {
    return all().stream().anyMatch(account -> account.role() == Role.ORGANISER);
  }

  /**
   * Gives an account another role, which holds at once.
   *
   * @throws RefusedException if the account is the organiser's own, or in a team
   */
  @Transactional
  public void setRole(SignedIn organiser, UUID account, Role role) {
    if (account.equals(organiser.account())) {
      throw new RefusedException("nobody changes their own role; ask another organiser");
    }
    boolean competes =
        db.sql("select count(*) from membership where account = :id")
                .param("id", account)
                .query(Integer.class)
                .single()
            > 0;
    if (competes && role != Role.COMPETITOR) {
      throw new RefusedException("this account is in a team; officials must not compete");
    }
    int changed =
        db.sql("update account set role = :role where id = :id")
            .param("role", role.name())
            .param("id", account)
            .update();
    if (changed == 0) {
      throw new NotFoundException("there is no such account");
    }
    audit.add(
        organiser.email(), "role", Map.of("account", account.toString(), "role", role.name()));
  }

  /**
   * Makes a token.
   *
   * @param name what its owner calls it
   * @return the token itself, which cannot be told again
   */
  @Transactional
  public String createToken(SignedIn owner, String name) {
    if (tokens(owner).size() >= MOST_TOKENS) {
      throw new RefusedException("%d tokens are enough; remove one first".formatted(MOST_TOKENS));
    }
    Secret secret = new Secret(TOKEN_PREFIX + Secret.random().text());
    db.sql(
            "insert into token (id, account, name, hash, created)"
                + " values (:id, :account, :name, :hash, :created)")
        .param("id", UUID.randomUUID())
        .param("account", owner.account())
        .param("name", name.isBlank() ? "token" : name.strip())
        .param("hash", secret.hash())
        .param("created", Sql.time(clock.instant()))
        .update();
    return secret.text();
  }

  /** The tokens of an account, oldest first. */
  public List<Token> tokens(SignedIn owner) {
    return db.sql("select id, name, created from token where account = :account order by created")
        .param("account", owner.account())
        .query(
            (row, i) ->
                new Token(Sql.id(row, "id"), row.getString("name"), Sql.time(row, "created")))
        .list();
  }

  /**
   * Makes a token worthless.
   *
   * @throws NotFoundException if the owner has no such token
   */
  @Transactional
  public void removeToken(SignedIn owner, UUID token) {
    int removed =
        db.sql("delete from token where id = :id and account = :account")
            .param("id", token)
            .param("account", owner.account())
            .update();
    if (removed == 0) {
      throw new NotFoundException("there is no such token of yours");
    }
  }

  private static SignedIn signedIn(ResultSet row, int number) throws SQLException {
    return new SignedIn(
        Sql.id(row, "id"),
        row.getString("email"),
        row.getString("name"),
        row.getString("password"),
        Role.valueOf(row.getString("role")));
  }
}
