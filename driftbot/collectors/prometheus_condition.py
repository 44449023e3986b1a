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
    SHORTER,
    Question,
    Sampling,
    coarse_sampling,
    crowded,
    fine_sampling,
    questions,
    tonights_order,
)
from driftbot.collectors.prometheus_condition_samples import NotAsked, SampleFetcher, TooManySeries, Unanswered
from driftbot.collectors.prometheus_connection import CONNECTIONS, Connection
from driftbot.collectors.prometheus_options import PrometheusOptions
from driftbot.collectors.prometheus_scope import Scope
from driftbot.core.coverage import Coverage, Gap
from driftbot.core.demand import Demand
from driftbot.core.fact import Fact, Origin, Provenance, View
from driftbot.core.series import FloatArray
from driftbot.core.snapshot import Reading
from driftbot.detectors.firing import LOOKBACK
from driftbot.detectors.threshold import Rows, Samples
from driftbot.detectors.threshold_fit import Fit, Verdict, fit

SHOWN = 5
"""Names that a sentence lists."""

NOISY = frozenset({Verdict.ALWAYS_TRUE, Verdict.FLAPPING, Verdict.NEAR_PEAK, Verdict.UNIT_MISTAKE})
"""What a week says as well as a month."""


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
    def crossed(self) -> bool:
        """Whether the threshold was crossed, as far as one can tell: then it may flap."""
        return self.fit.margin is None or self.fit.margin < 0.0

    @property
    def open(self) -> bool:
        """Whether samples an hour apart cannot settle the verdict."""
        return self.crossed and self.fit.verdict is Verdict.FITS


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
        alone = [Outcome(one, Fit(Verdict.LEFT_ALONE, evidence=(one.because,)), "") for one in asked if one.because]
        order = tonights_order([one for one in asked if not one.because], self.context.as_of.timestamp())
        coarse = [outcome for question in order for outcome in self._coarse(question)]
        outcomes = [*alone, *self._finer(coarse)]
        facts = [fact for outcome in outcomes for fact in self._facts(outcome)]
        facts.sort(key=lambda fact: (fact.subject, fact.key))
        source, environment = self.context.source, self.context.environment
        gaps = (*self.gaps.values(), *self._waiting(len(asked)))
        coverage = Coverage(source, environment, CONDITION, self.wanted, gaps)
        return Reading(facts=tuple(facts), coverage=(coverage,))

    def _coarse(self, question: Question) -> Iterator[Outcome]:
        """Samples an hour apart: of all series, or of their extremes where there are too many."""
        self.context.progress(f"measuring the condition {question.subject.name}")
        try:
            yield self._first(question)
        except NotAsked as reason:
            self.waiting.setdefault(str(reason), []).append(question.subject.name)
        except Unanswered as reason:
            self._gap(question, str(reason))
        except TooManySeries:
            self._gap(question, f"{question.measured} has more than {MOST_SERIES} series even as extremes")

    def _first(self, question: Question) -> Outcome:
        window, before = self.options.fit_window, self.fetcher.spending.samples
        probed = self._samples(f"count({question.measured})", Sampling(window, window / 24, Rows.SERIES), 1)
        crowd = np.nanmax(probed, initial=0.0) > MOST_SERIES
        sampling = coarse_sampling(question, window, Rows.ENVELOPE if crowd else Rows.SERIES)
        try:
            values = self._rows(question, sampling)
        except TooManySeries:
            sampling = replace(sampling, rows=Rows.ENVELOPE)
            values = self._rows(question, sampling)
        cost = (self.fetcher.spending.samples - before) / COARSE_POINTS
        if not values.size:
            # Nothing may hide between samples an hour apart; so near to one another they see all that ever was.
            sampling = replace(sampling, step=min(sampling.step, LOOKBACK))
            values = self._rows(question, sampling)
        fine = sampling.rows is Rows.ENVELOPE or not values.size or sampling.step <= question.interval
        found = self._judged(question, values, sampling)
        return Outcome(question, found, question.queries(sampling.rows)[0], len(values), cost, fine)

    def _finer(self, coarse: Sequence[Outcome]) -> Iterator[Outcome]:
        """The outcomes at samples by which firings can be counted, as far as the budget goes: the crossed ones first.

        Each gets an equal part of what is left, those that are crossed of all of it.
        """
        settled = [one for one in coarse if one.fine or one.fit.verdict is Verdict.TOO_LITTLE]
        yield from settled
        others = [one for one in coarse if one not in settled]
        for group in ([one for one in others if one.crossed], [one for one in others if not one.crossed]):
            for number, one in enumerate(group):
                yield self._better(one, len(group) - number)

    def _better(self, coarse: Outcome, sharing: int) -> Outcome:
        """The outcome at every evaluation, of a week where the whole window is too dear; else as it was."""
        sampling = self._affordable(coarse, sharing)
        if sampling is None:
            return self._unsettled(coarse, "samples at each evaluation are more than `budget` of this source allows")
        self.context.progress(f"measuring the condition {coarse.question.subject.name} at every evaluation")
        try:
            values = self._rows(coarse.question, sampling)
        except TooManySeries:
            return self._extremes(coarse)
        except Unanswered as reason:
            return self._unsettled(coarse, str(reason))
        found = self._judged(coarse.question, values, sampling)
        if sampling.window < self.options.fit_window and found.verdict not in NOISY:
            # A quiet week says nothing against the month that crossed it.
            found = replace(found, verdict=coarse.fit.verdict, margin=coarse.fit.margin, suggested=None)
        return replace(coarse, fit=found, fine=True)

    def _extremes(self, coarse: Outcome) -> Outcome:
        """The outcome by extremes, where more series come and go than samples an hour apart have shown."""
        sampling = coarse_sampling(coarse.question, self.options.fit_window, Rows.ENVELOPE)
        try:
            values = self._rows(coarse.question, sampling)
        except Unanswered as reason:
            return self._unsettled(coarse, str(reason))
        query = coarse.question.queries(Rows.ENVELOPE)[0]
        return replace(coarse, fit=self._judged(coarse.question, values, sampling), query=query, fine=True)

    def _affordable(self, coarse: Outcome, sharing: int) -> Sampling | None:
        budget = self.fetcher.spending.budget.samples
        left = max(0.0, float(budget - self.fetcher.spending.samples))
        share = min(DEAREST * budget, left / sharing)
        windows = [self.options.fit_window, *([SHORTER] if coarse.crossed else [])]
        tried = (fine_sampling(coarse.question, window, coarse.series, coarse.cost, share) for window in windows)
        return next((sampling for sampling in tried if sampling is not None), None)

    def _unsettled(self, coarse: Outcome, reason: str) -> Outcome:
        """What coarse samples settle stays; of what they do not settle the verdict is a gap."""
        if not coarse.open:
            return coarse
        name = coarse.question.subject.name
        self.waiting.setdefault(f"{reason}; samples an hour apart do not settle it", []).append(name)
        return replace(coarse, fit=replace(coarse.fit, verdict=Verdict.TOO_LITTLE))

    def _rows(self, question: Question, sampling: Sampling) -> FloatArray:
        parts = [self._samples(query, sampling, 2 * MOST_SERIES) for query in question.queries(sampling.rows)]
        return np.concatenate(parts) if parts[0].size else parts[0]

    def _samples(self, query: str, sampling: Sampling, most: int) -> FloatArray:
        return self.fetcher.samples(query, sampling.grid(self.context.as_of.timestamp()), most)

    def _judged(self, question: Question, values: FloatArray, sampling: Sampling) -> Fit:
        assert question.threshold is not None
        if sampling.rows is Rows.ENVELOPE and crowded(question):
            return Fit(Verdict.TOO_LITTLE, evidence=(f"more than {MOST_SERIES} series are not told apart",))
        grid = sampling.grid(self.context.as_of.timestamp())
        return fit(question.threshold, Samples(values, grid.start, grid.step, question.interval, sampling.rows))

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
