package org.syntagen.cli;

import picocli.CommandLine.Command;

/** {@code syntagen models}: getting models and looking into them. */
@Command(
    name = "models",
    description = "Fetch models, look into them and try them.",
    subcommands = {PullCommand.class, InspectCommand.class, CheckCommand.class},
    footer = {
      "",
      "Example: fetch Stable Diffusion 1.5, see what it is, render an image",
      "  syntagen models pull sd1.5 --out sd15",
      "  syntagen models inspect sd15",
      "  syntagen models check sd15 --out check.png"
    })
final class ModelsCommand {}
