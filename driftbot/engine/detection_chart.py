"""Charts of findings: the series as a detector judged it, thinned, with everything that was concluded from it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np

from driftbot.core.chart import Band, Chart, Flag, HeldAgainst
from driftbot.core.marker import in_short
from driftbot.core.quantity import Unit
from driftbot.core.series import FloatArray
from driftbot.detectors.medians import medians
from driftbot.detectors.spread import NORMAL
from driftbot.engine.answers import Answer, BreachAnswer, DriftAnswer, PeerAnswer, StepAnswer
from driftbot.engine.charted_series import MOST_CHARTED
from driftbot.engine.detection_sentence import share
from driftbot.engine.panels import Sheet, grouped_sheets
from driftbot.engine.scene import Scene
from driftbot.rules import expression as ex
from driftbot.rules.detector_measure import DETECTOR_MEASURES

DAY = 86400.0

MOST_POINTS = 300
"""Points of a chart: as many as a screen shows apart."""

PARTS = (1, 2, 3, 24)
"""Hours that may become one point."""

Z80 = 1.2816
"""Standard deviations to either side that hold 80 % of a normal variable."""

OUTER = (0.1, 0.9)
"""The quantiles of peers between which a chart draws their band."""


def charts(scene: Scene, nodes: Iterable[ex.Node], line: int) -> tuple[Chart, ...]:
    """One chart for each series that detectors judged below these nodes, for the subject in that line."""
    if line >= MOST_CHARTED:
        return ()
    asked: dict[str, list[ex.Measure]] = {}
    for leaf in (leaf for node in nodes for leaf in scene.below(node).leaves):
        if isinstance(leaf, ex.Measure) and leaf.name in DETECTOR_MEASURES and scene.known(leaf, line):
            asked.setdefault(leaf.key, []).append(leaf)
    found = (_Drawing(scene, int(scene.rows[line]), measures) for measures in asked.values())
    # Samples of all sizes have quotients that are no number; a chart leaves those points out.
    with np.errstate(all="ignore"):
        return tuple(drawing.chart() for drawing in found)


class _Drawing:
    """One series of one subject with the answers to all that was asked of it."""

    def __init__(self, scene: Scene, row: int, measures: Sequence[ex.Measure]) -> None:
        self._row = row
        self._table = scene.table
        self._measure = measures[0]
        self._answers: list[Answer] = list({id(answer): answer for answer in map(scene.answer, measures)}.values())
        self._window = max(DETECTOR_MEASURES[one.name].look_back(one.window) for one in measures)
        self._charted = scene.charted.of(self._measure.key, self._window, row)
        self._sheet = self._judged()
        self._thinned = self._thin(self._sheet.panel.values[0])

    def chart(self) -> Chart:
        """The chart; what was not asked is not drawn."""
        peers = self._peers()
        return Chart(
            key=self._measure.key,
            unit=self._measure.unit or Unit.COUNT,
            times=_plain(self._thin(self._times())),
            values=_plain(self._thinned),
            baseline=peers or (self._usual() if self._is_held_against_usual() else None),
            trend=next((band for answer in self._answers if (band := self._trend(answer))), None),
            forecast=next((band for answer in self._answers if (band := self._forecast(answer))), None),
            limit=next((limit for answer in self._answers if (limit := self._limit(answer)) is not None), None),
            changes=tuple(self._changes()),
            markers=tuple(self._markers()),
            held_against=HeldAgainst.PEERS if peers else HeldAgainst.ITSELF,
        )

    def _judged(self) -> Sheet:
        """The samples, or the worst of each day where only breaches were asked for."""
        sheet = self._charted.sheet
        forecasts = [answer for answer in self._answers if isinstance(answer, BreachAnswer)]
        if len(forecasts) < len(self._answers):
            return sheet
        from driftbot.detectors.limits.daily_panel import daily_panel

        return replace(sheet, panel=daily_panel(sheet.panel, rising=forecasts[0].rising))

    def _thin(self, values: FloatArray) -> FloatArray:
        """Medians of equally many neighbours, the newest whole: at most ``MOST_POINTS``.

        Parts of a day are few hours or all of them, else the season of the day would be seen in slices.
        """
        panel = self._sheet.panel
        a_day, least = round(DAY / panel.step), -(-panel.values.shape[1] // MOST_POINTS)
        width = next((part for part in PARTS if part >= least), least) if a_day > 1 and least <= PARTS[-1] else least
        whole = values[len(values) % width :].reshape(-1, width)
        return medians(whole.copy())

    def _times(self) -> FloatArray:
        return _middles(self._sheet)

    def _end(self) -> float:
        return self._sheet.panel.end + self._sheet.panel.step

    def _is_held_against_usual(self) -> bool:
        """Whether something was asked besides when a limit is reached: what grows steadily has no usual level."""
        return not all(isinstance(answer, BreachAnswer) for answer in self._answers)

    def _usual(self) -> Band | None:
        """The level that was usual before anything changed, with its season and what it strays by."""
        found = self._charted.usual
        if not found.enough[0]:
            return None
        middle = self._thin(found.usual(0, self._times() - self._sheet.panel.step / 2))
        level, before = float(found.level[0]), self._before()
        if self._by_factors:
            middle = middle * np.divide(before, level)
            away = Z80 * _straying(self._thinned / middle) * np.abs(middle)
        else:
            middle = middle + (before - level)
            away = Z80 * _straying(self._thinned - middle) * np.ones(len(middle))
        return _band(self._thin(self._times()), middle - away, middle, middle + away)

    @property
    def _by_factors(self) -> bool:
        return bool(self._charted.usual.logarithmic[0])

    def _moved(self, level: float, share: float, times: FloatArray | float) -> FloatArray:
        """A level so many times moved by a share of it: of series that are not positive, of its size now."""
        if self._by_factors:
            return np.asarray(level * np.power(1.0 + share, times))
        usual = self._charted.usual
        size = max(abs(float(usual.level[0])), float(usual.scale[0]))
        return np.asarray(level + share * size * times)

    def _before(self) -> float:
        """The level before the step or the drift that was told; without either, the one now."""
        for answer in self._answers:
            if isinstance(answer, StepAnswer) and answer.steps.told[self._row]:
                return float(answer.steps.before[self._row])
            if isinstance(answer, DriftAnswer) and answer.drifts.told[self._row]:
                level, total = float(answer.levels.level[self._row]), float(answer.drifts.total[self._row])
                return float(self._moved(level, total, -1.0))
        return float(self._charted.usual.level[0])

    def _peers(self) -> Band | None:
        """What the peers of one that is apart do."""
        answer = next((answer for answer in self._answers if isinstance(answer, PeerAnswer)), None)
        if answer is None or not answer.apart.told[self._row]:
            return None
        rows, series = self._table.detections.series_of(self._measure.key)
        chosen = np.flatnonzero((answer.groups[rows] == answer.groups[self._row]) & (rows != self._row))
        start, end = self._table.as_of - self._window, self._table.as_of
        together = np.zeros(len(chosen), dtype=np.int64)
        (sheet,) = grouped_sheets(rows[chosen], [series[at] for at in chosen.tolist()], together, start, end)
        values = np.stack([self._thin(line) for line in sheet.panel.values])
        times = _middles(sheet)
        ordered = np.sort(values, axis=0)
        low, high = (ordered[round(part * (len(ordered) - 1))] for part in OUTER)
        return _band(self._thin(times), low, medians(values.T.copy()), high)

    def _trend(self, answer: Answer) -> Band | None:
        if not isinstance(answer, DriftAnswer) or not answer.drifts.told[self._row]:
            return None
        drifts, end = answer.drifts, self._end()
        since = float(drifts.since[self._row])
        times = np.linspace(since, end, 20)
        days = (times - since) / DAY
        now = float(answer.levels.level[self._row])
        middle = self._moved(now, float(drifts.per_day[self._row]), days - days[-1])
        paces = (float(pace[self._row]) for pace in (drifts.per_day_low, drifts.per_day_high))
        low, high = (self._moved(float(middle[0]), pace, days) for pace in paces)
        return _band(times, low, middle, high)

    def _forecast(self, answer: Answer) -> Band | None:
        if not isinstance(answer, BreachAnswer):
            return None
        found, row = answer.breaches, self._row
        times = self._end() + DAY * np.arange(1.0, found.middle.shape[1] + 1.0)
        return _band(times, found.lower[row], found.middle[row], found.upper[row])

    def _limit(self, answer: Answer) -> float | None:
        return float(answer.limits.values[self._row]) if isinstance(answer, BreachAnswer) else None

    def _changes(self) -> Iterator[Flag]:
        for answer in self._answers:
            if isinstance(answer, StepAnswer) and answer.steps.told[self._row]:
                yield Flag(float(answer.steps.at[self._row]), share(float(answer.steps.change[self._row])))
            if isinstance(answer, BreachAnswer) and np.isfinite(answer.breaches.median_in[self._row]):
                yield Flag(self._end() + float(answer.breaches.median_in[self._row]), self._date(answer))

    def _date(self, answer: BreachAnswer) -> str:
        """What is expected on the day on which a limit is as likely reached as not."""
        found, row = answer.breaches, self._row
        earliest, latest = (self._end() + float(times[row]) for times in (found.earliest_in, found.latest_in))
        until = f"to {datetime.fromtimestamp(latest, UTC):%Y-%m-%d}" if np.isfinite(latest) else "or later"
        return f"limit reached (80 %: {datetime.fromtimestamp(earliest, UTC):%Y-%m-%d} {until})"

    def _markers(self) -> Iterator[Flag]:
        start, end = self._sheet.panel.start, self._table.as_of
        seen = [marker for marker in self._table.detections.markers_of(self._row) if start <= marker.at <= end]
        yield from (Flag(marker.at, str(marker)) for marker in in_short(seen))


def _straying(points: FloatArray) -> float:
    """How far points stray from each other; their season is taken out.

    From neighbours, so that neither a step nor a drift counts: differences of independent points stray √2 as far.
    """
    apart = np.abs(np.diff(points))
    known = apart[np.isfinite(apart)]
    return NORMAL * float(np.median(known)) / np.sqrt(2.0) if known.size else 0.0


def _middles(sheet: Sheet) -> FloatArray:
    """The times of the middles of a panel's cells."""
    columns = np.arange(sheet.panel.values.shape[1], dtype=np.float64)
    return sheet.panel.start + sheet.panel.step * (columns + 0.5)


def _band(times: FloatArray, lower: FloatArray, middle: FloatArray, upper: FloatArray) -> Band:
    return Band(_plain(times), _plain(lower), _plain(middle), _plain(upper))


def _plain(values: FloatArray) -> tuple[float, ...]:
    return tuple(values.tolist())
