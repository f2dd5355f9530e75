"""Lets this engine and torchvision take turns at training DeepLabv3; prints seconds a step, ratios, memory.

A ratio is torchvision's time over ours: above 1, ours is the faster.
"""

import argparse
import pathlib

from turns import HOME, Worker, spread


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--backbone", choices=("resnet50", "resnet101", "mobilenet_v3_large"), default="resnet50")
    parser.add_argument("--precision", nargs="+", choices=("fp32", "bf16"), default=("fp32", "bf16"))
    parser.add_argument("--batch", type=int, default=2)
    parser.add_argument("--size", type=int, default=256, help="of the crops")
    parser.add_argument("--steps", type=int, default=3, help="in a turn")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--data", type=pathlib.Path, default=HOME / "assets/scenes-test", help="what ours reads")
    options = parser.parse_args()
    print(f"{'precision':10} {'ours s':24} {'torchvision s':24} {'ratio':24} peak GiB ours / torchvision")
    for precision in options.precision:
        shape = (options.backbone, precision, options.threads, options.batch, options.size, options.steps)
        ours = Worker.java("TrainingWorker", options.data, *shape, options.rounds + 1)
        theirs = Worker.python("torchvision_worker.py", *shape)
        ours.run("turn")  # warms up
        theirs.run("turn")
        pairs = [(ours.run("turn"), theirs.run("turn")) for _ in range(options.rounds)]
        peaks = (ours.peak(), theirs.peak())
        ours.close()
        theirs.close()
        print(
            f"{precision:10} {spread([a for a, _ in pairs]):24} {spread([b for _, b in pairs]):24} "
            f"{spread([b / a for a, b in pairs]):24} {peaks[0]:.2f} / {peaks[1]:.2f}",
            flush=True,
        )


main()
