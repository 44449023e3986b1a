"""Measuring what a demand asks for: range queries within the load budget, and their answers as series."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from driftbot.collectors.collector import Context, Ledger
from driftbot.collectors.load_budget import Spending
from driftbot.collectors.prometheus_answer import Answer, AnswerProblem, Trouble
from driftbot.collectors.prometheus_clock import CLOCK_OFF, clock_sentence
from driftbot.collectors.prometheus_connection import CONNECTIONS, Connection
from driftbot.collectors.prometheus_grid import Grid, Table
from driftbot.collectors.prometheus_options import PrometheusOptions
from driftbot.collectors.prometheus_walk import Walk
from driftbot.core.coverage import Coverage, Gap
from driftbot.core.demand import Demand, SeriesNeed
from driftbot.core.fact import Origin
from driftbot.core.series import Series
from driftbot.core.snapshot import Measured, Reading
from driftbot.signals.reading import SignalBook
from driftbot.signals.signal import Signal

STALE = 2 * 86400.0
"""What was last fetched longer ago than this and does not fit into tonight's budget is a gap, not only a note."""


@dataclass(frozen=True, slots=True)
class Errand:
    """A key to be fetched tonight: from where (Unix seconds) its queries are asked to the end of the window."""

    need: SeriesNeed
    signals: tuple[Signal, ...]
    start: float
    known_until: float | None

    def __str__(self) -> str:
        return f"{self.need.key} of a {self.need.kind}"


@dataclass(slots=True)
class Fetched:
    """What became of one key: its series, its gaps, and up to when everything was fetched."""

    series: list[Series] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    until: float | None = None
    partial: bool = False


def measure_demand(
    connection: Connection, options: PrometheusOptions, context: Context, demand: Demand, ledger: Ledger
) -> Reading:
    """Fetch what is demanded, what the store does not hold yet, and what fits into the budget; oldest first."""
    book = SignalBook.of(options.signals, options.without)
    errands = _errands(book, options, context, demand, ledger)
    spending = Spending(options.budget)
    readings = []
    with ThreadPoolExecutor(CONNECTIONS) as workers:
        for errand in errands:
            context.progress(f"measuring {errand.need.key} of {errand.need.kind} subjects")
            fetched = Fetcher(connection, options, context, workers, spending, errand).fetch()
            readings.append(_reading(context, errand, fetched))
    return Reading.merged(readings)


