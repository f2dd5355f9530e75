package org.syntagen.dataset;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class FingerprintTest {
  @Test
  void anImageIsHashedAsSizeAndRgbBytes() throws Exception {
    BufferedImage image = new BufferedImage(2, 1, BufferedImage.TYPE_INT_RGB);
    image.setRGB(0, 0, 0x010203);
    image.setRGB(1, 0, 0xFF8000);
    ByteBuffer bytes = ByteBuffer.allocate(14).putInt(2).putInt(1);
    bytes.put(new byte[] {1, 2, 3, (byte) 255, (byte) 128, 0});
    assertThat(Fingerprint.ofImage(image)).isEqualTo(sha256(bytes.array()));
  }

  @Test
  void aMaskIsHashedAsSizeAndLabels() throws Exception {
    LabelMap mask = new LabelMap(1, 2, new byte[] {7, (byte) 255});
    byte[] bytes = ByteBuffer.allocate(10).putInt(1).putInt(2).put(mask.labels()).array();
    assertThat(Fingerprint.ofMask(mask)).isEqualTo(sha256(bytes));
  }

  @Test
  void equalPixelsInAnotherShapeHashDifferently() {
    assertThat(Fingerprint.ofMask(new LabelMap(1, 4, new byte[4])))
        .isNotEqualTo(Fingerprint.ofMask(new LabelMap(2, 2, new byte[4])));
  }

  @Test
  void theOrderOfSamplesDoesNotMatterButEveryPartDoes() {
    List<Fingerprint.Entry> entries = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      entries.add(new Fingerprint.Entry("s" + i, "i" + i, "m" + i));
    }
    String whole = Fingerprint.of(entries);
    Collections.reverse(entries);
    assertThat(Fingerprint.of(entries)).isEqualTo(whole);
    entries.set(2, new Fingerprint.Entry("s2", "i2", "other"));
    assertThat(Fingerprint.of(entries)).isNotEqualTo(whole);
    assertThat(Fingerprint.of(entries.subList(0, 4))).isNotEqualTo(whole);
  }

  @Test
  void hiddenColourUnderFullTransparencyDoesNotCount() {
    BufferedImage a = new BufferedImage(2, 1, BufferedImage.TYPE_INT_ARGB);
    BufferedImage b = new BufferedImage(2, 1, BufferedImage.TYPE_INT_ARGB);
    b.setRGB(0, 0, 0x00FFFFFF);
    assertThat(Fingerprint.ofTransparent(b)).isEqualTo(Fingerprint.ofTransparent(a));
    b.setRGB(1, 0, 0x01FFFFFF);
    assertThat(Fingerprint.ofTransparent(b)).isNotEqualTo(Fingerprint.ofTransparent(a));
  }

  private static String sha256(byte[] bytes) throws Exception {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
  }
}
