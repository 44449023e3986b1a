"""How fast: baseline, drift, change points and breach for 10,000 series × 90 days hourly, as a scan asks for them.

The engine's own path: series into panels, detectors, columns, findings with charts. The series are the simulated fleet
(``fleet.py``), each with weekly releases and a limit: one estate that stands still, and one of which half is shifted by
its releases and one in a hundred creeps (a real change costs more than none). Printed are seconds, memory and how many
answers are unknown; with ``--full`` the same for 100,000, and the ratio of the costs a series. The peer is apache-otava
on the same hours, in an environment of its own (``--peers PYTHON``), for change points alone. On a machine that does
other things as well the seconds of CPU say more: half of them is what two free cores take at best.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, process_time

import numpy as np

from benchmarks.detectors.fleet import DAY, HOUR, START, Fleet, Story, fleet
from driftbot.core.body import Body
from driftbot.core.fact import Fact
from driftbot.core.key import Key, ValueType, Vocabulary
from driftbot.core.marker import Marker
from driftbot.core.quantity import Quantity, Unit
from driftbot.core.rule import Rule
from driftbot.core.series import FloatArray, Series
from driftbot.core.snapshot import Snapshot
from driftbot.core.subject import Subject
from driftbot.engine.evaluate import evaluate
from driftbot.rules.reading import read_rules

DAYS, SERIES, FULL = 90, 10_000, 100_000
TEMPLATES = 500
"""Different series of each story; the others are these again, which no detector knows."""

LIMIT = 400.0
TARGET_SECONDS, TARGET_MEGABYTES, TARGET_RATIO, TARGET_GROWTH = 10.0, 1024.0, 100.0, 1.3
PEER_SERIES = 20

RULE = """
id: {name}
title: {name}
reference: {{url: "https://example.org/", summary: What is measured.}}
why: It is measured.
severity: high
owner: bench
for_each: job
expect: {expect}
message: "{name}"
cases:
  - {{name: nothing measured, verdict: unknown}}
"""
QUESTIONS = {
    "baseline": 'self.duration.baseline("90d") > duration("0s")',
    "drift": 'self.duration.drift("90d") <= 0.05',
    "step": 'self.duration.step("90d") <= 0.05',
    "breach": 'self.duration.breach(self.deadline, "30d") <= 0.5',
}


def words() -> Vocabulary:
    """The measured durations and the deadline."""
    return Vocabulary(
        [
            Key("job", "duration", ValueType.SERIES, "how long a run takes", Unit.SECONDS),
            Key("job", "deadline", ValueType.QUANTITY, "when a job is killed", Unit.SECONDS),
        ]
    )


def rules() -> tuple[Rule, ...]:
    """One rule a question."""
    bodies = [Body(f"{name}.yaml", RULE.format(name=name, expect=text).encode()) for name, text in QUESTIONS.items()]
    book = read_rules(bodies, words())
    assert not book.problems, book.problems[0]
    return book.rules


STILL = (Story.STILL,)
MIXED = (Story.SHIFTS, Story.STILL)


def estate(size: int, stories: dict[Story, Fleet], told: tuple[Story, ...]) -> Snapshot:
    """So many jobs whose stories take turns; of a mixed estate one in a hundred creeps."""
    drawn = {story: [_samples(stories[story].values[row]) for row in range(TEMPLATES)] for story in stories}
    facts, series, markers = [], [], []
    for number in range(size):
        story = Story.CREEP if len(told) > 1 and number % 100 == 99 else told[number % len(told)]
        row = (number // 100 if story is Story.CREEP else number) % TEMPLATES
        subject = Subject("job", "bench", f"shop/job-{number:06}")
        series.append(Series(subject, "duration", *drawn[story][row]))
        facts.append(Fact(subject, "deadline", Quantity(LIMIT, Unit.SECONDS)))
        markers += [Marker(subject, float(at), f"1.{count}") for count, at in enumerate(stories[story].releases[row])]
    as_of = datetime.fromtimestamp(START + DAYS * DAY, UTC)
    return Snapshot(as_of, tuple(facts), tuple(series), (), (), tuple(sorted(markers, key=lambda one: one.rank)))


def _samples(values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Times and values of the samples that are there."""
    there = ~np.isnan(values)
    times = START + HOUR * np.arange(DAYS * 24, dtype=np.float64)
    return times[there], values[there]


