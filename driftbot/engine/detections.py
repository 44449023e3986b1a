"""Detections: what detectors say of the series of one kind, each question answered once for all subjects and rules.

A detector is loaded when it is first asked: most nights of most estates ask few of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from driftbot.core.marker import MARKERS, Marker
from driftbot.core.marker_book import MarkerBook
from driftbot.core.series import FloatArray, Series
from driftbot.detectors.notice_budget import LOOSEST
from driftbot.engine.answers import (
    Answer,
    BreachAnswer,
    DriftAnswer,
    Levels,
    Nothing,
    PeerAnswer,
    ReleaseAnswer,
    StepAnswer,
    not_labelled,
)
from driftbot.engine.column import Column, Flags, Rows
from driftbot.engine.gathering import gathered
from driftbot.engine.in_threads import in_threads
from driftbot.engine.last_step import Found, last_steps
from driftbot.engine.panels import Sheet, grouped_sheets, sheets
from driftbot.engine.peer_groups import peer_groups
from driftbot.rules import expression as ex
from driftbot.rules.detector_measure import BELOW, DETECTOR_MEASURES, Family

if TYPE_CHECKING:
    from driftbot.detectors.limits.breach import Breaches
    from driftbot.detectors.usual.baseline import Baselines
    from driftbot.engine.table import Table

DAY = 86400.0


@dataclass(frozen=True, slots=True, order=True)
class Question:
    """What is asked of a detector: about which key, over which window (seconds), and what makes it another question.

    That is the ``label`` of peers, and whether a limit lies ``below``.
    """

    key: str
    window: float
    family: Family
    label: str = ""
    below: bool = False

    @classmethod
    def of(cls, node: ex.Measure) -> Question:
        """The question that a detector's measure asks; several measures may ask the same."""
        measure = DETECTOR_MEASURES[node.name]
        label = node.arguments[0].name if node.arguments and isinstance(node.arguments[0], ex.Label) else ""
        return cls(node.key, measure.look_back(node.window), measure.family, label, node.name in BELOW)


Asked = Mapping[Question, Flags]
"""Questions with the rows of which somebody may want the answer."""


