"""Measuring what a demand asks for: range queries within the load budget, and their answers as series."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from driftbot.collectors.collector import Context, Ledger
from driftbot.collectors.load_budget import Spending
from driftbot.collectors.prometheus_answer import Answer, AnswerProblem, Trouble
from driftbot.collectors.prometheus_clock import CLOCK_OFF, clock_sentence
from driftbot.collectors.prometheus_connection import CONNECTIONS, Connection
from driftbot.collectors.prometheus_errand import Direction, Errand, Stretch, errand
from driftbot.collectors.prometheus_grid import Grid, Table
from driftbot.collectors.prometheus_options import PrometheusOptions
from driftbot.collectors.prometheus_walk import Walk
from driftbot.core.coverage import Coverage, Gap
from driftbot.core.demand import Demand
from driftbot.core.fact import Origin
from driftbot.core.series import Series, joined
from driftbot.core.snapshot import Reading
from driftbot.core.span import Measured, Span
from driftbot.signals.reading import SignalBook
from driftbot.signals.signal import Signal

_LAST = {Direction.FORWARD: -1, Direction.BACKWARD: 0}

STALE = 2 * 86400.0
"""What was last fetched longer ago than this and does not fit into tonight's budget is a gap, not only a note."""


@dataclass(slots=True)
class Fetched:
    """What became of one key: its series, its gaps, and what is held of it now (None: nothing more than before)."""

    series: list[Series] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    span: Span | None = None
    partial: bool = False


def measure_demand(
    connection: Connection,
    options: PrometheusOptions,
    context: Context,
    demand: Demand,
    ledger: Ledger,
    spending: Spending,
) -> Reading:
    """Fetch what is demanded, what the store does not hold yet, and what fits into the budget; oldest first."""
    book = SignalBook.of(options.signals, options.without)
    errands = _errands(book, options, context, demand, ledger)
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
    for need in sorted(demand.series):
        if signals := book.measuring(need.kind, need.key):
            held = ledger.held(context.environment, need.kind, need.key, context.source)
            errands.append(errand(need, signals, now, held, options.overlap))
    turn = int(now // 86400) % max(1, len(errands))
    return sorted(errands[turn:] + errands[:turn], key=lambda errand: errand.known_until or 0.0)


def _reading(context: Context, errand: Errand, fetched: Fetched) -> Reading:
    need = errand.need
    coverage = Coverage(
        context.source, context.environment, need.kind, frozenset({need.key}), tuple(dict.fromkeys(fetched.gaps))
    )
    span = fetched.span or (errand.nothing if errand.replaced else None)
    measured = (Measured(context.environment, need.kind, need.key, context.source, span),) if span else ()
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
    table: type[Table] = Table

    def fetch(self) -> Fetched:
        """All series of the key; of two signals that measure one subject the first holds."""
        found: dict[str, list[Series]] = {}
        for stretch in self.errand.stretches(self.options.overlap):
            reached = self._fetch(stretch, found)
            if reached is not None:
                self.result.span = self.errand.holding(self.result.span or self.errand.held, stretch, reached)
            if reached != stretch.far_end:
                break
        else:
            if not found and not self.result.gaps:
                self._note(f"nothing measures {self.errand}; asked {', '.join(s.name for s in self.errand.signals)}")
        self.result.series = [joined(found[name]) for name in sorted(found)]
        if self.result.partial:
            self.result.span = None
        return self.result

    def _fetch(self, stretch: Stretch, found: dict[str, list[Series]]) -> float | None:
        """Fetch a stretch by all signals; returns how far (Unix seconds) all of them got, None: one got nothing."""
        reached = []
        this: dict[str, Series] = {}
        for signal in self.errand.signals:
            grid = Grid.covering(stretch.start, stretch.end, max(signal.step, self.errand.step))
            table = self.table(grid, signal, self.context.environment, self.context.source)
            reached.append(self._fill(table, stretch))
            for series in table.series(self._origin(signal)):
                this.setdefault(series.subject.name, series)
            self._note(*(f"{signal.name}: {note}" for note in table.notes()))
        for name, series in this.items():
            found.setdefault(name, []).append(series)
        there = [time for time in reached if time is not None]
        if len(there) < len(reached):
            return None
        return min(there) if stretch.direction is Direction.FORWARD else max(there)

    def _origin(self, signal: Signal) -> Origin:
        return Origin(self.context.source, f"{self.connection.url}/api/v1/query_range", query=signal.query)

    def _note(self, *notes: str) -> None:
        self.result.notes += [f"{self.context.source}: {note}" for note in notes]

    def _gap(self, signal: Signal, reason: str) -> None:
        self.result.gaps.append(Gap(self._origin(signal), reason))

    def _fill(self, table: Table, stretch: Stretch) -> float | None:
        """Fill the table from the stretch's first end; returns how far (Unix seconds) all is fetched, None: nothing."""
        walk = Walk(table.grid.size, self.options.budget.samples_per_request)
        while not walk.done and self._may_ask(table.signal, walk, stretch):
            for part in () if self.spending.exhausted else walk.parts_to_ask(CONNECTIONS):
                points = table.grid.points(part, stretch.direction)
                walk.asked(part, self.workers.submit(self._ask, table.signal, table.grid, points))
            part, outcome = walk.next_outcome()
            if isinstance(outcome, Answer):
                self._take(outcome, table.grid.points(part, stretch.direction), table)
                walk.arrived(part, outcome.matrix)
            elif outcome.trouble is Trouble.TOO_MUCH and len(part) > 1:
                walk.split(part)
            else:
                self.spending.trouble(outcome)
                self._gap(table.signal, str(outcome))
                break
        walk.abandon()
        if walk.done:
            return stretch.far_end
        if not walk.position:
            return None
        return table.grid.time(table.grid.points(range(walk.position), stretch.direction)[_LAST[stretch.direction]])

    def _may_ask(self, signal: Signal, walk: Walk, stretch: Stretch) -> bool:
        if self.spending.stopped:
            self._gap(signal, f"not asked after an earlier answer: {self.spending.stopped}")
            return False
        if self.spending.exhausted and not walk.flying:
            self._postpone(signal, stretch)
            return False
        return True

    def _postpone(self, signal: Signal, stretch: Stretch) -> None:
        """Say that the budget is spent: a note where the store knows the window but for the last days, else a gap."""
        known, now = self.errand.known_until, self.errand.now
        reason = f"{self.spending}; {self.errand} is fetched on, the oldest first, in the next nights"
        if stretch.direction is Direction.BACKWARD or known is None or now - known > STALE:
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
