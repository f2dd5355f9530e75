package org.syntagen.server;

import java.nio.file.Path;
import java.util.Optional;

/**
 * What a server is started with.
 *
 * @param folder where everything lies that the server keeps
 * @param address to listen at, e.g. 127.0.0.1
 * @param port to listen at; 0 for a free one
 * @param competition the YAML file of a new folder's competition; empty for the demo
 * @param test the private test images with their masks, for a new folder
 * @param database where tables lie; empty for a file in the folder
 */
public record ServerOptions(
    Path folder,
    String address,
    int port,
    Optional<Path> competition,
    Optional<Path> test,
    Optional<Database> database) {

  /**
   * A PostgreSQL database.
   *
   * @param url for JDBC, e.g. jdbc:postgresql://localhost/syntagen
   */
  public record Database(String url, String user, String password) {
    @Override
    public String toString() {
      return "Database[" + url + " as " + user + "]";
    }
  }
}
