"""Inquiry: many small questions to a server in few requests, within the load budget; what is not answered is a gap."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

from driftbot.collectors.collector import Context
from driftbot.collectors.load_budget import Spending
from driftbot.collectors.prometheus_answer import Answer, AnswerProblem, Trouble
from driftbot.collectors.prometheus_clock import CLOCK_OFF, clock_sentence
from driftbot.collectors.prometheus_connection import CONNECTIONS, Connection
from driftbot.collectors.prometheus_matrix import MatrixSeries
from driftbot.core.coverage import Gap
from driftbot.core.fact import Origin

QUERY_RANGE = "/api/v1/query_range"

MOST_QUESTIONS, LONGEST_QUERY = 100, 8_000
"""Questions and characters of one query: VictoriaMetrics takes 16 kB (``-search.maxQueryLen``), and one question that
a server refuses is found in at most seven halvings."""

FEWEST_QUESTIONS = 10
"""What a query holds at least where larger ones were too much; in it the one that is too much alone is looked for."""

MOST_REFUSALS = 40
"""Refused queries after which a server counts as one that refuses such questions; so that a server that refuses all
of 5,000 is not asked 10,000 times."""

MARK = "driftbot_question"
"""The label by which the answers to the questions of one query are told apart."""

_SMALLER_MAY_DO = {Trouble.TOO_MUCH, Trouble.REFUSED, Trouble.SLOW}

Answers = Mapping[str, tuple[MatrixSeries, ...]]
"""The series that answer each question (an expression); a question that is not in it was not answered."""


@dataclass(frozen=True, slots=True)
class Times:
    """When a question is asked about: Unix seconds, both ends included, and seconds between."""

    start: float
    end: float
    step: float

    @classmethod
    def at(cls, time: float) -> Times:
        """One time alone; VictoriaMetrics looks back over the step for the newest sample, Prometheus over 5 minutes."""
        return cls(time, time, 300.0)


@dataclass(slots=True)
class Inquiry:
    """A server under questions; ``unanswered`` holds the questions without an answer by the reason."""

    connection: Connection
    context: Context
    spending: Spending
    unanswered: dict[str, list[str]] = field(default_factory=dict)
    requests: int = 0
    refusals: int = 0
    largest: int = MOST_QUESTIONS

    def ask(self, questions: Iterable[str], times: Times) -> Answers:
        """The answers to expressions, each once, in as few requests as the server's limits allow."""
        waiting = deque(_batches(questions))
        flying: deque[tuple[list[str], Future[Answer | AnswerProblem]]] = deque()
        found: dict[str, tuple[MatrixSeries, ...]] = {}
        with ThreadPoolExecutor(CONNECTIONS) as workers:
            while waiting or flying:
                while waiting and len(flying) < CONNECTIONS and not self._ended:
                    if len(waiting[0]) > self.largest:
                        _halve(waiting, waiting.popleft())
                        continue
                    flying.append((waiting[0], workers.submit(self._send, waiting.popleft(), times)))
                if not flying:
                    break
                batch, answer = flying.popleft()
                self.context.progress(f"asking {self.connection.url} about what alerts read")
                found |= self._understood(batch, answer.result(), waiting)
        for batch in waiting:
            self.leave(batch, self._ended)
        return found

    def gaps(self) -> Iterator[Gap]:
        """What was not answered, a gap for each reason."""
        for reason, questions in sorted(self.unanswered.items()):
            shown = questions[0] if len(questions) == 1 else f"{questions[0]} and {len(questions) - 1:,} more"
            origin = Origin(self.context.source, f"{self.connection.url}{QUERY_RANGE}", query=questions[0])
            yield Gap(origin, f"whether anything matches {shown} is not known: {reason}")

    @property
    def _ended(self) -> str:
        """Why nothing more is asked; empty while it may be."""
        if self.spending.stopped:
            return f"not asked after an earlier answer: {self.spending.stopped}"
        if self.refusals >= MOST_REFUSALS:
            return f"{self.connection.url} has refused {self.refusals} such queries tonight"
        return str(self.spending) if self.spending.exhausted else ""

    def _send(self, batch: list[str], times: Times) -> Answer | AnswerProblem:
        marked = [f'label_replace({question}, "{MARK}", "{number}", "", "")' for number, question in enumerate(batch)]
        try:
            return self.connection.range(_either(marked), times.start, times.end, times.step)
        except AnswerProblem as problem:
            return problem

    def _understood(
        self, batch: list[str], outcome: Answer | AnswerProblem, waiting: deque[list[str]]
    ) -> dict[str, tuple[MatrixSeries, ...]]:
        """The answers of one batch; one that was too much or holds a bad question waits again, halved."""
        self.requests += 1
        if isinstance(outcome, Answer):
            self.spending.pay(outcome)
            return self._answers(batch, outcome)
        self.refusals += outcome.trouble in {Trouble.REFUSED, Trouble.TOO_MUCH}
        self.spending.trouble(outcome)
        if outcome.trouble in _SMALLER_MAY_DO and len(batch) > 1:
            if outcome.trouble is not Trouble.REFUSED:
                self.largest = max(min(self.largest, len(batch) // 2), FEWEST_QUESTIONS)
            _halve(waiting, batch)
        else:
            self.leave(batch, str(outcome))
        return {}

    def _answers(self, batch: list[str], answer: Answer) -> dict[str, tuple[MatrixSeries, ...]]:
        found: dict[str, list[MatrixSeries]] = {question: [] for question in batch}
        for series in answer.matrix.series if answer.matrix is not None else ():
            number = series.labels.get(MARK, "")
            if number.isdigit() and int(number) < len(batch):
                found[batch[int(number)]].append(series)
        doubt = self._doubt(answer)
        if doubt:
            # What is there is there; what is not there may only be missing from the answer.
            self.leave([question for question, series in found.items() if not series], doubt)
            found = {question: series for question, series in found.items() if series}
        return {question: tuple(series) for question, series in found.items()}

    def _doubt(self, answer: Answer) -> str:
        """Why the answer may not be whole; empty where it is."""
        url = f"{self.connection.url}{QUERY_RANGE}"
        if answer.matrix is None:
            return f"{url} answered with something else than a range answer"
        if answer.warnings:
            return f"the answer of {url} may be partial: {'; '.join(answer.warnings)}"
        ahead = answer.clock_ahead or 0.0
        return clock_sentence(self.connection.url, ahead) if abs(ahead) > CLOCK_OFF else ""

    def leave(self, questions: Sequence[str], reason: str) -> None:
        """Note questions that have no answer, and why."""
        if questions:
            self.unanswered.setdefault(reason, []).extend(questions)


def _either(expressions: list[str]) -> str:
    """All of them joined by ``or`` as a balanced tree: a chain would compare each with all that stand before it."""
    if len(expressions) == 1:
        return expressions[0]
    half = len(expressions) // 2
    return f"({_either(expressions[:half])} or {_either(expressions[half:])})"


def _halve(waiting: deque[list[str]], batch: list[str]) -> None:
    """Let the halves of a batch wait instead, before all others."""
    half = len(batch) // 2
    waiting.extendleft((batch[half:], batch[:half]))


def _batches(questions: Iterable[str]) -> Iterator[list[str]]:
    batch: list[str] = []
    size = 0
    for question in dict.fromkeys(questions):
        length = len(question) + len(MARK) + 40
        if batch and (len(batch) >= MOST_QUESTIONS or size + length > LONGEST_QUERY):
            yield batch
            batch, size = [], 0
        batch.append(question)
        size += length
    if batch:
        yield batch
