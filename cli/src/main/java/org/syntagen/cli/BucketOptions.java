package org.syntagen.cli;

import java.net.URI;
import java.util.Optional;
import org.syntagen.dataset.InputException;
import org.syntagen.server.ServerOptions;
import picocli.CommandLine.Option;

/**
 * A bucket for the files of submissions; who may write into it is told by the environment alone.
 */
final class BucketOptions {
  private static final String ID = "AWS_ACCESS_KEY_ID";
  private static final String SECRET = "AWS_SECRET_ACCESS_KEY";
  private static final String SESSION_TOKEN = "AWS_SESSION_TOKEN";

  @Option(
      names = "--s3-bucket",
      paramLabel = "NAME",
      description = {
        "Keep what teams have uploaded in this bucket of Amazon S3, or of",
        "another store that speaks S3, and not in the folder. Its key is",
        "taken from " + ID + " and " + SECRET + "."
      })
  private String name;

  @Option(
      names = "--s3-endpoint",
      paramLabel = "URL",
      description = "Of a store other than Amazon's, e.g. https://s3.example.org.")
  private URI endpoint;

  @Option(
      names = "--s3-region",
      defaultValue = "${env:AWS_REGION:-us-east-1}",
      description = "The bucket's region. Default: AWS_REGION, or us-east-1.")
  private String region;

  @Option(
      names = "--s3-prefix",
      defaultValue = "",
      description = "What the names of files in the bucket begin with, e.g. 2024/.")
  private String prefix;

  ServerOptions.Bucket bucket() {
    if (name == null) {
      throw new InputException("--s3-bucket is missing; name the bucket, or leave out --s3-…");
    }
    if (endpoint != null
        && (endpoint.getHost() == null || !endpoint.toString().matches("https?://.*"))) {
      throw new InputException("--s3-endpoint %s: expected https://…".formatted(endpoint));
    }
    return new ServerOptions.Bucket(
        name, Optional.ofNullable(endpoint), region, prefix, credentials());
  }

  private static ServerOptions.Credentials credentials() {
    return new ServerOptions.Credentials(
        required(ID), required(SECRET), Optional.ofNullable(System.getenv(SESSION_TOKEN)));
  }

  private static String required(String variable) {
    String value = System.getenv(variable);
    if (value == null || value.isBlank()) {
      throw new InputException(
          "--s3-bucket needs the environment variables %s and %s".formatted(ID, SECRET));
    }
    return value;
  }
}
