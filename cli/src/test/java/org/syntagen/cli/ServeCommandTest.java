package org.syntagen.cli;

import static org.syntagen.cli.CommandLineTest.run;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServeCommandTest {
  @TempDir Path folder;

  @Test
  void aWrongStartIsSaidInOneLine() throws Exception {
    Path data = folder.resolve("data");
    run("serve", "--folder", data, "--port", "65536").fails(2, "--port 65536: expected 0 to 65535");
    run("serve", "--folder", data, "--database", "jdbc:mysql://localhost/x")
        .fails(2, "expected jdbc:postgresql://");
    Path rules = Files.writeString(folder.resolve("rules.yaml"), "version: 1\nprizes: none\n");
    run("serve", "--folder", data, "--competition", rules).fails(2, "rules.yaml");
    run("serve", "--folder", folder.resolve("rules.yaml")).fails(2, "rules.yaml", "another folder");
    run("serve", "--folder", data, "--database", "jdbc:postgresql://localhost:1/x")
        .fails(2, "the database cannot be used: Connection to localhost:1 refused");
  }

  @Test
  void aWrongBucketIsSaidInOneLine() {
    Path data = folder.resolve("data");
    run("serve", "--folder", data, "--s3-endpoint", "https://s3.example.org")
        .fails(2, "--s3-bucket is missing");
    run("serve", "--folder", data, "--s3-bucket", "b", "--s3-endpoint", "ftp://x")
        .fails(2, "--s3-endpoint ftp://x: expected https://");
    Assumptions.assumeTrue(
        System.getenv("AWS_ACCESS_KEY_ID") == null, "not looked at: AWS_ACCESS_KEY_ID is set");
    run("serve", "--folder", data, "--s3-bucket", "b").fails(2, "AWS_SECRET_ACCESS_KEY");
  }
}
