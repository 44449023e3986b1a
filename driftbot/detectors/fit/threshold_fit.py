"""Whether a threshold fits what is measured: can it be reached, does it tell good from bad, does it fire by routine.

Every judgement is made of shares, counts and distances in spreads, so that it is the same in every unit. The numbers
are ours: they are meant to be wide enough that nobody argues with a verdict, and a threshold about which one might is
left to fit. Quiet data prove nothing: an alert that never fired may be the best of all, so "never reached" is said only
of what is out of reach by any measure of what was seen, and never of what counts rare events.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from driftbot.detectors.fit.fit_sentence import sentences
from driftbot.detectors.fit.levels import DAY, Levels
from driftbot.detectors.fit.neighbour import Neighbour, neighbours
from driftbot.detectors.fit.suggestion import SELDOM, noisy_suggestion, quiet_suggestion
from driftbot.detectors.fit.threshold import Part, Samples, Threshold
from driftbot.detectors.fit.unit_factor import meant

LEAST_DAYS = 5.0
"""Days of samples without which nothing is said: a working week."""

ALWAYS = 0.95
"""Share of time from which an alert fires always: it is silent for less than nine hours a week."""

OFTEN = 3
"""Firings of one series in a day that are more than an incident and its aftermath."""

MANY_DAYS, LEAST_MANY_DAYS = 0.2, 2
"""Share of days (and how many at least) with ``OFTEN`` firings that make it flap: a bad day alone does not."""

HOVERING = (0.2, 0.8)
"""Share of samples beyond the threshold between which it lies amid what is ordinary."""

CROSSINGS = 12.0
"""Crossings a day of a series that hovers about its threshold: every two hours."""

NEAR = 0.5
"""Spreads between threshold and ordinary peak below which the next busy day fires: a third of normal samples stray
further than that from their mean by chance, in either direction."""

FAR, FAR_TIMES = 10.0, 5.0
"""A threshold is out of reach that lies ``FAR`` spreads beyond the highest level that was held, and more than
``FAR_TIMES`` as far from the median as any sample."""

RESTING = 0.95
"""Share of samples that are one and the same value from which a series is at rest and only events move it."""


class Verdict(StrEnum):
    """What the measured distribution says about a threshold."""

    FITS = "fits"
    NO_DATA = "no_data"
    TOO_LITTLE = "too_little"
    NEVER_REACHED = "never_reached"
    ALWAYS_TRUE = "always_true"
    FLAPPING = "flapping"
    UNIT_MISTAKE = "unit_mistake"
    NEAR_PEAK = "near_peak"
    LEFT_ALONE = "left_alone"


@dataclass(frozen=True, slots=True)
class Fit:
    """A verdict and what it rests on.

    ``margin`` is how many spreads the threshold lies beyond the highest level that was held for ``for`` (negative: it
    was reached), ``firings`` how often the alert would have fired in a week, all series together, and ``neighbours``
    the same at other thresholds. Each is None (empty) where it cannot be told. ``suggested`` is a threshold that the
    evidence speaks for, if any. ``evidence`` are sentences.
    """

    verdict: Verdict
    margin: float | None = None
    firings: float | None = None
    neighbours: tuple[Neighbour, ...] = ()
    suggested: float | None = None
    evidence: tuple[str, ...] = ()


def fit(threshold: Threshold, samples: Samples) -> Fit:
    """Hold a threshold against the samples of its measured side."""
    there = ~np.isnan(samples.values)
    if not there.any():
        return Fit(Verdict.NO_DATA, evidence=("no sample in the whole window",))
    days = float(there.any(axis=0).sum()) * samples.step / DAY
    if days < LEAST_DAYS:
        return Fit(
            Verdict.TOO_LITTLE, evidence=(f"{days:.1f} days of samples are too few, {LEAST_DAYS:.0f} are needed",)
        )
    levels = Levels(threshold, samples)
    corrected = meant(levels)
    verdict = Verdict.UNIT_MISTAKE if corrected is not None else _verdict(levels)
    firings = levels.firings_a_week(levels.limit) if samples.judges(threshold.hold) else None
    around = neighbours(levels) if firings is not None else ()
    suggested = corrected if corrected is not None else _suggested(levels, verdict, firings)
    margin = levels.margin if levels.ordered and math.isfinite(levels.margin) else None
    told = tuple(sentences(levels, firings, suggested))
    return Fit(verdict, margin, firings, around, suggested, told)


def _verdict(levels: Levels) -> Verdict:
    match levels.threshold.part:
        case Part.SUPPRESSING:
            return Verdict.LEFT_ALONE
        case Part.JOINED:
            return _quiet(levels)
    if levels.firing_share >= ALWAYS:
        return Verdict.ALWAYS_TRUE
    if _flaps(levels):
        return Verdict.FLAPPING
    if levels.ordered and levels.limit - levels.peak < NEAR * levels.spread:
        return Verdict.NEAR_PEAK
    return _quiet(levels)


def _flaps(levels: Levels) -> bool:
    samples = levels.samples
    if not samples.judges(levels.threshold.hold):
        return False
    days = (~np.isnan(levels.bridged)).sum(axis=1) * samples.step / DAY
    busy = _days_with_many_firings(levels)
    if (busy >= np.maximum(LEAST_MANY_DAYS, MANY_DAYS * days)).any():
        return True
    low, high = HOVERING
    amid = (levels.holding_share >= low) & (levels.holding_share <= high)
    beyond = levels.beyond(levels.bridged, levels.limit)
    crossings = (beyond[:, 1:] & ~beyond[:, :-1]).sum(axis=1) / np.maximum(days, 1.0)
    return bool((amid & (crossings >= CROSSINGS)).any())


def _days_with_many_firings(levels: Levels) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Of each series the number of days on which it began to fire ``OFTEN`` times or more."""
    samples = levels.samples
    row, column = np.nonzero(levels.starts)
    day = np.floor((samples.start + column * samples.step) / DAY).astype(np.int64)
    found = np.zeros(len(samples.values), dtype=np.int64)
    if len(row):
        _, at, count = np.unique(np.stack((row, day)), axis=1, return_counts=True, return_index=True)
        np.add.at(found, row[at[count >= OFTEN]], 1)
    return found


