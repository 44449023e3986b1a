"""Levels: samples turned so that a threshold is always crossed upwards, and what follows from them alone."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from driftbot.core.series import FloatArray
from driftbot.detectors.fit.firing import (
    Flags,
    bridged,
    evaluations,
    firing_starts,
    kept_evaluations,
    sustained,
)
from driftbot.detectors.fit.rhythm import normal_peak
from driftbot.detectors.fit.threshold import EXACT, Rows, Samples, Threshold
from driftbot.detectors.spread import centre_and_spread
from driftbot.promql.condition import Comparison

DAY, WEEK = 86400.0, 7 * 86400.0
_STRICT = frozenset({Comparison.ABOVE, Comparison.BELOW})


@dataclass(frozen=True, eq=False)
class Levels:
    """A threshold held against samples: for ``<`` both are negated, for ``==`` and ``!=`` a level is 1 where it holds.

    ``held`` is, at each time, the highest threshold that would fire there: the lowest level of the last ``for``.
    """

    threshold: Threshold
    samples: Samples

    @property
    def ordered(self) -> bool:
        """Whether more and less mean something; not so for ``==`` and ``!=``."""
        return self.threshold.comparison not in EXACT

    @property
    def sign(self) -> float:
        """-1 where the alert fires below its threshold."""
        return -1.0 if self.threshold.comparison.downward else 1.0

    @property
    def limit(self) -> float:
        """The threshold as a level."""
        return self.sign * self.threshold.value if self.ordered else 0.5

    @property
    def ceiling(self) -> float:
        """What no level can go beyond; infinite where nothing is known."""
        return self.threshold.high if self.sign > 0 else -self.threshold.low

    @cached_property
    def plain(self) -> FloatArray:
        """The levels as measured; an infinite one as far beyond all others as keeps it beyond every limit tried."""
        values = self.samples.values
        if self.ordered:
            levels = values if self.sign > 0 else -values
            return _finite(levels, self.limit) if np.isinf(levels).any() else levels
        equal = values == self.threshold.value
        holds = equal if self.threshold.comparison is Comparison.EQUAL else ~equal
        return np.where(np.isnan(values), np.nan, holds.astype(np.float64))

    @cached_property
    def bridged(self) -> FloatArray:
        """The levels without single lost samples; verdicts rest on them."""
        return bridged(self.plain, self.samples.step)

    @cached_property
    def held(self) -> FloatArray:
        """What was held for ``for``, without single lost samples."""
        return sustained(self.bridged, self._evaluations)

    @cached_property
    def held_exactly(self) -> FloatArray:
        """What was held for ``for``, where a lost sample resolves as it does in Prometheus."""
        return self.held if self.bridged is self.plain else sustained(self.plain, self._evaluations)

    @property
    def _evaluations(self) -> int:
        """Samples in a row that span ``for``; where they lie too far apart for it, those that fit into it."""
        hold, step = self.threshold.hold, self.samples.step
        return evaluations(hold, step) if self.samples.judges(hold) else int(hold // step) + 1

    @property
    def _kept(self) -> int:
        return kept_evaluations(self.threshold.keep_firing, self.samples.step)

    @cached_property
    def worst(self) -> FloatArray:
        """At each time the highest that any series held; NaN where none has a sample."""
        rows = self.held if self.samples.rows is Rows.SERIES else self.held[:1]
        worst: FloatArray = np.fmax.reduce(rows, axis=0)
        return worst

    @cached_property
    def weeks(self) -> float:
        """For how many weeks there are samples."""
        return float((~np.isnan(self.plain)).any(axis=0).sum()) * self.samples.step / WEEK

    def beyond(self, levels: FloatArray, limit: float) -> Flags:
        """Where levels are beyond a limit, as the comparison means it."""
        return levels > limit if self.threshold.comparison in _STRICT or not self.ordered else levels >= limit

    def firings_a_week(self, limit: float) -> float:
        """How often an alert at this limit would have fired, all series together, where lost samples resolve it."""
        starts = firing_starts(self.beyond(self.held_exactly, limit), self.beyond(self.plain, limit), self._kept)
        return float(starts.sum()) / self.weeks

    @cached_property
    def starts(self) -> Flags:
        """Where it would have begun to fire had no single sample been lost."""
        return firing_starts(self.beyond(self.held, self.limit), self.beyond(self.bridged, self.limit), self._kept)

    @cached_property
    def firing_share(self) -> float:
        """The share of time in which it fires, for any series; of an envelope for every series."""
        held = self.held if self.samples.rows is Rows.SERIES else self.held[1:]
        there = (~np.isnan(held)).any(axis=0)
        fires = self.beyond(held, self.limit).any(axis=0)
        return float(fires.sum()) / max(1, int(there.sum()))

    @cached_property
    def holding_share(self) -> FloatArray:
        """Of each row the share of its samples that are beyond the limit."""
        present = (~np.isnan(self.bridged)).sum(axis=1)
        share: FloatArray = self.beyond(self.bridged, self.limit).sum(axis=1) / np.maximum(1, present)
        return share

    @cached_property
    def tops(self) -> FloatArray:
        """The highest level that each row held; NaN where it held none."""
        tops: FloatArray = np.fmax.reduce(self.held, axis=1)
        return tops if self.samples.rows is Rows.SERIES else tops[:1]

    @cached_property
    def centres_and_spreads(self) -> FloatArray:
        """Of each row the median and the spread about it."""
        return np.array([centre_and_spread(row) for row in self.bridged[: len(self.tops)]])

    @cached_property
    def margins(self) -> FloatArray:
        """Of each row how many of its spreads the limit lies above what it held; NaN where it never changed."""
        spreads = np.where(self.centres_and_spreads[:, 1] > 0, self.centres_and_spreads[:, 1], np.nan)
        margins: FloatArray = (self.limit - self.tops) / spreads
        return margins

    @cached_property
    def margin(self) -> float:
        """The smallest margin of any row; NaN where none has one."""
        return float(np.fmin.reduce(self.margins))

    @cached_property
    def spread(self) -> float:
        """The spread of the row that comes nearest to the limit; NaN where nothing ever changed."""
        known = np.isfinite(self.margins)
        return float(self.centres_and_spreads[np.nanargmin(self.margins), 1]) if known.any() else np.nan

    @cached_property
    def centre(self) -> float:
        """The median of the rows' medians."""
        return float(np.nanmedian(self.centres_and_spreads[:, 0]))

    @cached_property
    def top(self) -> float:
        """The highest level that any row held; NaN where none held one."""
        return float(np.fmax.reduce(self.tops))

    @property
    def highest(self) -> float:
        """The highest level that was measured."""
        return float(np.fmax.reduce(self.plain, axis=None))

    @cached_property
    def peak(self) -> float:
        """How high the worst row ordinarily gets; NaN where there is no telling, or it never rises above its median."""
        peak = normal_peak(self.worst, self.samples.start, self.samples.step)
        return peak if peak > self.centre else np.nan


def _finite(levels: FloatArray, limit: float) -> FloatArray:
    """The levels with infinite ones put twice as far from zero as the farthest finite one or the limit."""
    finite = levels[np.isfinite(levels)]
    far = 2.0 * max(abs(limit), float(np.abs(finite).max(initial=0.0))) or 1.0
    return np.clip(levels, -far, far)
