package org.syntagen.server.account;

import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import java.util.UUID;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.syntagen.dataset.InputException;
import org.syntagen.server.access.Role;
import org.syntagen.server.access.SignedIn;

/** Registering, signing in, and one's own account. */
@Controller
class AccountPages {
  private static final int MOST_NAME = 80;

  private final Accounts accounts;

  AccountPages(Accounts accounts) {
    this.accounts = accounts;
  }

  @GetMapping("/login")
  String login() {
    return "login";
  }

  @GetMapping("/register")
  String register() {
    return "register";
  }

  @PostMapping("/register")
  String register(
      @RequestParam String email,
      @RequestParam String name,
      @RequestParam String password,
      HttpServletRequest request)
      throws ServletException {
    Registration registration = new Registration(email, name, password);
    accounts.register(registration, Role.COMPETITOR);
    request.logout();
    request.login(registration.email(), password);
    return "redirect:/team";
  }

  @GetMapping("/account")
  String account(@AuthenticationPrincipal SignedIn who, Model model) {
    model.addAttribute("tokens", accounts.tokens(who));
    return "account";
  }

  /** Shows the token at once, since it cannot be told again. */
  @PostMapping("/account/tokens")
  String createToken(
      @AuthenticationPrincipal SignedIn who, @RequestParam String name, Model model) {
    if (name.length() > MOST_NAME) {
      throw new InputException("a token's name has at most %d characters".formatted(MOST_NAME));
    }
    model.addAttribute("secret", accounts.createToken(who, name));
    return account(who, model);
  }

  @PostMapping("/account/tokens/{id}/remove")
  String removeToken(@AuthenticationPrincipal SignedIn who, @PathVariable UUID id) {
    accounts.removeToken(who, id);
    return "redirect:/account";
  }
}