class Detections:
    """The detectors' answers for one table.

    ``allowance`` is what each test of a series may cost (notices a week). Of a question in ``asked`` only the rows that
    stand there are answered, of every other one all rows.
    """

    def __init__(
        self, table: Table, allowance: float = LOOSEST, markers: MarkerBook | None = None, asked: Asked | None = None
    ) -> None:
        self._table = table
        self._allowance = allowance
        self._book = MarkerBook(()) if markers is None else markers
        self._asked_of = asked or {}
        self._answers: dict[Question, Answer] = {}
        self._breaches: dict[tuple[str, float, bool, bytes], BreachAnswer] = {}
        self._days: dict[tuple[str, bool], list[Sheet]] = {}
        self._markers: dict[int, tuple[Marker, ...]] = {}

    def series_of(self, key: str) -> tuple[Rows, list[Series]]:
        """The series of a key with their rows; without those of which nobody knows which one to believe."""
        rows, series, conflict = self._table.statistics.joined(key)
        if not conflict.any():
            return rows, series
        kept = np.flatnonzero(~conflict[rows])
        return rows[kept], [series[at] for at in kept.tolist()]

    def markers_of(self, row: int) -> tuple[Marker, ...]:
        """The markers that speak of a row's subject, the oldest first."""
        if not len(self._book):
            return ()
        if row not in self._markers:
            self._markers[row] = self._book.of(self._table.subjects[row])
        return self._markers[row]

    def prepare(self) -> None:
        """Answer all that was asked at once: each window of each key is laid out one time."""
        self._prepare(self._asked_of.keys() - self._answers.keys())

    def _prepare(self, asked: Iterable[Question]) -> None:
        """A breach waits for its limit."""
        together: dict[tuple[str, float], list[Question]] = defaultdict(list)
        for question in sorted(asked):
            if question.family is Family.APART:
                self._answers[question] = self._apart(question)
            elif question.family is not Family.BREACH:
                together[question.key, question.window].append(question)
        for (key, window), questions in together.items():
            self._answers.update(self._study(key, window, questions))

    def answer(self, node: ex.Measure, limit: Column | None = None) -> Answer:
        """The answer to a measure; ``limit`` is what a breach is held against."""
        if limit is not None:
            return self._breach(node, limit)
        question = Question.of(node)
        if question not in self._answers:
            self._prepare([question])
        return self._answers[question]

    def _chosen(self, key: str, questions: Sequence[Question]) -> tuple[Rows, list[Series]]:
        """The series of which some of these questions is asked."""
        rows, series = self.series_of(key)
        if not all(question in self._asked_of for question in questions):
            return rows, series
        wanted = np.logical_or.reduce([self._asked_of[question] for question in questions])
        kept = np.flatnonzero(wanted[rows])
        return rows[kept], [series[at] for at in kept.tolist()]

    def _window(self, window: float) -> tuple[float, float]:
        return self._table.as_of - window, self._table.as_of

    def _study(self, key: str, window: float, questions: Sequence[Question]) -> Mapping[Question, Answer]:
        """Every answer about one window of one key."""
        from driftbot.detectors.usual.baseline import baselines

        rows, series = self._chosen(key, questions)
        if not len(rows):
            return {question: Nothing(len(self._table)) for question in questions}
        families = {question.family for question in questions} - {Family.BASELINE}

        days = self._days_wanted(key, window, len(rows))

        def judged(sheet: Sheet) -> tuple[Rows, _Level, dict[Family, Any]]:
            usual = baselines(sheet.panel)
            told = {family: self._asked(family, sheet, usual) for family in sorted(families)}
            return sheet.rows, _Level(usual.level, usual.spread, usual.lack), told

        def laid() -> Iterator[Sheet]:
            for sheet in sheets(rows, series, *self._window(window)):
                for below, by_days in days.items():
                    by_days.append(_by_days(sheet, below))
                yield sheet

        levels: list[tuple[Rows, _Level]] = []
        found: dict[Family, list[tuple[Rows, Any]]] = defaultdict(list)
        for chosen, level_of, told in in_threads(judged, laid()):
            levels.append((chosen, level_of))
            for family, result in told.items():
                found[family].append((chosen, result))
        self._days.update({(key, below): by_days for below, by_days in days.items()})
        level = gathered(len(self._table), levels)
        known = Levels(level.level, level.spread, level.lack)
        return {question: self._answered(question.family, found[question.family], known) for question in questions}

    def _days_wanted(self, key: str, window: float, rows: int) -> dict[bool, list[Sheet]]:
        """Below and above which limits breaches of the same samples are asked for, if all series are laid out."""
        if rows < len(self.series_of(key)[0]):
            return {}
        alike = [one for one in self._asked_of if (one.key, one.window) == (key, window)]
        return {one.below: [] for one in alike if one.family is Family.BREACH}

    def _asked(self, family: Family, sheet: Sheet, usual: Baselines) -> Any:
        match family:
            case Family.DRIFT:
                from driftbot.detectors.drift.drift import drifts

                return drifts(sheet.panel, usual, self._releases(sheet.rows), self._allowance)
            case Family.STEP:
                from driftbot.detectors.steps.change_points import change_points

                return Found(change_points(sheet.panel, usual, self._allowance), sheet.panel.step)
            case _:
                from driftbot.detectors.peers.before_after import after_release

                return after_release(sheet.panel, usual, self._releases(sheet.rows), self._allowance)

    def _answered(self, family: Family, parts: Sequence[tuple[Rows, Any]], levels: Levels) -> Answer:
        length = len(self._table)
        match family:
            case Family.BASELINE:
                return levels
            case Family.DRIFT:
                return DriftAnswer(gathered(length, parts), levels)
            case Family.STEP:
                steps, causes = last_steps(length, parts, self.markers_of)
                return StepAnswer(steps, levels, causes, self._unread_markers())
            case _:
                return ReleaseAnswer(gathered(length, parts), levels)

    def _unread_markers(self) -> Flags:
        """The rows in whose environment a source could not tell all its markers."""
        told = (entry for entry in self._table.snapshot.coverage if entry.kind == MARKERS)
        unread = {entry.environment for entry in told if not entry.complete}
        subjects = self._table.subjects
        return np.fromiter((one.environment in unread for one in subjects), np.bool_, len(subjects))

    def _releases(self, rows: Rows) -> list[FloatArray]:
        if not len(self._book):
            return [np.empty(0)] * len(rows)
        return [self._book.releases(self._table.subjects[row]) for row in rows.tolist()]

    def _apart(self, question: Question) -> Answer:
        from driftbot.detectors.peers.peers import apart

        rows, series = self.series_of(question.key)
        groups = peer_groups(self._table.subjects, question.label)
        laid = grouped_sheets(rows, series, groups[rows], *self._window(question.window))
        parts = list(in_threads(lambda one: (one.rows, apart(one.panel, groups[one.rows], self._allowance)), laid))
        if not parts:
            return Nothing(len(self._table), not_labelled(question.label))
        return PeerAnswer(question.label, gathered(len(self._table), parts), groups)

    def _breach(self, node: ex.Measure, limit: Column) -> Answer:
        from driftbot.detectors.limits.breach import breaches

        question = Question.of(node)
        limits = np.where(limit.known, limit.values.astype(np.float64), np.nan)
        place = (node.key, node.window, question.below, limits.tobytes())
        if place not in self._breaches:
            days = int(np.ceil(node.window / DAY))

            def judged(sheet: Sheet) -> tuple[Rows, Breaches]:
                with_limit = np.flatnonzero(limit.known[sheet.rows])
                rows = sheet.rows[with_limit]
                panel = replace(sheet.panel, values=sheet.panel.values[with_limit])
                return rows, breaches(panel, limits[rows], days, rising=not question.below)

            parts = list(in_threads(judged, self._worst_days(question)))
            if not parts:
                return Nothing(len(self._table))
            self._breaches[place] = BreachAnswer(gathered(len(self._table), parts), limit, not question.below)
        return self._breaches[place]

    def _worst_days(self, question: Question) -> list[Sheet]:
        """The worst of each day of all series: what breaches are forecast from, whatever their limits."""
        place = question.key, question.below
        if place not in self._days:
            rows, series = self.series_of(question.key)
            laid = sheets(rows, series, *self._window(question.window))
            self._days[place] = [_by_days(sheet, question.below) for sheet in laid]
        return self._days[place]


def _by_days(sheet: Sheet, below: bool) -> Sheet:
    from driftbot.detectors.limits.daily_panel import daily_panel

    return replace(sheet, panel=daily_panel(sheet.panel, rising=not below))


@dataclass(frozen=True, slots=True, eq=False)
class _Level:
    """What is kept of baselines: profiles and adjusted samples are as large as the series themselves."""

    level: FloatArray
    spread: FloatArray
    lack: Any
