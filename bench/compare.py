"""Lets this engine and diffusers take turns on the same weights; prints ratios, differences, memory.

A ratio is diffusers' time over ours: above 1, ours is the faster.
"""

import argparse
import pathlib
import tempfile

from safetensors.torch import load_file

import models
from turns import Worker, spread

TASKS = ("text", "unet", "vae", "image")


def compare(options, folder):
    arguments = [folder, options.dtype, options.threads, options.size, options.steps]
    ours = Worker.java("EngineWorker", *arguments)
    theirs = Worker.python("diffusers_worker.py", *arguments)
    print(f"memory after loading: ours {ours.peak():.2f} GiB, diffusers {theirs.peak():.2f} GiB")
    tasks = [task for task in TASKS if task in options.tasks]
    print(f"{'task':12} {'ours s':24} {'diffusers s':24} {'ratio':24} difference  peak GiB ours / diffusers")
    for task in tasks:
        files = [folder / f"{task}-{side}.safetensors" for side in ("ours", "theirs")]
        ours.run(task, files[0])  # also warms up
        theirs.run(task, files[1])
        peaks = (ours.peak(), theirs.peak())
        mine, its = (load_file(file)["result"].double() for file in files)
        difference = ((mine - its).abs().max() / its.abs().max()).item()
        pairs = [(ours.run(task), theirs.run(task)) for _ in range(options.rounds)]
        print(
            f"{task:12} {spread([a for a, _ in pairs]):24} {spread([b for _, b in pairs]):24} "
            f"{spread([b / a for a, b in pairs]):24} {difference:.1e}     {peaks[0]:.2f} / {peaks[1]:.2f}",
            flush=True,
        )
    if "unet" in tasks:
        ours.run("unet-probe")
        peak = ours.peak()
        pairs = [(ours.run("unet"), ours.run("unet-probe")) for _ in range(options.rounds)]
        ratios = spread([b / a for a, b in pairs])
        print(f"a call with Dataset Diffusion's probes over one without: {ratios}; peak {peak:.2f} GiB")
    ours.close()
    theirs.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", choices=("sd15", "sd21"), default="sd15", help="whose shapes")
    parser.add_argument("--dtype", choices=("F32", "BF16"), default="F32")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument("--steps", type=int, default=2, help="of the whole image")
    parser.add_argument("--tasks", nargs="+", choices=TASKS, default=TASKS)
    parser.add_argument("--folder", type=pathlib.Path, help="keep the random model here for the next run")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = (options.folder or pathlib.Path(temporary)) / options.model
        models.ensure(options.model, folder)
        compare(options, folder)


main()
