"""Matched weeks: parts of days since a moment held against the same hours of the weeks before it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from driftbot.core.series import FloatArray
from driftbot.detectors.fit.firing import Flags
from driftbot.detectors.medians import medians
from driftbot.detectors.panel import Panel
from driftbot.detectors.peers.common_scale import scaled_together
from driftbot.detectors.spread import NORMAL

Columns = NDArray[np.int64]

DAY, WEEK = 86400.0, 7 * 86400.0

PART = 0.25 * DAY
"""Seconds of a part: medians of six hours are nearly independent of each other where hours are not."""

PARTS_A_DAY = 4

WEEKS_BEFORE = 2
"""Weeks before the moment that count as before it."""

CADENCE = 6 * DAY
"""An earlier moment at least so far back (seconds) ends what counts as before: a weekly release, give or take a day."""

EVE = 2 * DAY
"""Seconds before the moment in which what only seems to come with it would show already. Ours."""

LEAST_NOISE = 0.004
"""Of a part, on log scale: below it a series that never moves would turn any rounding into an effect. Ours."""


@dataclass(frozen=True, slots=True, eq=False)
class MatchedWeek:
    """Parts of six hours since each series' moment: arrays of (series, parts), NaN where there is nothing to compare.

    ``effect`` is the difference to the same hours before, on log scale where ``logarithmic``; ``weeks`` how many weeks
    stood behind it; ``noise`` (series,) the standard deviation of a part. ``eve`` (series,) is the difference of the
    two days before the moment to the same hours a week earlier: what was there already.
    """

    effect: FloatArray
    weeks: FloatArray
    noise: FloatArray
    eve: FloatArray
    logarithmic: Flags


def matched_week(panel: Panel, rows: Columns, moments: FloatArray, earlier: FloatArray) -> MatchedWeek:
    """Hold the rows of a panel since their moments (Unix seconds) against the weeks before them.

    ``earlier`` is the moment before, NaN where there is none. Columns are at most ``PART`` apart.
    """
    values, logarithmic = scaled_together(panel.values[rows][:, None, :])
    after = np.ceil(np.round((moments - panel.start) / panel.step, 6)).astype(np.int64)
    before = np.floor(np.round((moments - panel.start) / panel.step, 6)).astype(np.int64)
    since = _since(panel, moments, earlier)
    laid = _laid(values[:, 0], after)
    reference, weeks = _reference(values[:, 0], after, before, since, round(WEEK / panel.step))
    times = -(-laid.shape[1] // reference.shape[1])
    width = laid.shape[1]
    per_part = max(1, round(PART / panel.step))
    effect = _parts(laid - np.tile(reference, times)[:, :width], per_part)
    behind = _parts(np.tile(weeks, times)[:, :width], per_part)
    noise = _noise(values[:, 0], after, since, per_part)
    return MatchedWeek(effect, behind, noise, _eve(values[:, 0], before, since, panel.step), logarithmic)


def _since(panel: Panel, moments: FloatArray, earlier: FloatArray) -> Columns:
    """The first column that counts as before."""
    bound = np.where(moments - earlier >= CADENCE, earlier, -np.inf)
    bound = np.maximum(np.maximum(bound, moments - WEEKS_BEFORE * WEEK), panel.start)
    return np.ceil(np.round((bound - panel.start) / panel.step, 6)).astype(np.int64)


def _laid(values: FloatArray, first: Columns) -> FloatArray:
    """Each row from its first column on."""
    width = int(values.shape[1] - first.min(initial=values.shape[1]))
    at = first[:, None] + np.arange(width)[None, :]
    return _taken(values, at, at < values.shape[1])


def _reference(
    values: FloatArray, after: Columns, before: Columns, since: Columns, week: int
) -> tuple[FloatArray, FloatArray]:
    """What was at each column of the week after the moment before it, and in how many weeks (NaN: none)."""
    at = after[:, None] + np.arange(week)[None, :]
    total, count = np.zeros(at.shape), np.zeros(at.shape)
    for weeks in range(1, WEEKS_BEFORE + 1):
        back = at - weeks * week
        taken = _taken(values, back, (back >= since[:, None]) & (back < before[:, None]))
        total += np.nan_to_num(taken)
        count += ~np.isnan(taken)
    known = count > 0
    return np.where(known, total / np.maximum(count, 1.0), np.nan), np.where(known, count, np.nan)


def _eve(values: FloatArray, before: Columns, since: Columns, step: float) -> FloatArray:
    at = before[:, None] - 1 - np.arange(max(1, round(EVE / step)))[None, :]
    week = round(WEEK / step)
    late, early = (_taken(values, back, back >= since[:, None]) for back in (at, at - week))
    return medians(late - early)


def _noise(values: FloatArray, after: Columns, since: Columns, per_part: int) -> FloatArray:
    """How far a part strays: from parts a day apart, before and after, of which a step moves only four."""
    laid = _laid(values, after)
    back = after[:, None] - 1 - np.arange(int((after - since).max(initial=0)))[None, :]
    old = _parts(_taken(values, back, back >= since[:, None]), per_part)
    new = _parts(laid, per_part)
    apart = [np.abs(parts[:, PARTS_A_DAY:] - parts[:, :-PARTS_A_DAY]) for parts in (old, new)]
    noise = NORMAL * medians(np.concatenate(apart, axis=1)) / np.sqrt(2.0)
    hypotenuse: FloatArray = np.hypot(noise, LEAST_NOISE)
    return hypotenuse


def _parts(laid: FloatArray, per_part: int) -> FloatArray:
    """Medians of parts; NaN where less than half of one is there."""
    count = laid.shape[1] // per_part
    parts = laid[:, : count * per_part].reshape(len(laid), count, per_part)
    found = medians(parts)
    found[np.sum(~np.isnan(parts), axis=2) * 2 < per_part] = np.nan
    return found


def _taken(values: FloatArray, at: Columns, inside: Flags) -> FloatArray:
    held = np.take_along_axis(values, np.clip(at, 0, values.shape[1] - 1), axis=1)
    taken: FloatArray = np.where(inside, held, np.nan)
    return taken
