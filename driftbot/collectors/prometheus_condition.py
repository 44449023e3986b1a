"""Thresholds of alert conditions held against what their measured sides were, asked of a server on demand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

import numpy as np

from driftbot.collectors.alert_rule import CONDITION
from driftbot.collectors.collector import Context
from driftbot.collectors.load_budget import Spending
from driftbot.collectors.prometheus_condition_facts import FIT_KEYS, said_of
from driftbot.collectors.prometheus_condition_plan import (
    COARSE_POINTS,
    DEAREST,
    MOST_SERIES,
    Question,
    coarse_step,
    crowded,
    fine_step,
    questions,
    tonights_order,
)
from driftbot.collectors.prometheus_condition_samples import NotAsked, SampleFetcher, TooManySeries, Unanswered
from driftbot.collectors.prometheus_connection import CONNECTIONS, Connection
from driftbot.collectors.prometheus_grid import Grid
from driftbot.collectors.prometheus_options import PrometheusOptions
from driftbot.collectors.prometheus_scope import Scope
from driftbot.core.coverage import Coverage, Gap
from driftbot.core.demand import Demand
from driftbot.core.fact import Fact, Origin, Provenance, View
from driftbot.core.snapshot import Reading
from driftbot.detectors.firing import LOOKBACK
from driftbot.detectors.threshold import Rows, Samples
from driftbot.detectors.threshold_fit import Fit, Verdict, fit

SHOWN = 5
"""Names that a sentence lists."""


def ask(
    connection: Connection, options: PrometheusOptions, context: Context, demand: Demand, spending: Spending
) -> Reading:
    """The demanded facts about how thresholds fit, of the conditions that this server answers for."""
    wanted = demand.keys_of(CONDITION) & {key.name for key in FIT_KEYS}
    if not wanted:
        return Reading()
    scope = Scope(context.source, context.environment, options.rules)
    with ThreadPoolExecutor(CONNECTIONS) as workers:
        fetcher = SampleFetcher(connection, workers, spending)
        return Asking(fetcher, options, context, wanted).all(questions(scope, demand.about))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a question: its fit, and for a better one the number of series and the cost of a point of time."""

    question: Question
    fit: Fit
    query: str
    series: int = 0
    cost: float = 0.0
    fine: bool = False

    @property
    def open(self) -> bool:
        """Whether samples an hour apart cannot settle the verdict: what is crossed may flap."""
        return self.fit.margin is None or self.fit.margin < 0.0


