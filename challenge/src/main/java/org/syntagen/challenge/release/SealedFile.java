package org.syntagen.challenge.release;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import org.syntagen.dataset.AtomicFile;
import org.syntagen.dataset.InputException;
import org.syntagen.dataset.StorageException;

/**
 * A file encrypted with AES-256-GCM in chunks, so that any size is read in little memory and
 * nothing is believed before it is authenticated. The header is "SYNTAGEN-SEALED-1", a line break
 * and 7 random bytes. Chunk i of 64 KiB has as nonce these 7 bytes, i as 32-bit big-endian number,
 * and 1 for the last chunk or else 0; so chunks cannot be moved, dropped or cut off. Each is
 * followed by its 16-byte tag.
 *
 * <p>Source: the STREAM construction of Hoang, Reyhanitabar, Rogaway and Vizár, "Online
 * Authenticated-Encryption and its Nonce-Reuse Misuse-Resistance" (2015), section 7.
 */
public final class SealedFile {
  private static final byte[] MAGIC = "SYNTAGEN-SEALED-1\n".getBytes(StandardCharsets.US_ASCII);
  private static final int PREFIX = 7;
  private static final int CHUNK = 1 << 16;
  private static final int TAG = 16;

  private SealedFile() {}

  /**
   * Encrypts what is written to a stream; no plain copy reaches the disk, and the sealed file
   * appears under its name only when whole. Use a key for one file.
   *
   * @throws StorageException if it cannot be written
   */
  public static void seal(Path sealed, ReleaseKey key, AtomicFile.Content content) {
    byte[] prefix = new byte[PREFIX];
    new SecureRandom().nextBytes(prefix);
    try {
      AtomicFile.write(
          sealed,
          out -> {
            out.write(MAGIC);
            out.write(prefix);
            Sealing sealing = new Sealing(out, new Chunks(key, prefix, Cipher.ENCRYPT_MODE));
            content.writeTo(sealing);
            sealing.finish();
          });
    } catch (IOException e) {
      throw StorageException.of(sealed, e);
    }
  }

  /**
   * Decrypts a file; the plain one appears under its name only when all of it is authentic.
   *
   * @throws InputException if the file is no sealed one, was changed or cut off, or has another key
   * @throws StorageException if the plain file cannot be written
   */
  public static void open(Path sealed, Path plain, ReleaseKey key) {
    if (!Files.isRegularFile(sealed)) {
      throw new InputException(sealed + ": there is no such file");
    }
    try (InputStream in = Files.newInputStream(sealed)) {
      byte[] magic = in.readNBytes(MAGIC.length);
      byte[] prefix = in.readNBytes(PREFIX);
      if (!Arrays.equals(magic, MAGIC) || prefix.length < PREFIX) {
        throw new InputException(sealed + " is no sealed file of this program");
      }
      AtomicFile.write(plain, out -> unseal(in, out, new Chunks(key, prefix, Cipher.DECRYPT_MODE)));
    } catch (NotAuthentic e) {
      throw new InputException(
          sealed + " was changed or cut off, or this is not its key; fetch both again", e);
    } catch (IOException e) {
      throw StorageException.of(plain, e);
    }
  }

  private static final class NotAuthentic extends IOException {
    private static final long serialVersionUID = 1L;

    NotAuthentic(Exception cause) {
      super(cause);
    }
  }

  private static void unseal(InputStream in, OutputStream out, Chunks chunks) throws IOException {
    byte[] chunk = in.readNBytes(CHUNK + TAG);
    boolean last = false;
    while (!last) {
      byte[] next = in.readNBytes(CHUNK + TAG);
      last = next.length == 0;
      if (chunk.length < TAG) {
        throw new NotAuthentic(null);
      }
      out.write(chunks.next(chunk, chunk.length, last));
      chunk = next;
    }
  }

  /** Gathers what is written into chunks; the last is known only at the end. */
  private static final class Sealing extends OutputStream {
    private final OutputStream out;
    private final Chunks chunks;
    private final byte[] chunk = new byte[CHUNK];
    private int filled;

    Sealing(OutputStream out, Chunks chunks) {
      this.out = out;
      this.chunks = chunks;
    }

    @Override
    public void write(int value) throws IOException {
      write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      int from = offset;
      int left = length;
      while (left > 0) {
        if (filled == CHUNK) {
          out.write(chunks.next(chunk, CHUNK, false));
          filled = 0;
        }
        int part = Math.min(left, CHUNK - filled);
        System.arraycopy(bytes, from, chunk, filled, part);
        filled += part;
        from += part;
        left -= part;
      }
    }

    void finish() throws IOException {
      out.write(chunks.next(chunk, filled, true));
    }
  }

  /** Encrypts or decrypts one chunk after the other. */
  private static final class Chunks {
    private final ReleaseKey key;
    private final byte[] prefix;
    private final int mode;
    private int number;

    Chunks(ReleaseKey key, byte[] prefix, int mode) {
      this.key = key;
      this.prefix = prefix;
      this.mode = mode;
    }

    byte[] next(byte[] chunk, int length, boolean last) throws IOException {
      if (number < 0) {
        throw new IOException("the file is larger than 128 TiB");
      }
      byte[] nonce =
          ByteBuffer.allocate(PREFIX + 5)
              .put(prefix)
              .putInt(number++)
              .put((byte) (last ? 1 : 0))
              .array();
      try {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, key.secret(), new GCMParameterSpec(8 * TAG, nonce));
        cipher.updateAAD(MAGIC);
        return cipher.doFinal(chunk, 0, length);
      } catch (AEADBadTagException e) {
        throw new NotAuthentic(e);
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException("every Java platform has AES-256-GCM", e);
      }
    }
  }
}
