"""Processes that do the same work in turns, so that a slow moment of the machine meets both."""

import os
import pathlib
import statistics
import subprocess
import sys

HOME = pathlib.Path(__file__).resolve().parent.parent

# As ./syntagen sets them.
ENVIRONMENT = {
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_MMAP_THRESHOLD_": "301989888",
    "MALLOC_TRIM_THRESHOLD_": "268435456",
    "MALLOC_TOP_PAD_": "67108864",
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

    @staticmethod
    def java(name, *arguments):
        """One of this engine's, by its class."""
        classpath = (HOME / "cli/target/classpath.txt").read_text()
        return Worker(
            ["java", f"@{HOME / 'cli/java.options'}", "-XX:+IgnoreUnrecognizedVMOptions", "--enable-native-access=ALL-UNNAMED",
             "-cp", f"{HOME / 'bench/target/classes'}:{classpath}", f"org.syntagen.bench.{name}",
             *map(str, arguments)],
            ENVIRONMENT,
        )

    @staticmethod
    def python(name, *arguments):
        """One of the reference's, by its script."""
        return Worker([sys.executable, str(HOME / "bench" / name), *map(str, arguments)], {})

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
    """The median with the range."""
    ordered = sorted(values)
    return f"{statistics.median(ordered):.3f} ({ordered[0]:.3f}-{ordered[-1]:.3f})"
