"""Thresholds of alert conditions held against what their measured sides were, asked of a server on demand."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from itertools import islice

import numpy as np

from driftbot.collectors.alert_rule import CONDITION
from driftbot.collectors.collector import Context, Ledger
from driftbot.collectors.load_budget import Spending
from driftbot.collectors.prometheus_condition_facts import FIT_KEYS, observed, said_of
from driftbot.collectors.prometheus_condition_memory import KEPT, NOTHING, Remembered, in_turn, remembered
from driftbot.collectors.prometheus_condition_outcome import Outcome
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
)
from driftbot.collectors.prometheus_condition_presence import LOOKS, presence
from driftbot.collectors.prometheus_condition_samples import NotAsked, SampleFetcher, TooManySeries, Unanswered
from driftbot.collectors.prometheus_connection import CONNECTIONS, Connection
from driftbot.collectors.prometheus_liveness_inquiry import MOST_QUESTIONS, Inquiry
from driftbot.collectors.prometheus_options import PrometheusOptions
from driftbot.collectors.prometheus_scope import Scope
from driftbot.core.coverage import Coverage, Gap
from driftbot.core.demand import Demand
from driftbot.core.fact import Fact, Origin
from driftbot.core.series import FloatArray
from driftbot.core.snapshot import Reading
from driftbot.core.subject import SubjectId
from driftbot.detectors.fit.firing import LOOKBACK
from driftbot.detectors.fit.threshold import Rows, Samples
from driftbot.detectors.fit.threshold_fit import Fit, Verdict, fit

SHOWN = 5
"""Names that a sentence lists."""

NOISY = frozenset({Verdict.ALWAYS_TRUE, Verdict.FLAPPING, Verdict.NEAR_PEAK, Verdict.UNIT_MISTAKE})
"""What a week says as well as a month."""


def ask(
    connection: Connection,
    options: PrometheusOptions,
    context: Context,
    demand: Demand,
    ledger: Ledger,
    spending: Spending,
) -> Reading:
    """What is demanded about how thresholds fit, of the conditions that this server answers for."""
    keys = frozenset(key.name for key in FIT_KEYS)
    if not demand.keys_of(CONDITION) & keys:
        return Reading()
    scope = Scope(context.source, context.environment, options.rules, demand.mute)
    asked = questions(scope, demand.about, options.fit_window)
    known = ledger.stated(context.environment, CONDITION, keys)
    memory = remembered(known, asked, context.source, context.as_of)
    with ThreadPoolExecutor(CONNECTIONS) as workers:
        asking = Asking(SampleFetcher(connection, workers, spending), context, memory)
        facts = tuple(sorted(asking.all(asked), key=lambda fact: (fact.subject, fact.key)))
    gaps, doubted = tuple(asking.gaps(len(asked))), asking.doubted()
    settled = keys if gaps else frozenset()
    place = context.source, context.environment, CONDITION
    coverage = Coverage(*place, keys, gaps, settled=settled, doubted=doubted)
    return Reading(facts=facts, coverage=(coverage,), notes=tuple(asking.notes()))


@dataclass(slots=True)
class Asking:
    """One night's questions to one server: each is asked coarsely, then as finely as the budget allows.

    ``unanswered`` says why a question got no answer tonight, ``waiting`` the same of those that were not even asked, or
    not closely enough; ``tried`` are those on which something of the budget was spent in vain. ``present`` is the most
    series that were there at once, of those ``looked_for`` that were answered.
    """

    fetcher: SampleFetcher
    context: Context
    memory: Mapping[SubjectId, Remembered] = field(default_factory=dict)
    unanswered: dict[SubjectId, tuple[Question, str]] = field(default_factory=dict)
    waiting: dict[str, list[Question]] = field(default_factory=dict)
    tried: set[SubjectId] = field(default_factory=set)
    present: dict[SubjectId, float] = field(default_factory=dict)
    looked_for: set[SubjectId] = field(default_factory=set)

    def all(self, asked: Sequence[Question]) -> Iterator[Fact]:
        """Ask as many as the budget allows, by turns, and tell of all what is known of them."""
        found = {outcome.question.subject.id: outcome for outcome in self._outcomes(asked)}
        for question in asked:
            yield from self._facts(question, found.get(question.subject.id))

    def _outcomes(self, asked: Iterable[Question]) -> Iterator[Outcome]:
        """First looks take half of the budget, then what they do not settle is looked at closely, then all else is.

        A large estate would otherwise be glanced at every night, and what was crossed there never be settled.
        """
        queue = deque(in_turn((one for one in asked if not one.because), self.memory, self.context.as_of))
        quiet = []
        for limit in ((1.0 + self.fetcher.spending.share) / 2, math.inf):
            coarse = list(self._glances(queue, limit))
            yield from self._finer([one for one in coarse if one.crossed])
            quiet += [one for one in coarse if not one.crossed]
        yield from self._finer(quiet)

    def _glances(self, queue: deque[Question], limit: float) -> Iterator[Outcome]:
        """Coarse outcomes of those who are next, until so much of the budget is spent."""
        while queue and self.fetcher.spending.share < limit:
            if queue[0].subject.id not in self.looked_for:
                self._look_for(tuple(islice(queue, MOST_QUESTIONS)))
            yield from self._coarse(queue.popleft())

    def _look_for(self, next_ones: Sequence[Question]) -> None:
        """Learn of many at once whether anything is there; of what is not answered so, each is asked alone."""
        inquiry = Inquiry(self.fetcher.connection, self.context, self.fetcher.spending)
        self.present |= presence(inquiry, next_ones, self.context.as_of.timestamp())
        self.looked_for |= {question.subject.id for question in next_ones}

    def _coarse(self, question: Question) -> Iterator[Outcome]:
        """Samples an hour apart: of all series, or of their extremes where there are too many."""
        self.context.progress(f"measuring the condition {question.subject.name}")
        before = self.fetcher.spending.share
        try:
            yield self._first(question)
        except NotAsked as reason:
            if self.fetcher.spending.share > before:
                self.tried.add(question.subject.id)
            self.waiting.setdefault(str(reason), []).append(question)
        except Unanswered as reason:
            self._in_vain(question, str(reason))
        except TooManySeries:
            self._in_vain(question, f"{question.measured} has more than {MOST_SERIES} series even as extremes")

    def _in_vain(self, question: Question, reason: str) -> None:
        self.tried.add(question.subject.id)
        self.unanswered[question.subject.id] = question, reason

    def _first(self, question: Question) -> Outcome:
        before = self.fetcher.spending.samples
        most = self._most(question)
        sampling = coarse_sampling(question, Rows.ENVELOPE if most > MOST_SERIES else Rows.SERIES)
        if self.present.get(question.subject.id) == 0.0:
            found = self._judged(question, np.empty((0, 0)), sampling)
            return Outcome(question, found, question.queries(sampling.rows)[0], fine=True)
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

    def _most(self, question: Question) -> float:
        """The most series that were there at once."""
        most = self.present.get(question.subject.id)
        if most is not None:
            return most
        looks = Sampling(question.window, question.window / LOOKS, Rows.SERIES)
        return float(np.nanmax(self._samples(f"count({question.measured})", looks, 1), initial=0.0))

    def _finer(self, coarse: Sequence[Outcome]) -> Iterator[Outcome]:
        """The outcomes at samples by which firings can be counted, each with an equal part of what is left."""
        settled = [one for one in coarse if one.fine or one.fit.verdict is Verdict.TOO_LITTLE]
        yield from settled
        others = [one for one in coarse if one not in settled]
        for number, one in enumerate(others):
            yield self._better(one, len(others) - number)

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
        if sampling.window < coarse.question.window and found.verdict not in NOISY:
            # A quiet week says nothing against the month that crossed it.
            found = replace(found, verdict=coarse.fit.verdict, margin=coarse.fit.margin, suggested=None)
        return replace(coarse, fit=found, fine=True)

    def _extremes(self, coarse: Outcome) -> Outcome:
        """The outcome by extremes, where more series come and go than samples an hour apart have shown."""
        sampling = coarse_sampling(coarse.question, Rows.ENVELOPE)
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
        windows = [coarse.question.window, *([SHORTER] if coarse.crossed else [])]
        tried = (fine_sampling(coarse.question, window, coarse.series, coarse.cost, share) for window in windows)
        return next((sampling for sampling in tried if sampling is not None), None)

    def _unsettled(self, coarse: Outcome, reason: str) -> Outcome:
        """What coarse samples settle stays; of what they do not settle there is no verdict."""
        if not coarse.open:
            return coarse
        self.tried.add(coarse.question.subject.id)
        self.waiting.setdefault(f"{reason}; samples an hour apart do not settle it", []).append(coarse.question)
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

    def gaps(self, many: int) -> Iterator[Gap]:
        """What nobody judged in time: each question without an answer, and one gap a reason for which others wait."""
        refused = {one.measured: (one, why) for one, why in reversed(self._without_answer()) if not self._stands(one)}
        for measured, (question, reason) in reversed(refused.items()):
            yield Gap(self._origin(measured), f"the threshold of {question.subject.name} is not judged: {reason}")
        for reason, those in self.waiting.items():
            names = sorted(question.subject.name for question in those if not self._stands(question))
            if names:
                shown = f"{', '.join(names[:SHOWN])}{', …' * (len(names) > SHOWN)}"
                what = f"{len(names)} of {many} thresholds were not judged within {KEPT.days} nights ({shown})"
                yield Gap(self._origin(""), f"{what}: {reason}; they come first in the next nights, or raise `budget`")

    def doubted(self) -> frozenset[str]:
        """The names of the conditions that nobody judged in time; of all others all is told that is to be told."""
        without = [question for question, _ in self.unanswered.values()]
        waiting = [question for those in self.waiting.values() for question in those]
        return frozenset(question.subject.name for question in (*without, *waiting) if not self._stands(question))

    def notes(self) -> Iterator[str]:
        """What got no answer tonight and still has the verdict of an earlier night."""
        for question, reason in self._without_answer():
            if self._stands(question):
                day = f"{self._memory(question).measured_at:%Y-%m-%d}"
                name = question.subject.name
                yield f"{self.context.source}: the threshold of {name} stays judged as on {day}: {reason}"

    def _without_answer(self) -> Sequence[tuple[Question, str]]:
        return sorted(self.unanswered.values(), key=lambda entry: entry[0].subject)

    def _memory(self, question: Question) -> Remembered:
        return self.memory.get(question.subject.id, NOTHING)

    def _stands(self, question: Question) -> bool:
        return self._memory(question).stands(self.context.as_of)

    def _origin(self, query: str) -> Origin:
        return Origin(self.context.source, f"{self.fetcher.connection.url}/api/v1/query_range", query=query)

    def _facts(self, question: Question, outcome: Outcome | None) -> Iterator[Fact]:
        """What tonight found, or else what stands of another night, and what is to be known of the asking tomorrow."""
        if question.because:
            left_alone = Fit(Verdict.LEFT_ALONE, evidence=(question.because,))
            yield from observed(question.subject, said_of(left_alone), Origin(self.context.source))
            return
        now, in_vain = self.context.as_of, question.subject.id in self.tried
        memory = self._memory(question).kept(now, now if in_vain else None)
        if outcome is not None and not in_vain:
            memory = Remembered(measured_at=now)
        yield from memory.restated()
        if outcome is not None and not memory.facts:
            yield from observed(question.subject, said_of(outcome.fit), self._origin(outcome.query))
        yield from observed(question.subject, memory.said_of(question), self._origin(question.measured))
