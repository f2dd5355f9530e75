package org.syntagen.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.stereotype.Component;
import org.syntagen.dataset.StorageException;

/**
 * Gives the web server folders within that of the competition: those that it makes in the system's
 * temporary folder stay there when it is killed.
 */
@Component
class TomcatFolders implements WebServerFactoryCustomizer<TomcatServletWebServerFactory> {
  private final ServerFolder folder;

  TomcatFolders(ServerFolder folder) {
    this.folder = folder;
  }

  @Override
  public void customize(TomcatServletWebServerFactory factory) {
    try {
      Path documents = Files.createDirectories(folder.tomcat().resolve("documents")); // none
      factory.setBaseDirectory(folder.tomcat().toFile());
      factory.setDocumentRoot(documents.toFile());
    } catch (IOException e) {
      throw StorageException.of(folder.tomcat(), e);
    }
  }
}
