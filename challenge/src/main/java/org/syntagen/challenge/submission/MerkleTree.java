package org.syntagen.challenge.submission;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import org.syntagen.dataset.Fingerprint;

/**
 * A hash tree over the samples of a dataset: one hash commits to all of them, and a short proof
 * shows that one belongs to it without the others. Leaves and inner nodes are hashed apart, so that
 * neither can pass for the other.
 *
 * <p>Source: RFC 6962, section 2.1, with SHA-256.
 */
public final class MerkleTree {
  private final List<byte[]> leaves; // hashes

  private MerkleTree(List<byte[]> leaves) {
    this.leaves = leaves;
  }

  /** A tree over contents in the given order. */
  static MerkleTree of(List<byte[]> contents) {
    return new MerkleTree(contents.stream().map(MerkleTree::leaf).toList());
  }

  /**
   * A tree over samples in the order of their ids, whatever order they are given in. A leaf is the
   * sample's line of the dataset's fingerprint.
   */
  public static MerkleTree ofSamples(Collection<Fingerprint.Entry> samples) {
    return of(sorted(samples).stream().map(MerkleTree::content).toList());
  }

  /** The samples in the order of the tree's leaves. */
  public static List<Fingerprint.Entry> sorted(Collection<Fingerprint.Entry> samples) {
    return samples.stream().sorted(Comparator.comparing(Fingerprint.Entry::id)).toList();
  }

  /** How many leaves there are. */
  public int size() {
    return leaves.size();
  }

  /** The root in lower-case hex. */
  public String root() {
    return hex(root(leaves));
  }

  /**
   * The hashes that, with a leaf, lead to the root: those of its siblings, from the leaf upwards.
   *
   * @throws IndexOutOfBoundsException if there is no such leaf
   */
  public List<String> proof(int leaf) {
    if (leaf < 0 || leaf >= leaves.size()) {
      throw new IndexOutOfBoundsException("leaf " + leaf + " of " + leaves.size());
    }
    List<String> path = new ArrayList<>();
    collect(leaves, leaf, path);
    return path;
  }

  /**
   * Whether a proof shows that a sample is a leaf of the tree with this root.
   *
   * @param leaf the sample's position among the leaves
   * @param size how many leaves the tree has
   * @param proof as {@link #proof} returned it, in hex
   */
  public static boolean proves(
      String root, Fingerprint.Entry sample, int leaf, int size, List<String> proof) {
    return proves(root, content(sample), leaf, size, proof);
  }

  /** RFC 9162, section 2.1.3.2. */
  static boolean proves(String root, byte[] content, int leaf, int size, List<String> proof) {
    if (leaf < 0 || leaf >= size) {
      return false;
    }
    int at = leaf;
    int last = size - 1;
    byte[] hash = leaf(content);
    for (String sibling : proof) {
      if (last == 0 || !sibling.matches("[0-9a-f]{64}")) {
        return false;
      }
      byte[] other = HexFormat.of().parseHex(sibling);
      if ((at & 1) == 1 || at == last) {
        hash = node(other, hash);
        while ((at & 1) == 0 && at != 0) {
          at >>= 1;
          last >>= 1;
        }
      } else {
        hash = node(hash, other);
      }
      at >>= 1;
      last >>= 1;
    }
    return last == 0 && hex(hash).equals(root);
  }

  private static byte[] content(Fingerprint.Entry sample) {
    return sample.line().getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] root(List<byte[]> leaves) {
    if (leaves.isEmpty()) {
      return Fingerprint.sha256().digest();
    }
    if (leaves.size() == 1) {
      return leaves.get(0);
    }
    int left = leftOf(leaves.size());
    return node(root(leaves.subList(0, left)), root(leaves.subList(left, leaves.size())));
  }

  private static void collect(List<byte[]> leaves, int leaf, List<String> path) {
    if (leaves.size() == 1) {
      return;
    }
    int left = leftOf(leaves.size());
    List<byte[]> before = leaves.subList(0, left);
    List<byte[]> after = leaves.subList(left, leaves.size());
    if (leaf < left) {
      collect(before, leaf, path);
      path.add(hex(root(after)));
    } else {
      collect(after, leaf - left, path);
      path.add(hex(root(before)));
    }
  }

  /** The leaves of the left subtree: the largest power of two below all of them. */
  private static int leftOf(int size) {
    return Integer.highestOneBit(size - 1);
  }

  private static byte[] leaf(byte[] content) {
    MessageDigest digest = Fingerprint.sha256();
    digest.update((byte) 0);
    return digest.digest(content);
  }

  private static byte[] node(byte[] left, byte[] right) {
    MessageDigest digest = Fingerprint.sha256();
    digest.update((byte) 1);
    digest.update(left);
    return digest.digest(right);
  }

  private static String hex(byte[] hash) {
    return HexFormat.of().formatHex(hash);
  }
}