@dataclass(frozen=True)
class Cost:
    """What judging an estate took: seconds on the clock and of CPU, a series; and how many answers are unknown."""

    seconds: float
    processor: float
    unknown: int


def judged(size: int, stories: dict[Story, Fleet], told: tuple[Story, ...]) -> Cost:
    """Judge an estate of a size and print what it took."""
    snapshot = estate(size, stories, told)
    held = peak()
    before, processor = perf_counter(), process_time()
    evaluation = evaluate(rules(), words(), snapshot)
    seconds, processor = perf_counter() - before, process_time() - processor
    unknown = sum(tally.unknown for tally in evaluation.tallies)
    assert not [tally.stopped for tally in evaluation.tallies if tally.stopped], evaluation.tallies
    found = {tally.rule: tally.drift for tally in evaluation.tallies}
    print(
        f"{size:,} series × {DAYS} days hourly ({', '.join(told)}), {len(snapshot.markers):,} releases: {seconds:.1f} s"
        f" ({processor:.1f} s of CPU); {unknown} of {4 * size:,} answers unknown; told {found};"
        f" peak {peak():.0f} MB, of which {held:.0f} MB are the snapshot and this program",
        flush=True,
    )
    return Cost(seconds / size, processor / size, unknown)


def peak() -> float:
    """Peak resident memory of this process so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


PEER = """
import sys, time
import numpy as np
from otava.analysis import compute_change_points
values = np.load(sys.argv[1])
began = time.process_time()
for row in values:
    compute_change_points(row[~np.isnan(row)].tolist(), window_len=50, max_pvalue=0.001)
print((time.process_time() - began) / len(values))
"""


def otava(python: str, values: np.ndarray, folder: Path) -> float:
    """CPU seconds a series that apache-otava takes for change points alone."""
    path = folder / "peer.npy"
    np.save(path, values)
    answer = subprocess.run([python, "-c", PEER, str(path)], capture_output=True, text=True, check=True)
    return float(answer.stdout.split()[-1])


def main() -> None:
    """Print sizes, seconds and memory; exit 1 where a target of issue 4 is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="100,000 series as well")
    parser.add_argument("--peers", metavar="PYTHON", help="the interpreter of the peers' environment")
    options = parser.parse_args()
    stories = {story: fleet(TEMPLATES, DAYS, story, 1000) for story in (Story.STILL, Story.SHIFTS, Story.CREEP)}
    print(f"seed 1000, {TEMPLATES} different series of each of {', '.join(stories)}")
    costs = [judged(SERIES, stories, told) for told in (STILL, MIXED)]
    missed = max(cost.seconds for cost in costs) * SERIES > TARGET_SECONDS or peak() > TARGET_MEGABYTES
    missed |= any(cost.unknown for cost in costs)
    if options.peers:
        with TemporaryDirectory() as folder:
            theirs = otava(options.peers, stories[Story.STILL].values[:PEER_SERIES], Path(folder))
        print(f"apache-otava: {theirs:.3f} s of CPU a series ({PEER_SERIES} of them), change points alone")
        for told, cost in zip((STILL, MIXED), costs, strict=True):
            clock, cores = 1.0 / cost.seconds, 2.0 / cost.processor
            print(
                f"{', '.join(told)}: {clock:,.0f} series a second, {clock * theirs:,.0f} times otava's;"
                f" by CPU on two cores {cores:,.0f}, {cores * theirs:,.0f} times"
            )
        missed |= theirs / costs[0].seconds < TARGET_RATIO
    if options.full:
        many = judged(FULL, stories, MIXED)
        growth = many.processor / costs[1].processor
        print(f"{FULL:,} against {SERIES:,} series: {growth:.2f} times the CPU a series")
        missed |= growth > TARGET_GROWTH
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
