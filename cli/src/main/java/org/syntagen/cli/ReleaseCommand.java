package org.syntagen.cli;

import picocli.CommandLine.Command;

/** {@code syntagen release}: test images for everybody at one instant. */
@Command(
    name = "release",
    description = {
      "Seal private test images for a release at the deadline, and open them.",
      "Everybody can fetch them sealed before it, and only the key has to be released at it."
    },
    subcommands = {SealCommand.class, OpenCommand.class},
    footer = {
      "",
      "Example: the organiser before the deadline, a competitor after it",
      "  syntagen release seal --data test --out test.sealed --key-file test.key",
      "  syntagen release open test.sealed --key-file test.key --out test.zip"
    })
final class ReleaseCommand {}
