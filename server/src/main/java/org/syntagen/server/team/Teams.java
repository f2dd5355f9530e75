package org.syntagen.server.team;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;
import org.syntagen.challenge.submission.Manifest;
import org.syntagen.dataset.InputException;
import org.syntagen.server.access.NotFoundException;
import org.syntagen.server.access.RefusedException;
import org.syntagen.server.access.SignedIn;
import org.syntagen.server.account.Secret;
import org.syntagen.server.audit.Audit;
import org.syntagen.server.database.Sql;

/** The teams, their members and invitations. */
@Component
public class Teams {
  private static final Duration INVITATION_HOLDS = Duration.ofDays(7);

  private final JdbcClient db;
  private final Audit audit;
  private final Clock clock;

  Teams(JdbcClient db, Audit audit, Clock clock) {
    this.db = db;
    this.audit = audit;
    this.clock = clock;
  }

  /** All teams by name. */
  public List<Team> all() {
    return db.sql("select * from team order by name_key").query(Teams::team).list();
  }

  /**
   * A team.
   *
   * @throws NotFoundException if there is none
   */
  public Team get(UUID id) {
    return db.sql("select * from team where id = :id")
        .param("id", id)
        .query(Teams::team)
        .optional()
        .orElseThrow(() -> new NotFoundException("there is no such team"));
  }

  /** The team of an account, if it is in one. */
  public Optional<Team> of(SignedIn member) {
    return db.sql(
            "select team.* from team join membership on membership.team = team.id"
                + " where membership.account = :account")
        .param("account", member.account())
        .query(Teams::team)
        .optional();
  }

  /**
   * The team of an account.
   *
   * @throws RefusedException if it is in none
   */
  public Team required(SignedIn member) {
    return of(member)
        .orElseThrow(() -> new RefusedException("found a team, or join one, before you submit"));
  }

  /** The names of a team's members, in the order in which they joined. */
  public List<String> members(Team team) {
    return db.sql(
            "select account.name from account join membership on membership.account = account.id"
                + " where membership.team = :team order by membership.joined, account.name")
        .param("team", team.id())
        .query(String.class)
        .list();
  }

  /**
   * Founds a team; its founder is its first member.
   *
   * @throws InputException if the name is none that a manifest may carry
   * @throws RefusedException if it is taken, or the founder is in a team
   */
  @Transactional
  public void found(SignedIn founder, String name) {
    Team team = create(founder.email(), name.strip());
    join(founder, team);
  }

  /** Makes a team without members. */
  @Transactional
  public Team create(String actor, String name) {
    try {
      Manifest.requireTeam(name);
    } catch (IllegalArgumentException e) {
      throw new InputException(e.getMessage(), e);
    }
    Team team = new Team(UUID.randomUUID(), name, clock.instant());
    try {
      db.sql(
              "insert into team (id, name, name_key, created)"
                  + " values (:id, :name, :key, :created)")
          .param("id", team.id())
          .param("name", name)
          .param("key", name.toLowerCase(Locale.ROOT))
          .param("created", Sql.time(team.created()))
          .update();
    } catch (DuplicateKeyException e) {
      throw new RefusedException(
          "there is a team \"%s\" already; choose another name".formatted(name));
    }
    audit.add(actor, "found team", Map.of("team", name));
    return team;
  }

  /** A secret that lets one account into the team, within a week. */
  @Transactional
  public Secret invite(SignedIn member) {
    Team team = required(member);
    Secret secret = Secret.random();
    db.sql("insert into invitation (hash, team, expires) values (:hash, :team, :expires)")
        .param("hash", secret.hash())
        .param("team", team.id())
        .param("expires", Sql.time(clock.instant().plus(INVITATION_HOLDS)))
        .update();
    return secret;
  }

  /**
   * The team that an invitation is to.
   *
   * @throws NotFoundException if it is used, expired or invented
   */
  public Team invited(Secret secret) {
    return db.sql(
            "select team.* from team join invitation on invitation.team = team.id"
                + " where invitation.hash = :hash and invitation.expires > :now")
        .param("hash", secret.hash())
        .param("now", Sql.time(clock.instant()))
        .query(Teams::team)
        .optional()
        .orElseThrow(
            () -> new NotFoundException("this invitation is used or expired; ask for another"));
  }

  /**
   * Joins the team of an invitation, which is used up.
   *
   * @throws NotFoundException as {@link #invited}
   * @throws RefusedException if the account is in a team
   */
  @Transactional
  public void accept(SignedIn account, Secret secret) {
    Team team = invited(secret);
    int used =
        db.sql("delete from invitation where hash = :hash").param("hash", secret.hash()).update();
    if (used == 0) {
      throw new NotFoundException("this invitation is used; ask for another");
    }
    join(account, team);
  }

  private void join(SignedIn account, Team team) {
    try {
      db.sql("insert into membership (account, team, joined) values (:account, :team, :joined)")
          .param("account", account.account())
          .param("team", team.id())
          .param("joined", Sql.time(clock.instant()))
          .update();
    } catch (DuplicateKeyException e) {
      throw new RefusedException("you are in a team already; nobody is in two");
    }
    audit.add(account.email(), "join team", Map.of("team", team.name()));
  }

  private static Team team(ResultSet row, int number) throws SQLException {
    return new Team(Sql.id(row, "id"), row.getString("name"), Sql.time(row, "created"));
  }
}
