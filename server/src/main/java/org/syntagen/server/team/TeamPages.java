package org.syntagen.server.team;

import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.support.ServletUriComponentsBuilder;
import org.syntagen.server.access.SignedIn;
import org.syntagen.server.account.Secret;

/** A team's own page, and invitations to it. */
@Controller
class TeamPages {
  private final Teams teams;

  TeamPages(Teams teams) {
    this.teams = teams;
  }

  @GetMapping("/team")
  String team(@AuthenticationPrincipal SignedIn who, Model model) {
    return teams
        .of(who)
        .map(
            team -> {
              model.addAttribute("team", team);
              model.addAttribute("members", teams.members(team));
              return "team";
            })
        .orElse("team-none");
  }

  @PostMapping("/team")
  String found(@AuthenticationPrincipal SignedIn who, @RequestParam String name) {
    teams.found(who, name);
    return "redirect:/team";
  }

  /** Shows the link at once, since it cannot be told again. */
  @PostMapping("/team/invitations")
  String invite(@AuthenticationPrincipal SignedIn who, Model model) {
    model.addAttribute(
        "invitation",
        ServletUriComponentsBuilder.fromCurrentContextPath()
            .path("/invitations/" + teams.invite(who).text())
            .toUriString());
    return team(who, model);
  }

  @GetMapping("/invitations/{secret}")
  String invitation(@PathVariable String secret, Model model) {
    model.addAttribute("team", teams.invited(new Secret(secret)));
    model.addAttribute("secret", secret);
    return "invitation";
  }

  @PostMapping("/invitations/{secret}")
  String accept(@AuthenticationPrincipal SignedIn who, @PathVariable String secret) {
    teams.accept(who, new Secret(secret));
    return "redirect:/team";
  }
}
