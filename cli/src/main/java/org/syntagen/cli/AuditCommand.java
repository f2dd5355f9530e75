package org.syntagen.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.syntagen.challenge.audit.AuditLog;
import org.syntagen.dataset.InputException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code syntagen audit}: whether an exported audit log is whole. */
@Command(
    name = "audit",
    description = {
      "Check the chain of hashes of a competition's exported audit log.",
      "The first entry that was changed, removed or inserted is named."
    },
    footer = {
      "",
      "Example: does the log still have the head that was published?",
      "  syntagen audit audit.jsonl --head 6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    })
final class AuditCommand implements Callable<Integer> {
  @Parameters(paramLabel = "FILE", description = "The exported log, one line of JSON an entry.")
  private Path file;

  @Option(
      names = "--head",
      description = {
        "The hash of the last entry, as it was published; without it nothing shows whether",
        "entries are missing at the end."
      })
  private String head;

  @Option(names = "--json", description = "Print the result as one line of JSON.")
  private boolean json;

  @Override
  public Integer call() {
    AuditLog.Verification found = AuditLog.verify(file);
    found
        .broken()
        .ifPresent(
            reason -> {
              throw new InputException(
                  "%s is broken: %s; %d entries ahead of it hold"
                      .formatted(file, reason, found.entries()));
            });
    if (head != null && !head.equals(found.head())) {
      throw new InputException(
          "%s ends with %s; expected %s: its end was cut off or is another log's"
              .formatted(file, found.head(), head));
    }
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("log", file.toString());
    result.put("entries", found.entries());
    result.put("head", found.head());
    System.out.println(
        json
            ? Json.line(result)
            : "%s: %d entries hold, head %s".formatted(file, found.entries(), found.head()));
    return 0;
  }
}
