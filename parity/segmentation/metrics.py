"""Records scikit-learn's and SciPy's scores of random label maps; see README.md."""

import json
import pathlib
import sys

import numpy as np
from scipy.ndimage import binary_erosion
from sklearn.metrics import accuracy_score, confusion_matrix, jaccard_score, recall_score

CLASSES = 6  # of which the last is in no map
VOID = 255
DILATION_RATIO = 0.02


def blobs(random, height, width, labels):
    """Rectangles over rectangles, so that there are edges and insides."""
    label_map = np.zeros((height, width), dtype=np.int64)
    for _ in range(12):
        y, x = random.integers(height), random.integers(width)
        h, w = random.integers(2, height // 2), random.integers(2, width // 2)
        label_map[y : y + h, x : x + w] = random.choice(labels)
    return label_map


def band(mask):
    """Pixels of a mask that erosion takes, the outside of the image counting as not of it."""
    distance = max(1, round(DILATION_RATIO * np.hypot(*mask.shape)))
    return mask & ~binary_erosion(mask, np.ones((3, 3)), iterations=distance, border_value=0)


def boundary_iou(pairs, label):
    intersection = union = 0
    for truth, prediction in pairs:
        known = truth != VOID
        a = band((truth == label) & known)
        b = band((prediction == label) & known)
        intersection += (a & b).sum()
        union += (a | b).sum()
    return None if union == 0 else intersection / union


def main():
    random = np.random.default_rng(7)
    pairs = []
    for height, width in [(40, 64), (120, 90), (33, 33)]:
        truth = blobs(random, height, width, [0, 1, 2, 3, 4, VOID])
        prediction = np.where(truth == VOID, 0, truth)
        wrong = blobs(random, height, width, [0, 1, 2, 3, 4])
        prediction = np.where(random.random(truth.shape) < 0.1, wrong, np.roll(prediction, 1, 1))
        pairs.append((truth, prediction))
    known = [(t[t != VOID], p[t != VOID]) for t, p in pairs]
    truth = np.concatenate([t for t, _ in known])
    prediction = np.concatenate([p for _, p in known])
    present = sorted(set(truth) | set(prediction))
    result = {
        "maps": [
            {"height": t.shape[0], "width": t.shape[1], "truth": t.ravel().tolist(), "prediction": p.ravel().tolist()}
            for t, p in pairs
        ],
        "confusion": confusion_matrix(truth, prediction, labels=range(CLASSES)).tolist(),
        "iou": [
            float(jaccard_score(truth, prediction, labels=[c], average="macro")) if c in present else None
            for c in range(CLASSES)
        ],
        "mean_iou": float(jaccard_score(truth, prediction, labels=present, average="macro")),
        "frequency_weighted_iou": float(jaccard_score(truth, prediction, average="weighted")),
        "pixel_accuracy": float(accuracy_score(truth, prediction)),
        "mean_accuracy": float(recall_score(truth, prediction, labels=sorted(set(truth)), average="macro")),
        "boundary_iou": [boundary_iou(pairs, c) for c in range(CLASSES)],
    }
    (pathlib.Path(sys.argv[1]) / "metrics.json").write_text(json.dumps(result, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
