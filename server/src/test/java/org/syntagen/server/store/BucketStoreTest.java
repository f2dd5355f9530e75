package org.syntagen.server.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.core.io.Resource;
import org.syntagen.dataset.InputException;
import org.syntagen.server.ServerFolder;
import org.syntagen.server.ServerOptions;

class BucketStoreTest {
  private static final int PART = 1000;
  private static final UUID ID = new UUID(1, 2);
  private static final String KEY = "2024/" + ID;

  @TempDir Path temporary;
  private final FakeS3 s3 = new FakeS3();
  private ServerFolder folder;
  private BucketStore store;
  private byte[] bytes;

  @BeforeEach
  void aFileThatHasCome() throws IOException {
    folder = ServerFolder.prepare(temporary.resolve("data"));
    store = new BucketStore(s3.bucket(), folder, PART);
    bytes = new byte[3 * PART + 7];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (i * 31);
    }
    Files.write(folder.upload(ID), bytes);
  }

  @AfterEach
  void stop() {
    store.close();
    s3.close();
  }

  @Test
  void aFileGoesToTheBucketInPartsAndComesBack() throws IOException {
    assertThat(store.fetch(ID, temporary)).isEqualTo(folder.upload(ID));
    store.keep(ID);
    assertThat(folder.upload(ID)).doesNotExist();
    assertThat(s3.objects()).containsOnlyKeys(KEY).containsEntry(KEY, bytes);
    store.keep(ID);

    Path copy = store.fetch(ID, Files.createDirectory(temporary.resolve("into")));
    assertThat(copy).hasBinaryContent(bytes).hasParent(temporary.resolve("into"));
    Resource sent = store.find(ID).orElseThrow();
    assertThat(sent.contentLength()).isEqualTo(bytes.length);
    assertThat(sent.getContentAsByteArray()).isEqualTo(bytes);

    store.delete(ID);
    assertThat(s3.objects()).isEmpty();
    assertThat(store.find(ID)).isEmpty();
    store.delete(ID);
  }

  @Test
  void whateverRequestFailsTheNextTryEndsInTheSame() {
    for (int answered = 0; answered < 7; answered++) {
      s3.answer(answered);
      assertThatThrownBy(() -> store.keep(ID)).as("%d answers", answered).isNotNull();
      assertThat(folder.upload(ID)).hasBinaryContent(bytes);
      assertThat(s3.objects()).as("nothing before it is whole").isEmpty();
    }
    s3.answer(Integer.MAX_VALUE);
    store.keep(ID);
    assertThat(s3.objects()).containsEntry(KEY, bytes);
    assertThat(s3.unfinished()).isZero();
    assertThat(folder.upload(ID)).doesNotExist();
  }

  @Test
  void aFileThatWasSentBeforeTheServerWasKilledIsSentAgain() throws IOException {
    store.keep(ID);
    Files.write(folder.upload(ID), bytes);
    store.keep(ID);
    assertThat(s3.objects()).containsEntry(KEY, bytes);
    assertThat(folder.upload(ID)).doesNotExist();
  }

  @Test
  void whatDoesNotWorkIsSaidAtTheStart() {
    BucketStore.open(s3.bucket(), folder).close();
    assertThat(s3.objects()).isEmpty();
    refused(s3.bucket("other", "wJalrXUtnFEMI"), "the bucket \"other\" cannot be used: ")
        .contains("NoSuchBucket");
    refused(s3.bucket("files", "wrong"), "the bucket \"files\" cannot be used: ")
        .contains("SignatureDoesNotMatch")
        .doesNotContain("wrong");
    s3.close();
    refused(s3.bucket(), "http://127.0.0.1:").contains("cannot be reached");
  }

  private org.assertj.core.api.AbstractStringAssert<?> refused(
      ServerOptions.Bucket bucket, String start) {
    String[] message = new String[1];
    assertThatExceptionOfType(InputException.class)
        .isThrownBy(() -> BucketStore.open(bucket, folder))
        .satisfies(e -> message[0] = e.getMessage());
    return assertThat(message[0]).startsWith(start).hasLineCount(1);
  }
}
