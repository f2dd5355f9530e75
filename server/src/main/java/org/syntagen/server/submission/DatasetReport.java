package org.syntagen.server.submission;

import java.util.List;

/**
 * What the check of a dataset found.
 *
 * @param found what lay in the archive
 * @param violations of the rules, the first hundred
 * @param classes in the order of labels; empty if rules are broken
 * @param copies images that are copies of private test images, for officials only
 * @param gallery how many sampled pairs can be looked at
 */
public record DatasetReport(
    int pairs,
    String found,
    List<String> violations,
    List<ClassCount> classes,
    List<String> copies,
    int gallery) {
  /**
   * How much of a class the masks show.
   *
   * @param images that show it
   * @param pixels of it
   * @param share of all pixels, 0 to 1
   */
  public record ClassCount(String name, int images, long pixels, double share) {}
}
