"""What labels cost beside drawing the image, at the size of Stable Diffusion 1.5 with random weights.

The labeler is the bundled model's default (the mean of DAAM, which watches the calls that draw the
image, and of the denoising contrast, which makes calls of its own; then a dense CRF) for two classes.
An image takes --steps calls with guidance, its decoding not counted.
"""

import argparse
import pathlib
import statistics
import tempfile

import models
from turns import Worker, spread


PAIRS = 4  # in a round


def pair(ours, number):
    """Seconds of a call that is not watched and of one that is, either first in turn."""
    if number % 2:
        watched = ours.run("probe")
        return ours.run("unet"), watched
    return ours.run("unet"), ours.run("probe")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dtype", choices=("F32", "BF16"), default="F32")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument("--steps", type=int, default=50)
    parser.add_argument("--folder", type=pathlib.Path, help="keep the random model here for the next run")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = (options.folder or pathlib.Path(temporary)) / "sd15"
        models.ensure("sd15", folder)
        ours = Worker.java(
            "EngineWorker", folder, options.dtype, options.threads, options.size, options.steps
        )
        ours.run("unet")  # warms up
        ours.peak()
        pairs, after = [], []
        for _ in range(options.rounds):
            pairs += [pair(ours, number) for number in range(PAIRS)]
            # "labels" has one watched call in it.
            after.append(ours.run("labels") - statistics.median(watched for _, watched in pairs))
        peak = ours.peak()
        ours.close()
    ratio = statistics.median(watched / plain for plain, watched in pairs)
    image = options.steps * statistics.median(plain for plain, _ in pairs)
    labels = statistics.median(after) / image
    print(f"a call, s            {spread([plain for plain, _ in pairs])}")
    print(f"watched over not     {spread([watched / plain for plain, watched in pairs])}")
    print(f"labels after that, s {spread(after)}")
    print(f"share of drawing     {ratio - 1 + labels:.3f}, watching {ratio - 1:.3f}; peak {peak:.2f} GiB")


main()