@dataclass(slots=True)
class Asking:
    """One night's questions to one server: each is asked coarsely, then as finely as the budget allows."""

    fetcher: SampleFetcher
    options: PrometheusOptions
    context: Context
    wanted: frozenset[str]
    gaps: dict[Origin, Gap] = field(default_factory=dict)
    waiting: dict[str, list[str]] = field(default_factory=dict)

    def all(self, asked: Sequence[Question]) -> Reading:
        """Ask all; what has no answer is a gap, one for all that wait for other nights, in which they come earlier."""
        now = self.context.as_of.timestamp()
        alone = [Outcome(one, Fit(Verdict.LEFT_ALONE, evidence=(one.because,)), "") for one in asked if one.because]
        order = tonights_order([one for one in asked if not one.because], now)
        coarse = [outcome for question in order for outcome in self._coarse(question)]
        coarse.sort(key=lambda outcome: not outcome.open)
        outcomes = [*alone, *(self._finer(outcome) for outcome in coarse)]
        facts = [fact for outcome in outcomes for fact in self._facts(outcome)]
        facts.sort(key=lambda fact: (fact.subject, fact.key))
        source, environment = self.context.source, self.context.environment
        gaps = (*self.gaps.values(), *self._waiting(len(asked)))
        coverage = Coverage(source, environment, CONDITION, self.wanted, gaps)
        return Reading(facts=tuple(facts), coverage=(coverage,))

    def _coarse(self, question: Question) -> Iterator[Outcome]:
        """Samples an hour apart: of all series, or of their extremes where there are too many.

        Where there are none, as near to one another as sees every sample that ever was.
        """
        self.context.progress(f"measuring the condition {question.subject.name}")
        step = max(coarse_step(self.options.fit_window), question.interval)
        before = self.fetcher.spending.samples
        try:
            yield self._first(question, step, before)
        except NotAsked as reason:
            self.waiting.setdefault(str(reason), []).append(question.subject.name)
        except Unanswered as reason:
            self._gap(question, str(reason))
        except TooManySeries:
            self._gap(question, f"{question.measured} has more than {MOST_SERIES} series even as extremes")

    def _first(self, question: Question, step: float, before: int) -> Outcome:
        probed = self._samples(f"count({question.measured})", self.options.fit_window / 24, 1)
        rows = Rows.ENVELOPE if np.nanmax(probed, initial=0.0) > MOST_SERIES else Rows.SERIES
        try:
            values = self._rows(question, step, rows)
        except TooManySeries:
            rows = Rows.ENVELOPE
            values = self._rows(question, step, rows)
        cost = (self.fetcher.spending.samples - before) / COARSE_POINTS
        if not values.size:
            step = min(step, LOOKBACK)
            values = self._rows(question, step, rows)
        if rows is Rows.ENVELOPE and crowded(question):
            few = f"more than {MOST_SERIES} series are not told apart"
            return Outcome(question, Fit(Verdict.TOO_LITTLE, evidence=(few,)), question.measured, fine=True)
        found = self._judged(question, values, step, rows)
        fine = rows is Rows.ENVELOPE or not values.size or step <= question.interval
        return Outcome(question, found, question.queries(rows)[0], len(values), cost, fine)

    def _finer(self, coarse: Outcome) -> Outcome:
        """The outcome at steps at which firings can be counted; as it is where the budget does not allow them."""
        question, spending = coarse.question, self.fetcher.spending
        if coarse.fine or coarse.fit.verdict is Verdict.TOO_LITTLE:
            return coarse
        left = min(DEAREST * spending.budget.samples, max(0.0, float(spending.budget.samples - spending.samples)))
        step = fine_step(question, self.options.fit_window, coarse.series, coarse.cost, left)
        if step is None:
            return self._unsettled(coarse, "samples at each evaluation are more than `budget` of this source allows")
        self.context.progress(f"measuring the condition {question.subject.name} at every evaluation")
        try:
            values = self._rows(question, step, Rows.SERIES)
        except (Unanswered, TooManySeries) as reason:
            return self._unsettled(coarse, str(reason) or "series come and go too often to be told apart")
        return replace(coarse, fit=self._judged(question, values, step, Rows.SERIES), fine=True)

    def _unsettled(self, coarse: Outcome, reason: str) -> Outcome:
        """What coarse samples settle stays; of what they do not settle the verdict is a gap."""
        if not coarse.open:
            return coarse
        name = coarse.question.subject.name
        self.waiting.setdefault(f"{reason}; samples an hour apart do not settle it", []).append(name)
        return replace(coarse, fit=replace(coarse.fit, verdict=Verdict.TOO_LITTLE))

    def _rows(self, question: Question, step: float, rows: Rows) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
        parts = [self._samples(query, step, 2 * MOST_SERIES) for query in question.queries(rows)]
        return np.concatenate(parts) if parts[0].size else parts[0]

    def _samples(self, query: str, step: float, most: int) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
        return self.fetcher.samples(query, self._grid(step), most)

    def _grid(self, step: float) -> Grid:
        now = self.context.as_of.timestamp()
        return Grid.covering(now - self.options.fit_window, now, step)

    def _judged(
        self, question: Question, values: np.ndarray[tuple[int, int], np.dtype[np.float64]], step: float, rows: Rows
    ) -> Fit:
        assert question.threshold is not None
        grid = self._grid(step)
        return fit(question.threshold, Samples(values, grid.start, grid.step, question.interval, rows))

    def _waiting(self, many: int) -> Iterator[Gap]:
        """One gap a reason for which conditions wait."""
        for reason, names in self.waiting.items():
            shown = ", ".join(sorted(names)[:SHOWN])
            what = f"{len(names)} of {many} thresholds are not judged tonight ({shown}{', …' * (len(names) > SHOWN)})"
            yield Gap(self._origin(""), f"{what}: {reason}; others wait in other nights, or raise `budget`")

    def _gap(self, question: Question, reason: str) -> None:
        origin = self._origin(question.measured)
        self.gaps.setdefault(origin, Gap(origin, f"the threshold of {question.subject.name} is not judged: {reason}"))

    def _origin(self, query: str) -> Origin:
        return Origin(self.context.source, f"{self.fetcher.connection.url}/api/v1/query_range", query=query)

    def _facts(self, outcome: Outcome) -> Iterator[Fact]:
        origin = self._origin(outcome.query) if outcome.query else Origin(self.context.source)
        for key, value in said_of(outcome.fit):
            yield Fact(outcome.question.subject, key, value, View.OBSERVED, Provenance.COMPUTED, origin)
