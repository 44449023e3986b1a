"""What it costs to start: CPU time of `--version` and `--help`, as a ratio to a Python that only imports click.

    python -m benchmarks.start.bench_start [--rounds 20]

The median of the rounds is taken; the three commands take turns, so that a busy machine is busy for all of them.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import subprocess
import sys

BUDGET = 0.120
"""Seconds of CPU that `driftbot --version` may take."""
START = "from driftbot.cli.main import main; main()"
COMMANDS = {
    "import click": (sys.executable, "-c", "import click"),
    "driftbot --version": (sys.executable, "-c", START, "--version"),
    "driftbot --help": (sys.executable, "-c", START, "--help"),
}


def processor_time(command: tuple[str, ...]) -> float:
    """User and system seconds of one run."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> int:
    """Print the table; 1 where `--version` is over its budget."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    rounds = parser.parse_args().rounds
    times: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for _ in range(rounds):
        for name, command in COMMANDS.items():
            times[name].append(processor_time(command))
    median = {name: statistics.median(found) for name, found in times.items()}
    for name, seconds in median.items():
        print(f"{name:20} {seconds * 1000:6.0f} ms CPU  {seconds / median['import click']:5.2f} × import click")
    print(f"budget of --version: {BUDGET * 1000:.0f} ms; median of {rounds} rounds")
    return int(median["driftbot --version"] > BUDGET)


if __name__ == "__main__":
    sys.exit(main())
