"""Sentences: what a verdict about a threshold rests on, for people."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np

from driftbot.core.quantity import Quantity, Unit
from driftbot.detectors.levels import Levels
from driftbot.detectors.neighbour import Neighbour
from driftbot.detectors.threshold import Part, Rows


def sentences(
    levels: Levels, firings: float | None, around: Sequence[Neighbour], suggested: float | None
) -> Iterator[str]:
    """The evidence, the most telling first: how often it fires, what was seen, where it would fire how often."""
    yield _firings(levels, firings)
    if levels.ordered:
        yield _distribution(levels)
        yield from _held(levels)
    if suggested is not None and firings is not None and levels.ordered:
        would = levels.firings_a_week(levels.sign * suggested)
        yield f"at {suggested:.6g} it would have fired {_times(would)}"
    if around:
        others = ", ".join(f"{one.threshold:.4g} → {one.firings:.3g}" for one in around)
        yield f"times a week at other thresholds: {others}"
    yield _seen(levels)


def _seen(levels: Levels) -> str:
    samples = levels.samples
    there = ~np.isnan(samples.values)
    share = float(there.sum()) / there.size
    many = len(samples.values)
    of = f"{many} series" if samples.rows is Rows.SERIES else "the extremes of all series"
    window = _duration(samples.values.shape[1] * samples.step)
    lost = "" if share > 0.995 else f", {1 - share:.0%} of the samples are missing"
    return f"{window} of {of} at steps of {_duration(samples.step)}{lost}"


def _distribution(levels: Levels) -> str:
    plain = levels.plain if levels.samples.rows is Rows.SERIES else levels.plain[:1]
    half, most, top = levels.sign * np.nanquantile(plain, (0.5, 0.99, 1.0))
    side, extreme = ("below", "highest") if levels.sign > 0 else ("above", "lowest")
    return f"half of the time {side} {half:.4g}, 99% {side} {most:.4g}, {extreme} {top:.4g}"


def _held(levels: Levels) -> Iterator[str]:
    judged = levels.samples.judges(levels.threshold.hold)
    if levels.threshold.hold and judged and not math.isnan(levels.top):
        extreme = "highest" if levels.sign > 0 else "lowest"
        yield f"{extreme} held for {_duration(levels.threshold.hold)}: {levels.sign * levels.top:.4g}"
    if not math.isnan(levels.peak):
        yield f"the ordinary {'peak' if levels.sign > 0 else 'low'} is {levels.sign * levels.peak:.4g}"


def _firings(levels: Levels, firings: float | None) -> str:
    if levels.samples.rows is Rows.ENVELOPE:
        return "of too many series it is not known how often one fires"
    if firings is None:
        return f"steps of {_duration(levels.samples.step)} are too coarse to say how often it fires"
    at_most = "at most " if levels.threshold.part is Part.JOINED else ""
    because = ", as other conditions have to hold as well" if at_most else ""
    return f"at {levels.threshold.value:.6g} it fires {at_most}{_times(firings)}{because}"


def _times(firings: float) -> str:
    return f"{firings:.3g} times a week"


def _duration(seconds: float) -> str:
    return str(Quantity(seconds, Unit.SECONDS))
