"""A threshold and the samples it is held against, as the detectors take them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

from driftbot.core.series import FloatArray
from driftbot.promql.condition import Comparison


class Part(StrEnum):
    """What a condition is to its alert: all of it, one of several that each suffice, one that others must join, or one
    that keeps the alert from firing."""

    ALONE = "alone"
    ALTERNATIVE = "alternative"
    JOINED = "joined"
    SUPPRESSING = "suppressing"


class Rows(StrEnum):
    """What the rows are: series, or of too many series the extreme on the alerting side and the other one."""

    SERIES = "series"
    ENVELOPE = "envelope"


ORDERED = frozenset({Comparison.ABOVE, Comparison.AT_LEAST, Comparison.BELOW, Comparison.AT_MOST})
EXACT = frozenset({Comparison.EQUAL, Comparison.NOT_EQUAL})


@dataclass(frozen=True, slots=True)
class Threshold:
    """A number that somebody chose, and how it alerts.

    ``hold`` and ``keep_firing`` are seconds. ``low`` and ``high`` are what the measured side cannot go beyond (0 and 1
    of a ratio). ``factors`` are those by which the value may be too large (below one: too small) for being in another
    unit; ``rare`` says that it counts what should not happen, so that quiet means nothing.
    """

    comparison: Comparison
    value: float
    hold: float = 0.0
    keep_firing: float = 0.0
    part: Part = Part.ALONE
    low: float = -math.inf
    high: float = math.inf
    factors: tuple[float, ...] = ()
    rare: bool = False

    def __post_init__(self) -> None:
        if self.comparison not in ORDERED | EXACT:
            raise ValueError(f"{self.comparison} has no threshold")


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """Samples of the measured side: a row a series, a column each ``step`` (seconds) from ``start`` (Unix seconds).

    NaN is a missing sample, as it is to an alert; a quotient may be infinite. ``interval`` is how often the alert is
    evaluated (seconds).
    """

    values: FloatArray
    start: float
    step: float
    interval: float
    rows: Rows = Rows.SERIES

    def __post_init__(self) -> None:
        if self.values.ndim != 2:
            raise ValueError("samples are a matrix of series × times")

    def judges(self, hold: float) -> bool:
        """Whether firings can be counted: the steps are the evaluations, or at least three of them span ``hold``."""
        return self.rows is Rows.SERIES and self.step <= max(self.interval, hold / 3)
