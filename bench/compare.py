"""Lets this engine and diffusers take turns on the same weights; prints ratios, differences, memory.

A ratio is diffusers' time over ours: above 1, ours is the faster.
"""

import argparse
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

from safetensors.torch import load_file

HOME = pathlib.Path(__file__).resolve().parent.parent
TASKS = ("text", "unet", "vae", "image")

# As ./syntagen sets them.
ENVIRONMENT = {
    "OMP_WAIT_POLICY": "PASSIVE",
    "MALLOC_MMAP_THRESHOLD_": "33554432",
    "MALLOC_TRIM_THRESHOLD_": "1073741824",
    "MALLOC_TOP_PAD_": "67108864",
    "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1",
}


class Worker:
    """A process that answers a line with the seconds that the work took."""

    def __init__(self, command, environment):
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env={**os.environ, **environment},
        )
        while self.answer() != "ready":
            pass

    def answer(self):
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f"{self.process.args[0]} ended; its message is above")
        return line.strip()

    def run(self, task, result=""):
        self.process.stdin.write(f"{task} {result}".strip() + "\n")
        self.process.stdin.flush()
        return float(self.answer())

    def peak(self):
        """The most memory since the last call, in GiB, by Linux's account."""
        folder = pathlib.Path(f"/proc/{self.process.pid}")
        status = (folder / "status").read_text()
        kib = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))
        (folder / "clear_refs").write_text("5")
        return kib / 2**20

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def spread(values):
    ordered = sorted(values)
    return f"{statistics.median(ordered):.3f} ({ordered[0]:.3f}-{ordered[-1]:.3f})"


def compare(options, folder):
    arguments = [str(folder), options.dtype, str(options.threads), str(options.size), str(options.steps)]
    classpath = (HOME / "cli/target/classpath.txt").read_text()
    ours = Worker(
        ["java", "-Xmx2g", "-XX:+IgnoreUnrecognizedVMOptions", "--enable-native-access=ALL-UNNAMED",
         "-cp", f"{HOME / 'bench/target/classes'}:{classpath}", "org.syntagen.bench.EngineWorker", *arguments],
        ENVIRONMENT,
    )
    theirs = Worker([sys.executable, str(HOME / "bench/diffusers_worker.py"), *arguments], {})
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
        if not (folder / "model_index.json").exists():
            import models

            folder.mkdir(parents=True, exist_ok=True)
            models.write(options.model, HOME / "assets/syntagen-tiny/tokenizer", folder)
        compare(options, folder)


main()
