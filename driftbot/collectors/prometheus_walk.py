"""The walk over a grid: which part to ask for next, in which size, with how many questions under way."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field

from driftbot.collectors.prometheus_answer import Answer, AnswerProblem
from driftbot.collectors.prometheus_matrix import Matrix

POINTS = 10_000
"""Steps of one range query; Prometheus refuses more than 11,000 (web/api/v1: "exceeded maximum resolution")."""

FIRST_POINTS = 24
"""Steps of the first question: its answer shows how many series the rest will have."""

Outcome = Answer | AnswerProblem


@dataclass(slots=True)
class Walk:
    """Over ``size`` points of a grid from one end; answers hold at most about ``samples`` samples each.

    ``position`` points have arrived in order. What is asked depends on earlier answers only, not on their timing.
    """

    size: int
    samples: int
    position: int = 0
    upcoming: int = 0
    points: int = FIRST_POINTS
    flying: deque[tuple[range, Future[Outcome]]] = field(default_factory=deque)

    @property
    def done(self) -> bool:
        """Whether every point has arrived."""
        return self.position >= self.size

    def parts_to_ask(self, connections: int) -> Iterator[range]:
        """The next parts, so that ``connections`` are busy; one until the first answer has come."""
        while self.upcoming < self.size and len(self.flying) < (connections if self.position else 1):
            yield range(self.upcoming, min(self.size, self.upcoming + self.points))

    def asked(self, part: range, answer: Future[Outcome]) -> None:
        """A part was asked for."""
        self.upcoming = part.stop
        self.flying.append((part, answer))

    def next_outcome(self) -> tuple[range, Outcome]:
        """Wait for the oldest question's outcome."""
        part, answer = self.flying.popleft()
        return part, answer.result()

    def arrived(self, part: range, matrix: Matrix | None) -> None:
        """A part is there; the density of its series decides the size of the next."""
        self.position = part.stop
        series = max(1, len(matrix.series)) if matrix else 1
        self.points = max(1, min(POINTS, self.samples // series))

    def split(self, part: range) -> None:
        """A part was too much for the server: ask again for a quarter of it."""
        self.abandon()
        self.upcoming = self.position
        self.points = max(1, len(part) // 4)
        self.samples = max(1, self.samples // 4)

    def abandon(self) -> None:
        """Wait for questions under way and drop their answers."""
        while self.flying:
            self.flying.popleft()[1].result()
