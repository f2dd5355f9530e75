package org.syntagen.server;

import java.net.URI;
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
 * @param bucket where files of submissions are kept; empty for the folder
 */
public record ServerOptions(
    Path folder,
    String address,
    int port,
    Optional<Path> competition,
    Optional<Path> test,
    Optional<Database> database,
    Optional<Bucket> bucket) {

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

  /**
   * A bucket of a store that speaks Amazon's S3.
   *
   * @param endpoint of another store than Amazon's
   * @param prefix what names in the bucket begin with; may be empty
   */
  public record Bucket(
      String name, Optional<URI> endpoint, String region, String prefix, Credentials credentials) {}

  /**
   * What lets the server into a bucket.
   *
   * @param sessionToken of credentials that end by themselves
   */
  public record Credentials(String id, String secret, Optional<String> sessionToken) {
    @Override
    public String toString() {
      return "Credentials[…]";
    }
  }
}
