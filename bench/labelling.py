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
        rounds = [(ours.run("unet"), ours.run("probe"), ours.run("labels")) for _ in range(options.rounds)]
        peak = ours.peak()
        ours.close()
    call = statistics.median(plain for plain, _, _ in rounds)
    watching = options.steps * statistics.median(probe - plain for plain, probe, _ in rounds)
    labels = statistics.median(all_ - probe for _, probe, all_ in rounds)
    image = options.steps * call
    print(f"a call, s            {spread([plain for plain, _, _ in rounds])}")
    print(f"watched over not     {spread([probe / plain for plain, probe, _ in rounds])}")
    print(f"labels after that, s {spread([all_ - probe for _, probe, all_ in rounds])}")
    print(f"share of drawing     {(watching + labels) / image:.3f}, watching {watching / image:.3f}; peak {peak:.2f} GiB")


main()
