"""Peers of the drift detector on the same daily levels: what people use today, each at its best threshold.

``predict_linear`` over 7 days (the slope of least squares, as in PromQL), the line of Theil and Sen and the test of
Mann and Kendall over 28 days, river's ADWIN and Page–Hinkley (where river is installed). A level is a day's, with
driftbot's own profile taken out, which helps them. For each the threshold is the best of a fine grid that costs at most
one false notice a series-year on both nulls.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from benchmarks.detectors.drift_nights import FIRST, YEAR, delays, notices
from benchmarks.detectors.fleet import DAY, HOUR, START, Story, fleet
from driftbot.core.series import FloatArray
from driftbot.detectors.drift.daily_levels import daily_levels
from driftbot.detectors.panel import Panel
from driftbot.detectors.usual.baseline import baselines

STORIES = (Story.STILL, Story.SHIFTS, Story.RAMP, Story.RAMP_WITH_SHIFTS, Story.CREEP)
LAST = 132
GRID = 400
Statistic = Callable[[FloatArray], FloatArray]
"""Daily levels up to tonight (series, days) → how much speaks for a drift."""


def levels(story: Story, series: int, days: int, seed: int) -> tuple[FloatArray, FloatArray]:
    """Daily levels of a fleet, season out, and from which day each drifts."""
    simulated = fleet(series, days, story, seed)
    panel = Panel(START, HOUR, simulated.values)
    found = daily_levels(panel, baselines(panel).adjusted, (np.empty(0),) * series)
    return found.values, (simulated.drifts_from - START) / DAY


def least_squares(values: FloatArray, days: int = 7) -> FloatArray:
    """The size of the slope of the last days."""
    recent = values[:, -days:]
    there = ~np.isnan(recent)
    count = np.maximum(there.sum(axis=1, keepdims=True), 1)
    time = np.where(there, np.arange(recent.shape[1]) * 1.0, 0.0)
    time = np.where(there, time - time.sum(axis=1, keepdims=True) / count, 0.0)
    slope = (time * np.nan_to_num(recent)).sum(axis=1) / np.maximum((time * time).sum(axis=1), 1e-9)
    return np.abs(slope)


def _pairs(values: FloatArray, days: int) -> tuple[FloatArray, np.ndarray]:
    recent = values[:, -days:]
    earlier, later = np.triu_indices(recent.shape[1], k=1)
    return recent[:, later] - recent[:, earlier], later - earlier


def theil_sen(values: FloatArray) -> FloatArray:
    """The size of the median slope between all pairs of 28 days."""
    change, apart = _pairs(values, 28)
    return np.abs(np.nanmedian(change / apart, axis=1))


def mann_kendall(values: FloatArray) -> FloatArray:
    """How many of all pairs of 28 days rise rather than fall, as a share."""
    change, _ = _pairs(values, 28)
    return np.abs(np.nansum(np.sign(change), axis=1)) / np.maximum((~np.isnan(change)).sum(axis=1), 1)


def compare(null_series: int, series: int, days: int, seed: int) -> None:
    """Print what each peer costs and finds."""
    print(f"peers, one false notice a series-year on both nulls; {min(series, 200)} series a story")
    sizes = [null_series, null_series, *[min(series, 200)] * 3]
    spans = [days, days, LAST, LAST, LAST]
    fleets = [levels(*each, seed) for each in zip(STORIES, sizes, spans, strict=True)]
    statistics: dict[str, Statistic] = {
        "predict_linear 7 d": least_squares,
        "Theil–Sen 28 d": theil_sen,
        "Mann–Kendall 28 d": mann_kendall,
    }
    for name, statistic in statistics.items():
        scores = [_nightly(values, statistic) for values, _ in fleets]
        thresholds = np.quantile(
            np.concatenate([each.ravel() for each in scores[:2]]), 1.0 - np.geomspace(0.2, 1e-6, GRID)
        )
        found = [[score > threshold for score in scores] for threshold in thresholds]
        _tell(name, found, fleets)
    _river(fleets)


def _nightly(values: FloatArray, statistic: Statistic) -> FloatArray:
    return np.stack([statistic(values[:, :day]) for day in range(FIRST, values.shape[1] + 1)])


def _cost(told: np.ndarray) -> float:
    return float(notices(told).sum() / (told.size / YEAR))


def _tell(name: str, settings: list[list[np.ndarray]], fleets: list[tuple[FloatArray, FloatArray]]) -> None:
    fitting = [told for told in settings if max(_cost(told[0]), _cost(told[1])) <= 1.0 and told[2].any()]
    if not fitting:
        print(f"  {name:18} no setting costs at most one false notice a series-year and tells anything")
        return
    told = min(fitting, key=lambda each: float(np.mean([np.median(_took(each, fleets, place)) for place in (2, 3, 4)])))
    parts = []
    for place in (2, 3, 4):
        took = _took(told, fleets, place)
        parts.append(f"{STORIES[place]} {np.quantile(took, 0.5, method='higher'):.0f} ({np.mean(took <= 90):.0%})")
    print(f"  {name:18} median days (found within 90): " + ", ".join(parts), flush=True)


def _took(told: list[np.ndarray], fleets: list[tuple[FloatArray, FloatArray]], place: int) -> FloatArray:
    return delays(told[place], np.arange(FIRST, FIRST + len(told[place])), fleets[place][1])


def _river(fleets: list[tuple[FloatArray, FloatArray]]) -> None:
    try:
        from river import drift
    except ImportError:
        print("  river is not installed here: ADWIN and Page–Hinkley are left out")
        return
    adwin = [lambda delta=delta: drift.ADWIN(delta=delta, clock=1) for delta in (1e-6, 1e-4, 0.002, 0.02, 0.1, 0.3)]
    page = [
        lambda size=size, slack=slack: drift.PageHinkley(min_instances=14, delta=slack, threshold=size, alpha=1.0)
        for size in (0.03, 0.06, 0.1, 0.15, 0.25, 0.4, 0.7, 1.0)
        for slack in (0.002, 0.005, 0.01)
    ]
    for name, makers in (("ADWIN", adwin), ("Page–Hinkley", page)):
        settings = [[_streamed(values, make) for values, _ in fleets] for make in makers]
        print(
            f"  {name}: false notices a series-year of its settings, both nulls: "
            + ", ".join(
                f"{_cost(each[0]):.2f}/{_cost(each[1]):.2f}" for each in settings[:: max(1, len(settings) // 6)]
            )
        )
        _tell(name, settings, fleets)


def _streamed(values: FloatArray, make: Callable[[], object]) -> np.ndarray:
    told = np.zeros((values.shape[1] - FIRST + 1, len(values)), dtype=np.bool_)
    for row, series in enumerate(values):
        detector = make()
        for day, value in enumerate(series):
            if not np.isnan(value):
                detector.update(float(value))  # type: ignore[attr-defined]
                if detector.drift_detected and day + 1 >= FIRST:  # type: ignore[attr-defined]
                    told[day + 1 - FIRST, row] = True
    return told
