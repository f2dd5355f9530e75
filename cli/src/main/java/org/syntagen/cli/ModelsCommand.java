package org.syntagen.cli;

import picocli.CommandLine.Command;

/** {@code syntagen models}: what there is to know about models. */
@Command(
    name = "models",
    description = "Look into models.",
    subcommands = InspectCommand.class,
    footer = {
      "",
      "Example: what is in a checkpoint",
      "  syntagen models inspect model.safetensors"
    })
final class ModelsCommand {}
