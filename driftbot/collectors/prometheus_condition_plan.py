"""Which conditions are asked of a server, and in which steps. Pure."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from driftbot.collectors.alert_rule import ALERT, CONDITION, DEFAULT_INTERVAL
from driftbot.collectors.prometheus_grid import Grid
from driftbot.collectors.prometheus_scope import Scope, Scoped
from driftbot.core.fact import Fact
from driftbot.core.quantity import Quantity, Unit
from driftbot.core.subject import Subject
from driftbot.detectors.fit.purpose import left_alone, part_of, threshold_of
from driftbot.detectors.fit.threshold import EXACT, Rows, Threshold
from driftbot.promql.condition import Comparison, Condition, Join

SHORTER = 7 * 86400.0
"""Seconds of which firings are counted where the budget does not allow the whole window: a week, with its rhythm."""

COARSE_POINTS = 720
"""Samples of each series that every condition is asked for: an hour apart over thirty days."""

MOST_SERIES = 200
"""Series that are told apart; of more only the extremes are asked for."""

MOST_CELLS = 4_000_000
"""Samples of one condition that are held in memory: 32 MB, several times over while it is judged."""

DEAREST = 0.05
"""Share of a night's budget that one condition may cost."""


@dataclass(frozen=True, slots=True)
class Sampling:
    """How a measured side is looked at: how far back and how far apart (seconds), and what the rows are."""

    window: float
    step: float
    rows: Rows

    def grid(self, now: float) -> Grid:
        """The times of its samples, up to now (Unix seconds)."""
        return Grid.covering(now - self.window, now, self.step)


@dataclass(frozen=True, slots=True)
class Question:
    """A condition whose threshold is held against what its measured side was.

    ``interval`` (how often it is evaluated) and ``window`` (how far back it is looked at) are in seconds. ``because``
    says why it is left alone; empty where it is asked.
    """

    subject: Subject
    measured: str
    threshold: Threshold | None
    interval: float
    window: float
    because: str = ""

    @property
    def asked(self) -> str:
        """What makes it the same question as on another night, for people and to compare; empty where none is asked."""
        if self.threshold is None:
            return ""
        held, limit = self.threshold, f"{self.threshold.comparison} {self.threshold.value!r}"
        keeping = f", keep_firing_for {_duration(held.keep_firing)}" if held.keep_firing else ""
        seen = f"every {_duration(self.interval)} over {_duration(self.window)}"
        return f"{self.measured} {limit} for {_duration(held.hold)}{keeping}, {held.part}, {seen}"

    @property
    def coarsest(self) -> float:
        """The longest step (seconds) at which it can be told how often it fires."""
        hold = self.threshold.hold if self.threshold else 0.0
        return max(self.interval, hold / 3)

    def queries(self, rows: Rows) -> tuple[str, ...]:
        """What is asked: all series, or the extreme on the alerting side and the other one."""
        if rows is Rows.SERIES:
            return (self.measured,)
        downward = self.threshold is not None and self.threshold.comparison in {Comparison.BELOW, Comparison.AT_MOST}
        extremes = ("min", "max") if downward else ("max", "min")
        return tuple(f"{extreme}({self.measured})" for extreme in extremes)


def _duration(seconds: float) -> str:
    return str(Quantity(seconds, Unit.SECONDS))


def questions(scope: Scope, about: Iterable[Fact], window: float) -> tuple[Question, ...]:
    """The conditions of the alerts that a server answers for, looked at over a window (seconds), sorted by subject."""
    known = tuple(about)
    alerts = {alert.subject.name: alert for alert in scope.of_kind(known, ALERT)}
    parts: dict[str, list[tuple[Scoped, Condition]]] = defaultdict(list)
    for scoped in scope.of_kind(known, CONDITION):
        condition = _condition(scoped)
        if condition is not None:
            parts[scoped.subject.name.rpartition("/")[0]].append((scoped, condition))
    return tuple(
        question
        for name in sorted(parts.keys() & alerts.keys())
        for question in _of_alert(alerts[name], parts[name], window)
    )


def _of_alert(alert: Scoped, parts: Sequence[tuple[Scoped, Condition]], window: float) -> Iterator[Question]:
    joins = [condition.joins for _, condition in parts]
    name = alert.subject.label("alertname") or alert.subject.name
    for scoped, condition in parts:
        part = part_of(condition.joins, joins)
        because = _unevaluated(alert) or left_alone(name, condition, part)
        held = _seconds(alert, "hold"), _seconds(alert, "keep_firing")
        threshold = None if because else threshold_of(condition, part, *held)
        yield Question(scoped.subject, condition.measured, threshold, _seconds(alert, "interval"), window, because)


def _unevaluated(alert: Scoped) -> str:
    """Why there is nothing to hold a threshold against where the server itself fails; empty where it does not."""
    return "the server cannot evaluate the alert" if alert.value("health") == "err" else ""


def _seconds(alert: Scoped, key: str) -> float:
    value = alert.value(key)
    if not isinstance(value, Quantity):
        return DEFAULT_INTERVAL if key == "interval" else 0.0
    return max(1.0, value.value) if key == "interval" else value.value


def _condition(scoped: Scoped) -> Condition | None:
    """The condition as the facts state it; None where they do not say enough."""
    measured, comparison = scoped.value("measured"), scoped.value("comparison")
    if not isinstance(measured, str) or not isinstance(comparison, str):
        return None
    threshold, metrics, unit = scoped.value("threshold"), scoped.value("metrics"), scoped.value("unit")
    return Condition(
        measured,
        Comparison(comparison),
        threshold.value if isinstance(threshold, Quantity) else None,
        against=_text(scoped, "against"),
        joins=tuple(Join(join) for join in _text(scoped, "joins").split()),
        metrics=metrics if isinstance(metrics, tuple) else (),
        unit=Unit(unit) if isinstance(unit, str) else None,
        caveat=_text(scoped, "caveat"),
    )


def _text(scoped: Scoped, key: str) -> str:
    value = scoped.value(key)
    return value if isinstance(value, str) else ""


def coarse_sampling(question: Question, rows: Rows) -> Sampling:
    """What everything is asked once; never finer than it is evaluated."""
    return Sampling(question.window, max(float(round(question.window / COARSE_POINTS)), question.interval), rows)


def fine_sampling(question: Question, window: float, series: int, cost: float, left: float) -> Sampling | None:
    """Samples by which firings can be counted: at the evaluations, farther apart as far as needed and allowed.

    ``cost`` is what the server reads for one point of time, ``left`` what it may read for this condition; both samples.
    None where that is not enough for the window (seconds).
    """
    most = min(left / max(cost, 1.0), MOST_CELLS / max(1, series))
    step = max(question.interval, math.ceil(window / max(most, 1.0)))
    return Sampling(window, float(step), Rows.SERIES) if step <= question.coarsest else None


def crowded(question: Question) -> bool:
    """Whether nothing can be said of it once it has too many series: of a state extremes tell nothing."""
    return question.threshold is not None and question.threshold.comparison in EXACT
