package org.syntagen.server.submission;

import java.util.List;

/**
 * The score of a team's result.
 *
 * @param images how many were scored
 * @param miou in percent
 * @param classes those that truth or predictions show
 */
public record ScoreReport(int images, double miou, List<ClassIou> classes) {
  /**
   * The score of a class.
   *
   * @param iou in percent
   */
  public record ClassIou(String name, double iou) {}
}
