package org.syntagen.server.competition;

import java.io.IOException;
import java.util.Map;
import org.springframework.boot.ApplicationArguments;
import org.springframework.boot.ApplicationRunner;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;
import org.syntagen.challenge.release.TestRelease;
import org.syntagen.dataset.Fingerprint;
import org.syntagen.server.ServerFolder;
import org.syntagen.server.audit.Audit;
import org.syntagen.server.release.TestSet;

/**
 * Writes into the audit log by which rules and which sealed test images the server goes from this
 * start on, where they are not those of the last one.
 */
@Component
public class StartRecord implements ApplicationRunner {
  private final ServerFolder folder;
  private final TestSet test;
  private final Audit audit;

  StartRecord(ServerFolder folder, TestSet test, Audit audit) {
    this.folder = folder;
    this.test = test;
    this.audit = audit;
  }

  @Override
  @Transactional
  public void run(ApplicationArguments arguments) throws IOException {
    addIfNew("rules", Map.of("sha256", Fingerprint.ofFile(folder.competition())));
    test.release()
        .map(TestRelease::announcement)
        .ifPresent(
            announced ->
                addIfNew(
                    "test images",
                    Map.of("sha256", announced.fileHash(), "keySha256", announced.keyHash())));
  }

  private void addIfNew(String action, Map<String, Object> details) {
    if (audit.last(action).filter(entry -> entry.details().equals(details)).isEmpty()) {
      audit.add("server", action, details);
    }
  }
}
