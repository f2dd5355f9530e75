package org.syntagen.cli;

import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.syntagen.diffusion.hub.Hub;
import org.syntagen.diffusion.hub.ModelName;
import org.syntagen.diffusion.hub.ModelPull;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code syntagen models pull}: a model from a hub to a folder. */
@Command(
    name = "pull",
    description = {
      "Fetch a Stable Diffusion 1.x or 2.x model from a model hub into a folder and check it.",
      "Run it again to go on after an interruption; what is there and right is left alone.",
      "For a gated model, accept its licence on the hub and set HF_TOKEN."
    },
    footer = {
      "",
      "Example: Stable Diffusion 1.5, about 4.3 GB",
      "  syntagen models pull sd1.5 --out sd15",
      "Example: through a proxy",
      "  SYNTAGEN_JAVA_OPTS='-Dhttps.proxyHost=proxy -Dhttps.proxyPort=3128' \\",
      "  syntagen models pull sd1.5"
    })
final class PullCommand implements Callable<Integer> {
  private static final double MEGABYTE = 1e6;

  @Parameters(
      paramLabel = "NAME",
      description = "owner/name, or sd1.4, sd1.5, sd2-base, sd2, sd2.1-base or sd2.1.")
  private String name;

  @Option(
      names = "--out",
      description = "Folder of the model. Default: its name on the hub, as stable-diffusion-v1-5.")
  private Path out;

  @Option(
      names = "--hub",
      defaultValue = "${env:SYNTAGEN_HUB:-${env:HF_ENDPOINT:-https://huggingface.co}}",
      description = {
        "Address of the hub. Default: SYNTAGEN_HUB or HF_ENDPOINT of the environment,",
        "else https://huggingface.co."
      })
  private String hub;

  @Option(
      names = "--revision",
      defaultValue = "main",
      description = "Branch, tag or commit. Default: ${DEFAULT-VALUE}.")
  private String revision;

  @Override
  public Integer call() {
    ModelName model = ModelName.parse(name);
    Path folder = out == null ? Path.of(model.name()) : out;
    Hub source = new Hub(hub, Optional.ofNullable(System.getenv("HF_TOKEN")));
    ModelPull pull = ModelPull.plan(source, model, revision, folder);
    if (!pull.isWhole()) {
      long megabytes = (long) Math.ceil(pull.bytesLeft() / MEGABYTE);
      try (Progress progress = new Progress("MB", megabytes)) {
        pull.run((file, done) -> progress.at((long) Math.ceil(done / MEGABYTE), file));
      }
    }
    System.out.printf(
        "%s: %d files of %s, %.0f MB, whole and checked, commit %s%n",
        folder, pull.files(), model, pull.size() / MEGABYTE, pull.commit());
    return 0;
  }
}
