package org.syntagen.cli;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.syntagen.challenge.Documents;
import org.syntagen.challenge.release.ReleaseKey;
import org.syntagen.challenge.release.SealedFile;
import org.syntagen.dataset.InputException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code syntagen release open}: a sealed file and its key to the zip of test images. */
@Command(
    name = "open",
    description = "Decrypt sealed test images with the key that was released.",
    footer = {
      "",
      "Example:",
      "  syntagen release open test.sealed --key-file test.key --out test.zip"
    })
final class OpenCommand implements Callable<Integer> {
  @Parameters(paramLabel = "FILE", description = "The sealed file.")
  private Path sealed;

  @Option(names = "--key-file", required = true, description = "File with the released key.")
  private Path keyFile;

  @Option(names = "--key-hash", description = "The key's SHA-256 as it was published beforehand.")
  private String keyHash;

  @Option(names = "--out", required = true, description = "The zip to write.")
  private Path out;

  @Override
  public Integer call() {
    ReleaseKey key = ReleaseKey.parse(Documents.text(keyFile));
    if (keyHash != null && !keyHash.equals(key.hash())) {
      throw new InputException(
          "%s has the SHA-256 %s; %s was published: it is not the promised key"
              .formatted(keyFile, key.hash(), keyHash));
    }
    SealedFile.open(sealed, out, key);
    System.out.println(out + ": opened");
    return 0;
  }
}
