"""Public series: what change points are found in them, with a plot of each for the eye.

Benchmark histories of hyper and safetensors (unlabelled), the NAB's cloud metrics (windows in which people saw
something odd), and Otava's TigerBeetle series (shifts known to its author). Every second series by name is for tuning,
the others are the report. The material is read from the folder that ``DRIFTBOT_CORPUS`` names; plots go to
build/public_series.
"""

from __future__ import annotations

import gzip
import itertools
import json
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from benchmarks.detectors.found_places import matched
from driftbot.core.series import FloatArray
from driftbot.detectors.steps.change_points import Segments, segments

PLOTS = Path("build/public_series")
TIGERBEETLE = (15, 71)


@dataclass(frozen=True, slots=True, eq=False)
class Public:
    """A series by its name; ``windows`` are labelled columns (first, last)."""

    name: str
    values: FloatArray
    windows: tuple[tuple[int, int], ...] = ()


def histories(folder: Path) -> list[Public]:
    """Benchmark histories, a point a commit."""
    with gzip.open(folder / "ci_bench_series.json.gz") as file:
        read = json.load(file)
    return [Public(name, np.asarray(one["value"], dtype=np.float64)) for name, one in sorted(read.items())]


def cloud_metrics(folder: Path) -> list[Public]:
    """The NAB's series with their labelled windows."""
    with gzip.open(folder / "nab_aws_known.json.gz") as file:
        read = json.load(file)
    return [_labelled(name, one) for name, one in sorted(read.items())]


def tigerbeetle(folder: Path) -> Public:
    """Otava's test series."""
    read = json.loads((folder / "tigerbeetle_otava.json").read_text())
    return Public("tigerbeetle", np.asarray(read["v"], dtype=np.float64))


def _labelled(name: str, one: dict) -> Public:
    times = np.asarray([_seconds(text) for text in one["t"]])
    windows = tuple(
        (int(np.searchsorted(times, _seconds(first))), int(np.searchsorted(times, _seconds(last))))
        for first, last in one["windows"]
    )
    return Public(name, np.asarray(one["v"], dtype=np.float64), windows)


def _seconds(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def _told(series: Public, found: Segments) -> Iterator[str]:
    for first, before, after in zip(found.first, found.before, found.after, strict=True):
        change = f"{after / before - 1:+.1%}" if before > 0 else f"{before:.3g} → {after:.3g}"
        inside = " in a labelled window" if any(a <= first <= b for a, b in series.windows) else ""
        yield f"{first} ({change}){inside}"


def _plot(series: Public, found: Segments) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10, 3), layout="constrained")
    axes = figure.subplots()
    axes.plot(series.values, ".", markersize=2, color="#456")
    for first, last in series.windows:
        axes.axvspan(first, last, color="#fd8", alpha=0.5)
    ends = [0, *found.first.tolist(), len(series.values)]
    for first, last in itertools.pairwise(ends):
        axes.hlines(np.nanmedian(series.values[first:last]), first, last, color="#c22")
    axes.set_title(series.name, fontsize=8)
    PLOTS.mkdir(parents=True, exist_ok=True)
    figure.savefig(PLOTS / f"{series.name.replace('/', '-')}.png", dpi=80)


def _shown(series: Public) -> Segments:
    found = segments(series.values[None, :])
    told = list(_told(series, found))
    print(f"  {series.name} ({len(series.values)} points): {'; '.join(told) or 'nothing'}")
    _plot(series, found)
    return found


def main() -> None:
    """Print what is found in the half that was not tuned on; ``--tuning`` shows the other."""
    corpus = os.environ.get("DRIFTBOT_CORPUS")
    if not corpus:
        sys.exit("DRIFTBOT_CORPUS names no folder; set it to the folder of public material")
    folder, half = Path(corpus) / "series", 0 if "--tuning" in sys.argv[1:] else 1
    print("benchmark histories")
    points = [len(_shown(series).first) for series in histories(folder)[half::2]]
    print(f"  {sum(points)} change points in {len(points)} series")
    print("cloud metrics with labelled windows")
    hit, windows, outside = 0, 0, 0
    for series in cloud_metrics(folder)[half::2]:
        first = _shown(series).first
        within = [(first >= a) & (first <= b) for a, b in series.windows]
        hit, windows = hit + sum(bool(one.any()) for one in within), windows + len(within)
        outside += len(first) - int(np.any(within, axis=0).sum()) if within else len(first)
    print(f"  a change point in {hit} of {windows} windows, {outside} outside")
    known = tigerbeetle(folder)
    hits, _, missed = matched(_shown(known).first.tolist(), TIGERBEETLE)
    print(f"  its author's two shifts: {hits} found, {missed} missed; plots in {PLOTS}")


if __name__ == "__main__":
    main()
