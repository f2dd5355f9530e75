package org.syntagen.server.competition;

import java.io.IOException;
import java.util.Map;
import org.springframework.boot.ApplicationArguments;
import org.springframework.boot.ApplicationRunner;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;
import org.syntagen.dataset.Fingerprint;
import org.syntagen.server.ServerFolder;
import org.syntagen.server.audit.Audit;

/** Writes into the audit log which rules hold, at each start at which they are others. */
@Component
public class RulesRecord implements ApplicationRunner {
  private static final String ACTION = "rules";

  private final ServerFolder folder;
  private final Audit audit;

  RulesRecord(ServerFolder folder, Audit audit) {
    this.folder = folder;
    this.audit = audit;
  }

  @Override
  @Transactional
  public void run(ApplicationArguments arguments) throws IOException {
    String hash = Fingerprint.ofFile(folder.competition());
    boolean known =
        audit.last(ACTION).filter(entry -> hash.equals(entry.details().get("sha256"))).isPresent();
    if (!known) {
      audit.add("server", ACTION, Map.of("file", "competition.yaml", "sha256", hash));
    }
  }
}
