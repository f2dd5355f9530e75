package org.syntagen.server.account;

import org.springframework.boot.ApplicationArguments;
import org.springframework.boot.ApplicationRunner;
import org.springframework.stereotype.Component;
import org.syntagen.server.access.Role;

/** Makes an organiser's account where there is none, and prints its password this one time. */
@Component
class FirstOrganiser implements ApplicationRunner {
  private static final String EMAIL = "organiser@localhost";

  private final Accounts accounts;

  FirstOrganiser(Accounts accounts) {
    this.accounts = accounts;
  }

  @Override
  public void run(ApplicationArguments arguments) {
    if (!accounts.haveOrganiser()) {
      String password = Secret.random().text().substring(0, 20);
      // Told first: a start that is killed in between leaves no account that nobody can enter.
      System.out.println("organiser's account, shown this once: " + EMAIL + " / " + password);
      accounts.register(new Registration(EMAIL, "Organiser", password), Role.ORGANISER);
    }
  }
}
