package org.syntagen.cli;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.syntagen.challenge.release.TestRelease;
import org.syntagen.dataset.Dataset;
import org.syntagen.dataset.InputException;
import org.syntagen.dataset.StorageException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code syntagen release seal}: a dataset's images to an encrypted file and its key. */
@Command(
    name = "seal",
    description = {
      "Encrypt the images of a dataset with a new key (AES-256-GCM). Masks are left out.",
      "Publish the sealed file and both hashes at once, and the key at the deadline."
    },
    footer = {
      "",
      "Example:",
      "  syntagen release seal --data test --out test.sealed --key-file test.key"
    })
final class SealCommand implements Callable<Integer> {
  @Option(names = "--data", required = true, description = "Dataset folder; masks may be missing.")
  private Path data;

  @Option(
      names = "--list",
      defaultValue = Dataset.DEFAULT_LIST,
      description = "Which list of the dataset. Default: ${DEFAULT-VALUE}.")
  private String list;

  @Option(names = "--out", required = true, description = "The sealed file to write.")
  private Path out;

  @Option(
      names = "--key-file",
      required = true,
      description = "New file for the key, for its owner's eyes only.")
  private Path keyFile;

  @Option(names = "--json", description = "Print the result as one line of JSON.")
  private boolean json;

  @Override
  public Integer call() {
    Dataset dataset = Dataset.openImages(data, list);
    createKeyFile();
    print(sealed(dataset));
    return 0;
  }

  private TestRelease.Announcement sealed(Dataset dataset) {
    boolean kept = false;
    try {
      TestRelease release = TestRelease.seal(dataset, out);
      Files.writeString(keyFile, release.key().toHex() + "\n", StandardOpenOption.SYNC);
      kept = true;
      return release.announcement();
    } catch (IOException e) {
      throw StorageException.of(keyFile, e);
    } finally {
      if (!kept) {
        keyFile.toFile().delete();
      }
    }
  }

  private void print(TestRelease.Announcement announcement) {
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("file", out.toString());
    result.put("images", announcement.images());
    result.put("bytes", announcement.bytes());
    result.put("fileSha256", announcement.fileHash());
    result.put("keySha256", announcement.keyHash());
    if (json) {
      System.out.println(Json.line(result));
    } else {
      System.out.println(out + ": " + announcement.images() + " images sealed");
      System.out.println("file SHA-256 " + announcement.fileHash());
      System.out.println("key SHA-256 " + announcement.keyHash());
    }
  }

  /** First of all, so that no file is sealed whose key could not be kept. */
  private void createKeyFile() {
    boolean posix = keyFile.getFileSystem().supportedFileAttributeViews().contains("posix");
    FileAttribute<?>[] ownerOnly =
        posix
            ? new FileAttribute<?>[] {
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
            }
            : new FileAttribute<?>[0];
    try {
      Files.createFile(keyFile, ownerOnly);
    } catch (FileAlreadyExistsException e) {
      throw new InputException(
          keyFile + " exists already; a key is never overwritten: choose another name", e);
    } catch (IOException e) {
      throw StorageException.of(keyFile, e);
    }
  }
}
