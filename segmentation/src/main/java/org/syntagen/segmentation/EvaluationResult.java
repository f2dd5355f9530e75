package org.syntagen.segmentation;

import org.syntagen.dataset.ConfusionMatrix;
import org.syntagen.dataset.Metrics;

/**
 * How well a network labels a set of images.
 *
 * @param confusion the counts that the metrics are computed from
 * @param metrics of the network
 * @param baseline of calling every pixel of the same images background
 * @param boundary of the network
 * @param calibration of the network
 * @param images how many were labelled
 * @param seconds that labelling took
 */
public record EvaluationResult(
    ConfusionMatrix confusion,
    Metrics metrics,
    Metrics baseline,
    BoundaryIou boundary,
    Calibration calibration,
    int images,
    double seconds) {}
