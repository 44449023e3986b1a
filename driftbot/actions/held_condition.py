"""Whether a condition held for a time: a range answer judged, without asking anybody. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from driftbot.collectors.prometheus_matrix import Matrix, MatrixSeries
from driftbot.core.harmless import harmless
from driftbot.core.quantity import format_number
from driftbot.promql.comparison import Limit
from driftbot.promql.condition import Nature
from driftbot.promql.expression import NotPromQL
from driftbot.promql.reading import read_expression

SHOWN = 3
"""Series that a sentence names."""


class Holding(StrEnum):
    """``HELD``: at every step something was measured, and all of it satisfies the condition. ``VIOLATED``: something
    does not. ``UNKNOWN``: none is violated, but at some steps nothing was measured, or what is no number.
    """

    HELD = "held"
    VIOLATED = "violated"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class CheckedCondition:
    """A condition of one comparison: the measured expression, and the limit that all of its series have to satisfy.

    ``text`` is what the author wrote.
    """

    measured: str
    limit: Limit
    text: str

    def __str__(self) -> str:
        return harmless(self.text)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What came of it, in a sentence."""

    holding: Holding
    told: str


@dataclass(frozen=True, slots=True)
class Grid:
    """The steps that were asked for: first and last in Unix seconds, both included, and seconds between two."""

    start: float
    end: float
    step: float

    @property
    def points(self) -> int:
        """How many steps there are."""
        return math.floor((self.end - self.start) / self.step + 1e-9) + 1


def read_condition(text: str) -> CheckedCondition:
    """The condition in an expression of PromQL: one comparison of something measured with a number.

    Raises:
        ValueError: it is something else; with what to write.
    """
    try:
        found = read_expression(text).conditions
    except NotPromQL as error:
        raise ValueError(f"it is no PromQL: {error}") from None
    limit = found[0].limit
    if len(found) > 1 or limit is None or found[0].nature is not Nature.PLAIN:
        raise ValueError(
            "write one comparison with a number, as `sum(rate(errors_total[5m])) < 0.5`; "
            "two sides that are measured as `a - b < 0`, several conditions as several steps"
        )
    return CheckedCondition(found[0].measured, limit, text)


def judge(condition: CheckedCondition, matrix: Matrix, grid: Grid) -> Judgement:
    """Whether the condition held at every step, by the samples of its measured side.

    A series may begin or end in between, as those of replaced pods do; but at every step there has to be one. What is
    not a number satisfies nothing and violates nothing.
    """
    if matrix.histograms:
        return Judgement(Holding.UNKNOWN, f"{condition.measured} gives histograms, which are no numbers")
    violations = sorted(_violations(condition, matrix), key=lambda one: one[0])
    if violations:
        told = "; ".join(sentence for _, sentence in violations[:SHOWN])
        more = f"; and {len(violations) - SHOWN:,} more series" if len(violations) > SHOWN else ""
        return Judgement(Holding.VIOLATED, f"{condition} was violated: {told}{more}")
    seen = _measured_steps(matrix, grid)
    if seen < grid.points:
        return Judgement(Holding.UNKNOWN, f"{condition.measured} was measured at {seen:,} of {grid.points:,} steps")
    return Judgement(Holding.HELD, f"{condition} held at all {grid.points:,} steps of {len(matrix.series):,} series")


def _violations(condition: CheckedCondition, matrix: Matrix) -> Iterator[tuple[float, str]]:
    for series in matrix.series:
        wrong = [
            (time, value)
            for time, value in zip(series.times, series.values, strict=True)
            if not math.isnan(value) and not condition.limit.holds(float(value))
        ]
        if wrong:
            time, value = wrong[0]
            first = np.datetime_as_string(np.datetime64(int(time), "s"))
            yield (
                float(time),
                f"{_labels(series)} was {format_number(float(value), 6)} at {first}Z, {len(wrong):,} times in all",
            )


def _measured_steps(matrix: Matrix, grid: Grid) -> int:
    steps = [
        np.rint((series.times[~np.isnan(series.values)] - grid.start) / grid.step).astype(int)
        for series in matrix.series
    ]
    return len({int(one) for one in np.concatenate(steps) if 0 <= one < grid.points}) if steps else 0


def _labels(series: MatrixSeries) -> str:
    written = ", ".join(f"{name}={value}" for name, value in sorted(series.labels.items()))
    return harmless("{" + written + "}", 160) if written else "it"
