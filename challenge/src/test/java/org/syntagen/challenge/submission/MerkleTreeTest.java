package org.syntagen.challenge.submission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.syntagen.dataset.Fingerprint;

class MerkleTreeTest {
  /** The inputs and roots that Certificate Transparency's implementations test with. */
  private static final List<byte[]> INPUTS =
      Stream.of(
              "",
              "00",
              "10",
              "2021",
              "3031",
              "40414243",
              "5051525354555657",
              "606162636465666768696a6b6c6d6e6f")
          .map(HexFormat.of()::parseHex)
          .toList();

  private static final List<String> ROOTS =
      List.of(
          "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
          "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
          "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
          "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
          "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
          "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
          "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
          "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
          "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328");

  @Test
  void rootsAreThoseOfCertificateTransparency() {
    for (int size = 0; size <= INPUTS.size(); size++) {
      assertThat(MerkleTree.of(INPUTS.subList(0, size)).root()).isEqualTo(ROOTS.get(size));
    }
  }

  @Test
  void aProofHoldsForItsLeafAlone() {
    for (int size = 1; size <= INPUTS.size(); size++) {
      MerkleTree tree = MerkleTree.of(INPUTS.subList(0, size));
      for (int leaf = 0; leaf < size; leaf++) {
        List<String> proof = tree.proof(leaf);
        for (int other = 0; other < size; other++) {
          assertThat(MerkleTree.proves(tree.root(), INPUTS.get(other), leaf, size, proof))
              .isEqualTo(other == leaf);
        }
        assertThat(MerkleTree.proves(ROOTS.get(0), INPUTS.get(leaf), leaf, size, proof)).isFalse();
        assertThat(MerkleTree.proves(tree.root(), INPUTS.get(leaf), size, size, proof)).isFalse();
        List<String> longer = new ArrayList<>(proof);
        longer.add(ROOTS.get(1));
        assertThat(MerkleTree.proves(tree.root(), INPUTS.get(leaf), leaf, size, longer)).isFalse();
        if (!proof.isEmpty()) {
          List<String> shorter = proof.subList(0, proof.size() - 1);
          assertThat(MerkleTree.proves(tree.root(), INPUTS.get(leaf), leaf, size, shorter))
              .isFalse();
        }
      }
    }
  }

  @Test
  void anInnerNodeDoesNotPassForALeaf() {
    MerkleTree two = MerkleTree.of(INPUTS.subList(0, 2));
    byte[] both =
        HexFormat.of()
            .parseHex(
                MerkleTree.of(INPUTS.subList(0, 1)).root()
                    + MerkleTree.of(INPUTS.subList(1, 2)).root());
    assertThat(MerkleTree.proves(two.root(), both, 0, 1, List.of())).isFalse();
  }

  @Test
  void aDamagedProofIsNoProof() {
    MerkleTree tree = MerkleTree.of(INPUTS);
    for (String sibling : List.of("", "xyz", "0".repeat(63), "g".repeat(64), "é")) {
      List<String> proof = new ArrayList<>(tree.proof(3));
      proof.set(1, sibling);
      assertThat(MerkleTree.proves(tree.root(), INPUTS.get(3), 3, 8, proof)).isFalse();
    }
    assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> tree.proof(8));
  }

  @Test
  void theOrderOfSamplesDoesNotMatterAndEachCanBeShown() {
    List<Fingerprint.Entry> samples =
        IntStream.range(0, 11)
            .mapToObj(
                i ->
                    new Fingerprint.Entry(
                        "s" + i, Fingerprint.ofText("i" + i), Fingerprint.ofText("m" + i)))
            .toList();
    List<Fingerprint.Entry> turned = new ArrayList<>(samples);
    Collections.reverse(turned);
    MerkleTree tree = MerkleTree.ofSamples(samples);
    assertThat(MerkleTree.ofSamples(turned).root()).isEqualTo(tree.root());
    List<Fingerprint.Entry> sorted = MerkleTree.sorted(turned);
    for (int i = 0; i < sorted.size(); i++) {
      assertThat(MerkleTree.proves(tree.root(), sorted.get(i), i, tree.size(), tree.proof(i)))
          .isTrue();
    }
  }
}
