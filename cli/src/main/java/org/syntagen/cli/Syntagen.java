package org.syntagen.cli;

import org.syntagen.dataset.InputException;
import org.syntagen.dataset.StorageException;
import org.syntagen.diffusion.hub.HubException;
import org.syntagen.tensor.WeightsException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.ScopeType;

/**
 * The program. Exit codes: 0 done, 1 the job failed, 2 the input was wrong. A failure is one line
 * on standard error, with its stack trace under {@code --verbose}.
 */
@Command(
    name = "syntagen",
    description =
        "Labelled vision datasets from text-to-image models: generate, label, train, evaluate.",
    mixinStandardHelpOptions = true,
    versionProvider = Tool.class,
    scope = ScopeType.INHERIT,
    subcommands = {
      DemoCommand.class,
      ScenesCommand.class,
      GenerateCommand.class,
      LabelCommand.class,
      EvaluateLabelsCommand.class,
      CompareLabelersCommand.class,
      FitTokensCommand.class,
      TrainCommand.class,
      EvaluateCommand.class,
      RobustnessCommand.class,
      TrainGeneratorCommand.class,
      TrainClassifierCommand.class,
      ClassifyCommand.class,
      ModelsCommand.class,
      CheckDatasetCommand.class,
      PackageCommand.class,
      VerifyCommand.class,
      AuditCommand.class,
      ReleaseCommand.class,
      ServeCommand.class,
      SubmitCommand.class,
      StatusCommand.class
    })
public final class Syntagen {
  @Option(
      names = "--verbose",
      scope = ScopeType.INHERIT,
      description = "Show stack traces of failures.")
  private boolean verbose;

  public static void main(String[] args) {
    System.exit(run(args));
  }

  static int run(String... args) {
    return new CommandLine(new Syntagen())
        .setExecutionExceptionHandler(Syntagen::report)
        .setParameterExceptionHandler(Syntagen::reject)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setAllowSubcommandsAsOptionParameters(true) // scenes --split test
        .setUsageHelpWidth(100)
        .execute(args);
  }

  private static int reject(ParameterException e, String[] args) {
    CommandLine command = e.getCommandLine();
    String name = command.getCommandSpec().qualifiedName();
    String message = e.getMessage().lines().findFirst().orElse(e.toString());
    command.getErr().println("syntagen: " + message + "; see " + name + " --help");
    return CommandLine.ExitCode.USAGE;
  }

  private static int report(Exception e, CommandLine command, ParseResult parsed) {
    Syntagen root = (Syntagen) command.getCommandSpec().root().userObject();
    boolean wrongInput = e instanceof InputException || e instanceof WeightsException;
    boolean explained =
        wrongInput
            || e instanceof StorageException
            || e instanceof HubException
            || e instanceof ServerException;
    String message = e.getMessage() != null ? e.getMessage() : e.toString();
    command.getErr().println("syntagen: " + message.lines().findFirst().orElse(e.toString()));
    if (root.verbose) {
      e.printStackTrace(command.getErr());
    } else if (!explained) {
      command.getErr().println("(--verbose shows where)");
    }
    return wrongInput ? CommandLine.ExitCode.USAGE : CommandLine.ExitCode.SOFTWARE;
  }
}