def _errands(
    book: SignalBook, options: PrometheusOptions, context: Context, demand: Demand, ledger: Ledger
) -> list[Errand]:
    """The keys that this source measures, the longest neglected first; equals change places from night to night."""
    now = context.as_of.timestamp()
    errands = []
    for need in demand.series:
        signals = book.measuring(need.kind, need.key)
        if signals:
            known = ledger.measured_until(context.environment, need.kind, need.key, context.source)
            start = now - need.window if known is None else max(now - need.window, known - options.overlap)
            errands.append(Errand(need, signals, start, known))
    ordered = sorted(errands, key=lambda errand: errand.need)
    turn = int(now // 86400) % max(1, len(ordered))
    return sorted(ordered[turn:] + ordered[:turn], key=lambda errand: errand.known_until or 0.0)


def _reading(context: Context, errand: Errand, fetched: Fetched) -> Reading:
    need = errand.need
    coverage = Coverage(
        context.source, context.environment, need.kind, frozenset({need.key}), tuple(dict.fromkeys(fetched.gaps))
    )
    measured = (
        (Measured(context.environment, need.kind, need.key, context.source, fetched.until),)
        if fetched.until is not None
        else ()
    )
    return Reading(series=tuple(fetched.series), coverage=(coverage,), notes=tuple(fetched.notes), measured=measured)


@dataclass(slots=True)
class Fetcher:
    """Fetches one key: query by query, request by request, until done, refused or out of budget."""

    connection: Connection
    options: PrometheusOptions
    context: Context
    workers: ThreadPoolExecutor
    spending: Spending
    errand: Errand
    result: Fetched = field(default_factory=Fetched)

    def fetch(self) -> Fetched:
        """All series of the key; of two signals that measure one subject the first holds."""
        found: dict[str, Series] = {}
        reached = []
        for signal in self.errand.signals:
            table = Table(self._grid(signal), signal, self.context.environment, self.context.source)
            reached.append(self._fill(table))
            for series in table.series(self._origin(signal)):
                found.setdefault(series.subject.name, series)
            self._note(*(f"{signal.name}: {note}" for note in table.notes()))
        self.result.series = [found[name] for name in sorted(found)]
        self.result.until = None if self.result.partial else min(reached, key=lambda until: until or 0.0)
        if not found and not self.result.gaps:
            self._note(f"nothing measures {self.errand}; asked {', '.join(s.name for s in self.errand.signals)}")
        return self.result

    def _grid(self, signal: Signal) -> Grid:
        step = max(signal.step, self.errand.need.step)
        return Grid.covering(self.errand.start, self.context.as_of.timestamp(), step)

    def _origin(self, signal: Signal) -> Origin:
        return Origin(self.context.source, f"{self.connection.url}/api/v1/query_range", query=signal.query)

    def _note(self, *notes: str) -> None:
        self.result.notes += [f"{self.context.source}: {note}" for note in notes]

    def _gap(self, signal: Signal, reason: str) -> None:
        self.result.gaps.append(Gap(self._origin(signal), reason))

    def _fill(self, table: Table) -> float | None:
        """Fill the table from old to new; returns up to when (Unix seconds) all is fetched, None where nothing is."""
        walk = Walk(table.grid.size, self.options.budget.samples_per_request)
        while not walk.done and self._may_ask(table.signal, walk):
            for part in () if self.spending.exhausted else walk.parts_to_ask(CONNECTIONS):
                walk.asked(part, self.workers.submit(self._ask, table.signal, table.grid, part))
            part, outcome = walk.next_outcome()
            if isinstance(outcome, Answer):
                self._take(outcome, part, table)
                walk.arrived(part, outcome.matrix)
            elif outcome.trouble is Trouble.TOO_MUCH and len(part) > 1:
                walk.split(part)
            else:
                self.spending.trouble(outcome)
                self._gap(table.signal, str(outcome))
                break
        walk.abandon()
        if walk.done:
            return self.context.as_of.timestamp()
        return table.grid.time(walk.position - 1) if walk.position else None

    def _may_ask(self, signal: Signal, walk: Walk) -> bool:
        if self.spending.stopped:
            self._gap(signal, f"not asked after an earlier answer: {self.spending.stopped}")
            return False
        if self.spending.exhausted and not walk.flying:
            self._postpone(signal)
            return False
        return True

    def _postpone(self, signal: Signal) -> None:
        """Say that the budget is spent: a gap where the store's knowledge is old, else a note."""
        known, now = self.errand.known_until, self.context.as_of.timestamp()
        reason = f"{self.spending}; {self.errand} is fetched on, the oldest first, in the next nights"
        if known is None or now - known > STALE:
            self._gap(signal, f"{reason}, or raise `budget` of this source")
        else:
            self._note(reason)

    def _ask(self, signal: Signal, grid: Grid, part: range) -> Answer | AnswerProblem:
        try:
            return self.connection.range(signal.query, grid.time(part.start), grid.time(part.stop - 1), grid.step)
        except AnswerProblem as problem:
            return problem

    def _take(self, answer: Answer, part: range, table: Table) -> None:
        self.spending.pay(answer)
        if answer.matrix is None:
            self._gap(
                table.signal, f"{self.connection.url} answered a range query with something else; check the query"
            )
            return
        table.take(answer.matrix, part)
        for warning in answer.warnings:
            self._gap(table.signal, f"the answer may be partial: {warning}")
            self.result.partial = True
        if abs(answer.clock_ahead or 0.0) > CLOCK_OFF:
            self._gap(table.signal, clock_sentence(self.connection.url, answer.clock_ahead or 0.0))
