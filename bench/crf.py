"""Lets this engine's dense CRF and pydensecrf take turns on the same image and soft labels.

The image is a bundled held-out scene, enlarged, with a photograph's grain; the labels are blobs, as
attention is. A ratio is pydensecrf's time over ours: above 1, ours is the faster.
"""

import argparse
import pathlib
import tempfile
import time

import numpy
import pydensecrf.densecrf as dcrf
from PIL import Image
from safetensors.numpy import load_file, save_file

from turns import HOME, Worker, spread

# Iterations; σ and weight over positions; σ of positions, σ of colours and weight over both.
PARAMETERS = {"clip-es": (10, 1, 3, 67, 3, 4), "deeplab": (10, 3, 3, 80, 13, 10)}


def picture(file, size, grain, random):
    enlarged = Image.open(file).convert("RGB").resize((size, size), Image.Resampling.BICUBIC)
    noisy = numpy.asarray(enlarged) + random.normal(0, grain, (size, size, 3))
    return numpy.clip(numpy.rint(noisy), 0, 255).astype(numpy.uint8)


def blobs(labels, size, random):
    rows, columns = numpy.divmod(numpy.arange(size * size), size)
    values = 0.1 * random.random((labels, size * size))
    for label in range(labels):
        y, x = random.integers(0, size, 2)
        values[label] += numpy.exp(-((rows - y) ** 2 + (columns - x) ** 2) / (2 * (size / 8) ** 2))
    return (values / values.sum(0)).astype(numpy.float32)


def pydensecrf(image, probabilities, parameters):
    """The beliefs and the seconds they took."""
    height, width, _ = image.shape
    iterations, smooth, smooth_weight, position, color, color_weight = parameters
    start = time.perf_counter()
    crf = dcrf.DenseCRF2D(width, height, len(probabilities))
    crf.setUnaryEnergy(numpy.ascontiguousarray(-numpy.log(numpy.clip(probabilities, 1e-5, 1))))
    crf.addPairwiseGaussian(sxy=smooth, compat=smooth_weight)
    crf.addPairwiseBilateral(sxy=position, srgb=color, rgbim=image, compat=color_weight)
    belief = numpy.array(crf.inference(iterations))
    return belief, time.perf_counter() - start


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parameters", choices=PARAMETERS, default="clip-es", help="whose")
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument("--labels", type=int, default=21)
    parser.add_argument("--grain", type=float, default=2, help="noise of the image, in levels of 255")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    parameters = PARAMETERS[options.parameters]
    random = numpy.random.default_rng(1)
    scene = sorted((HOME / "assets/scenes-test/image").iterdir())[0]
    image = picture(scene, options.size, options.grain, random)
    probabilities = blobs(options.labels, options.size, random)
    with tempfile.TemporaryDirectory() as folder:
        given, result = (pathlib.Path(folder) / name for name in ("given", "result"))
        save_file({"image": image, "probabilities": probabilities}, given)
        ours = Worker.java("CrfWorker", given, options.threads, *parameters)
        for _ in range(5):
            ours.run("crf")  # warms up
        ours.run("crf", result)
        belief, _ = pydensecrf(image, probabilities, parameters)
        difference = numpy.abs(load_file(result)["belief"] - belief.ravel()).max()
        pairs = [
            (ours.run("crf"), pydensecrf(image, probabilities, parameters)[1])
            for _ in range(options.rounds)
        ]
        print(f"ours, s        {spread([a for a, _ in pairs])}   peak {ours.peak():.2f} GiB")
        print(f"pydensecrf, s  {spread([b for _, b in pairs])}")
        print(f"ratio          {spread([b / a for a, b in pairs])}")
        print(f"largest difference of beliefs {difference:.1e}")
        ours.close()


main()
