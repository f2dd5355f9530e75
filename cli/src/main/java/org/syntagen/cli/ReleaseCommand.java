package org.syntagen.cli;

import picocli.CommandLine.Command;

/** {@code syntagen release}: test images for everybody at one instant. */
@Command(
    name = "release",
    description = {
      "Seal private test images, so that everybody can fetch them before the deadline and only the",
      "key has to be released at it; and open them with that key."
    },
    subcommands = {SealCommand.class, OpenCommand.class},
    footer = {
      "",
      "Example: the organiser before the deadline, a competitor after it",
      "  syntagen release seal --data test --out test.sealed --key-file test.key",
      "  syntagen release open test.sealed --key-file test.key --out test.zip"
    })
final class ReleaseCommand {}
