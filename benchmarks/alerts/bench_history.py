"""The git history of rule files: 2,000 commits over 100 files of 20 alerts read, and every alert followed through them.

    python -m benchmarks.alerts.bench_history [--commits 2000] [--files 100]

The repository is made with ``git fast-import``; every commit tunes one to three alerts. The peer is PyYAML's C loader
on the same contents, in the same run; the CPU includes git's own.
"""

from __future__ import annotations

import argparse
import random
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import process_time

import yaml

from driftbot.alerts.estate import Estate
from driftbot.alerts.ratchet import ratchets
from driftbot.collectors.alert_files import collector
from driftbot.collectors.collector import Context
from driftbot.core.snapshot import Reading
from driftbot.tape import LiveTape
from driftbot.tape.git_history import read_history

BUDGET = 10.0
"""Seconds of CPU for 2,000 commits that touch 100 files."""
ALERTS = 20
SEED = 20260801
FIRST = datetime(2026, 1, 1, tzinfo=UTC)
RULE = """\
      - alert: Errors{file}x{number}
        expr: |
          sum by (service) (rate(errors_total{{job="s{number}"}}[5m]))
          / sum by (service) (rate(requests_total{{job="s{number}"}}[5m])) > {share}
        for: {minutes}m
        labels: {{severity: critical, team: web}}
        annotations:
          summary: More than {share} of the requests of service {number} fail, and people see it
          runbook_url: https://example.org/{file}/{number}
"""

Tuning = list[tuple[float, int]]


def content(file: int, tuning: Tuning) -> bytes:
    """A rule file."""
    rules = (
        RULE.format(file=file, number=number, share=share, minutes=minutes)
        for number, (share, minutes) in enumerate(tuning)
    )
    return f"groups:\n  - name: g{file}\n    rules:\n{''.join(rules)}".encode()


def commits(count: int, files: int) -> Iterator[bytes]:
    """A stream for ``git fast-import``."""
    dice = random.Random(SEED)
    tunings: list[Tuning] = [[(dice.randint(1, 9) / 100, 5) for _ in range(ALERTS)] for _ in range(files)]
    touched = list(range(files))
    for number in range(count + 1):
        at = int((FIRST + timedelta(hours=4 * number)).timestamp())
        yield b"commit refs/heads/main\ncommitter Keeper <k@example.org> %d +0000\ndata 4\nTune\n" % at
        for file in touched:
            text = content(file, tunings[file])
            yield b"M 100644 inline rules/f%d.yaml\ndata %d\n%s\n" % (file, len(text), text)
        touched = sorted({dice.randrange(files) for _ in range(dice.choice((1, 1, 2, 3)))})
        for file in touched:
            place = dice.randrange(ALERTS)
            share, minutes = tunings[file][place]
            louder = dice.random() < 0.5
            tunings[file][place] = (round(share + 0.01, 4), minutes) if louder else (share, minutes + 5)


def build(root: Path, count: int, files: int) -> None:
    """Make the repository and check it out."""
    subprocess.run(["git", "init", "-q", "-b", "main"], cwd=root, check=True)
    subprocess.run(["git", "fast-import", "--quiet"], cwd=root, input=b"".join(commits(count, files)), check=True)
    subprocess.run(["git", "reset", "-q", "--hard"], cwd=root, check=True)


def read(root: Path, as_of: datetime, history: str) -> tuple[Reading, float]:
    """One reading of the files, with its CPU and git's."""
    started = process_time() + children()
    context = Context("git", "production", as_of, LiveTape(root))
    reading = collector.read(collector.options(path="rules", history=history), context)
    return reading, process_time() + children() - started


def children() -> float:
    """CPU seconds of processes that ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Measure and print; fail over the budget."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--commits", type=int, default=2000)
    parser.add_argument("--files", type=int, default=100)
    arguments = parser.parse_args()
    as_of = FIRST + timedelta(hours=4 * arguments.commits + 1)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        build(root, arguments.commits, arguments.files)
        _, without = read(root, as_of, "none")
        reading, used = read(root, as_of, "3650d")
        told = read_history(root / "rules", ["*.yaml"], [], FIRST - timedelta(days=1))
    started = process_time()
    for text in told.contents.values():
        list(yaml.load_all(text, Loader=yaml.CSafeLoader))
    peer = process_time() - started
    started = process_time()
    facts = list(ratchets(Estate(as_of, reading.facts, pasts=reading.pasts)))
    derived = process_time() - started
    size, versions = sum(map(len, told.contents.values())), sum(len(past.revisions) for past in reading.pasts)
    print(f"{arguments.commits:,} commits, {len(told.contents):,} contents, {size / 1e6:.1f} MB")
    print(f"{len(reading.pasts):,} alerts, {versions:,} versions")
    print(f"read with history: CPU {used:.1f} s, {used / peer:.1f} of PyYAML's C loader ({peer:.1f} s)")
    print(f"read without: CPU {without:.1f} s; ratchets of all alerts: CPU {derived:.1f} s, {len(facts):,} facts")
    print(f"peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")
    sys.exit(used > BUDGET)


if __name__ == "__main__":
    main()