def _quiet(levels: Levels) -> Verdict:
    """What is said of a threshold that nothing speaks against but how far away it may be."""
    if not levels.ordered or levels.holding_share.any():
        return Verdict.FITS
    if not _out_of_reach(levels) or _within_bounds(levels):
        return Verdict.FITS
    return Verdict.LEFT_ALONE if levels.threshold.rare or _rests(levels) else Verdict.NEVER_REACHED


def _out_of_reach(levels: Levels) -> bool:
    away, reached = levels.limit - levels.centre, levels.highest - levels.centre
    return levels.margin >= FAR and away > FAR_TIMES * reached


def _within_bounds(levels: Levels) -> bool:
    """Whether there is an end to what can be measured, and the threshold lies before it.

    A ratio can come to 1 whatever it was so far; what was never below zero can come to zero,
    and a forecast below it.
    """
    if levels.limit < levels.ceiling < math.inf:
        return True
    never_positive = bool(np.fmax.reduce(levels.plain, axis=None) <= 0.0)
    return never_positive and levels.limit <= 0.0


def _rests(levels: Levels) -> bool:
    nearest = levels.bridged[int(np.nanargmin(levels.margins))]
    present = nearest[~np.isnan(nearest)]
    return float((present == np.median(present)).mean()) >= RESTING


def _suggested(levels: Levels, verdict: Verdict, firings: float | None) -> float | None:
    """Quiet data are no reason to loosen an alert: nothing looser is suggested for one that seldom fires."""
    if firings is None or not levels.ordered or levels.threshold.part is not Part.ALONE:
        return None
    if verdict is Verdict.NEVER_REACHED:
        return quiet_suggestion(levels)
    if verdict is Verdict.ALWAYS_TRUE:
        return noisy_suggestion(levels) if (levels.holding_share >= ALWAYS).all() else None
    noisy = verdict in {Verdict.FLAPPING, Verdict.NEAR_PEAK} and firings > SELDOM
    return noisy_suggestion(levels) if noisy else None
