"""Records what pydensecrf computes for some small images; see README.md."""

import pathlib
import sys

import numpy
import pydensecrf.densecrf as dcrf
from safetensors.numpy import save_file

# width, height, labels, iterations, position σ and weight, position and colour σ and weight
CASES = [
    (1, 1, 2, 3, 1, 3, 8, 20, 4),
    (7, 5, 3, 5, 1, 3, 8, 20, 4),
    (24, 17, 2, 5, 3, 3, 8, 20, 10),
    (40, 31, 4, 10, 1, 3, 67, 3, 4),
    (64, 48, 5, 10, 3, 3, 80, 13, 10),
]


def image(width, height, random):
    """Coloured rectangles, one over the other, with noise."""
    pixels = numpy.full((height, width, 3), 90.0)
    for _ in range(4):
        top, left = random.integers(0, height), random.integers(0, width)
        pixels[top : top + height // 2 + 1, left : left + width // 2 + 1] = random.integers(0, 256, 3)
    return numpy.clip(pixels + random.normal(0, 4, pixels.shape), 0, 255).astype(numpy.uint8)


def main(target):
    random = numpy.random.default_rng(3)
    tensors = {}
    for i, (width, height, labels, iterations, smooth, smooth_weight, position, color, weight) in enumerate(CASES):
        pixels = image(width, height, random)
        probabilities = random.random((labels, height * width), dtype=numpy.float32)
        # Blobs, as attention is, rather than noise alone.
        rows, columns = numpy.divmod(numpy.arange(height * width), width)
        for label in range(labels):
            y, x = random.integers(0, height), random.integers(0, width)
            distance = (rows - y) ** 2 + (columns - x) ** 2
            probabilities[label] += 2 * numpy.exp(-distance / (0.1 * (width * height) + 1))
        probabilities /= probabilities.sum(0)
        crf = dcrf.DenseCRF2D(width, height, labels)
        crf.setUnaryEnergy(numpy.ascontiguousarray(-numpy.log(numpy.clip(probabilities, 1e-5, 1))))
        crf.addPairwiseGaussian(sxy=smooth, compat=smooth_weight)
        crf.addPairwiseBilateral(sxy=position, srgb=color, rgbim=pixels, compat=weight)
        belief = numpy.ascontiguousarray(crf.inference(iterations), dtype=numpy.float32)
        tensors[f"{i}.image"] = pixels
        tensors[f"{i}.probabilities"] = probabilities.astype(numpy.float32)
        tensors[f"{i}.settings"] = numpy.array(
            [iterations, smooth, smooth_weight, position, color, weight], dtype=numpy.float32
        )
        tensors[f"{i}.belief"] = belief
    pathlib.Path(target).parent.mkdir(parents=True, exist_ok=True)
    save_file(tensors, target)


main(sys.argv[1])
