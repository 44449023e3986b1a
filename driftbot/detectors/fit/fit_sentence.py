"""Sentences: what a verdict about a threshold rests on, for people."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from driftbot.core.quantity import Quantity, Unit
from driftbot.detectors.fit.levels import Levels
from driftbot.detectors.fit.threshold import Part, Rows


def sentences(levels: Levels, firings: float | None, suggested: float | None) -> Iterator[str]:
    """The evidence, the most telling first: how often it fires, what was seen, what another number would have done."""
    yield _firings(levels, firings)
    if levels.ordered:
        yield ", ".join(_distribution(levels))
    if suggested is not None and firings is not None:
        would = levels.firings_a_week(levels.sign * suggested)
        yield f"at {suggested:.6g} it would have fired {_times(would)}"
    yield _seen(levels)


def _firings(levels: Levels, firings: float | None) -> str:
    if levels.samples.rows is Rows.ENVELOPE:
        return "of too many series it is not known how often one fires"
    if firings is None:
        return f"steps of {_duration(levels.samples.step)} are too coarse to say how often it fires"
    if levels.threshold.part is Part.JOINED:
        return f"fires at most {_times(firings)}, as other conditions have to hold as well"
    return f"fires {_times(firings)}"


def _distribution(levels: Levels) -> Iterator[str]:
    values = levels.samples.values if levels.samples.rows is Rows.SERIES else levels.samples.values[:1]
    measured = levels.sign * values[~np.isnan(values)]
    half, most, top = levels.sign * np.quantile(measured, (0.5, 0.99, 1.0), method="lower")
    side, extreme, peak = ("below", "highest", "peak") if levels.sign > 0 else ("above", "lowest", "low")
    yield f"half of the time {side} {half:.3g}"
    yield f"99% {side} {most:.3g}"
    yield f"{extreme} {top:.3g}"
    if levels.threshold.hold and levels.samples.judges(levels.threshold.hold) and not math.isnan(levels.top):
        yield f"held for {_duration(levels.threshold.hold)} {levels.sign * levels.top:.3g}"
    if not math.isnan(levels.peak):
        yield f"ordinary {peak} {levels.sign * levels.peak:.3g}"


def _seen(levels: Levels) -> str:
    samples = levels.samples
    there = ~np.isnan(samples.values)
    share = float(there.sum()) / there.size
    of = f"{len(samples.values)} series" if samples.rows is Rows.SERIES else "the extremes of all series"
    window = _duration(samples.values.shape[1] * samples.step)
    lost = "" if share > 0.995 else f", {1 - share:.0%} of the samples missing"
    return f"{window} of {of} every {_duration(samples.step)}{lost}"


def _times(firings: float) -> str:
    return f"{firings:.3g} times a week"


def _duration(seconds: float) -> str:
    return str(Quantity(seconds, Unit.SECONDS))
