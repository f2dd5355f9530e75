package org.syntagen.challenge.scoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClaimTest {
  private static final String CODE = "https://example.org/team/code/tree/3f2a1b0";
  private static final String HASH = "0123456789abcdef".repeat(4);

  @Test
  void aClaimSurvivesBeingWritten() {
    Claim claim = new Claim(47.36, CODE, Claim.Kind.PREDICTIONS, HASH);
    assertThat(Claim.parse(claim.toCanonicalJson(), "claim")).isEqualTo(claim);
  }

  @ParameterizedTest
  @ValueSource(doubles = {-0.01, 100.01, Double.NaN, Double.POSITIVE_INFINITY})
  void aScoreIsAPercentage(double miou) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Claim(miou, CODE, Claim.Kind.PREDICTIONS, HASH));
  }

  @ParameterizedTest
  @ValueSource(strings = {"http://example.org/x", "javascript:alert(1)", "https://a b.org/x", ""})
  void codeLiesAtAnHttpsAddress(String code) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Claim(50, code, Claim.Kind.CHECKPOINT, HASH));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "ab", "0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF"})
  void aHashIsOne(String hash) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Claim(50, CODE, Claim.Kind.CHECKPOINT, hash));
  }
}
