"""Fetching the samples of one expression as a matrix: part by part, within the load budget."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np

from driftbot.collectors.load_budget import Spending
from driftbot.collectors.prometheus_answer import Answer, AnswerProblem, Trouble
from driftbot.collectors.prometheus_connection import CONNECTIONS, Connection
from driftbot.collectors.prometheus_grid import Grid
from driftbot.collectors.prometheus_matrix import Matrix
from driftbot.collectors.prometheus_walk import Walk
from driftbot.core.series import FloatArray


class Unanswered(Exception):
    """The samples did not come; ``str`` says why."""


class NotAsked(Unanswered):
    """The samples were not asked for: the budget is spent, or the server is left alone for the night."""


class TooManySeries(Exception):
    """More series came than are told apart."""


@dataclass(slots=True)
class SampleFetcher:
    """Fetches expressions from one server; ``warnings`` are those of all answers, each once."""

    connection: Connection
    workers: ThreadPoolExecutor
    spending: Spending
    warnings: dict[str, None] = field(default_factory=dict)

    def samples(self, query: str, grid: Grid, most: int) -> FloatArray:
        """A row a series, in the order of their labels, a column a point of the grid; NaN where there is no sample.

        Raises:
            NotAsked: the budget is spent, or the server is left alone.
            Unanswered: an answer did not come or cannot be used.
            TooManySeries: there are more than ``most``.
        """
        walk = Walk(grid.size, self.spending.budget.samples_per_request)
        rows: dict[tuple[tuple[str, str], ...], FloatArray] = {}
        try:
            while not walk.done:
                self._ask(walk, query, grid)
                part, outcome = walk.next_outcome()
                if isinstance(outcome, Answer):
                    walk.arrived(part, self._take(outcome, grid, part, rows, most))
                elif outcome.trouble is Trouble.TOO_MUCH and len(part) > 1:
                    walk.split(part)
                else:
                    self.spending.trouble(outcome)
                    raise Unanswered(str(outcome))
        finally:
            walk.abandon()
        return np.array([rows[labels] for labels in sorted(rows)]).reshape(len(rows), grid.size)

    def _ask(self, walk: Walk, query: str, grid: Grid) -> None:
        if self.spending.stopped:
            raise NotAsked(f"not asked after an earlier answer: {self.spending.stopped}")
        if self.spending.exhausted and not walk.flying:
            raise NotAsked(str(self.spending))
        for part in () if self.spending.exhausted else walk.parts_to_ask(CONNECTIONS):
            walk.asked(part, self.workers.submit(self._range, query, grid, part))

    def _range(self, query: str, grid: Grid, part: range) -> Answer | AnswerProblem:
        try:
            return self.connection.range(query, grid.time(part.start), grid.time(part.stop - 1), grid.step)
        except AnswerProblem as problem:
            return problem

    def _take(
        self, answer: Answer, grid: Grid, part: range, rows: dict[tuple[tuple[str, str], ...], FloatArray], most: int
    ) -> Matrix:
        self.spending.pay(answer)
        self.warnings.update(dict.fromkeys(answer.warnings))
        if answer.matrix is None:
            raise Unanswered(f"{self.connection.url} answered a range query with something else; check the query")
        for one in answer.matrix.series:
            labels = tuple(sorted(one.labels.items()))
            if labels not in rows and len(rows) >= most:
                raise TooManySeries
            row = rows.setdefault(labels, np.empty(0))
            if row.size == 0:
                row = rows[labels] = np.full(grid.size, np.nan)
            index = np.rint((one.times - grid.start) / grid.step).astype(np.int64)
            fits = (index >= part.start) & (index < part.stop)
            row[index[fits]] = one.values[fits]
        return answer.matrix
