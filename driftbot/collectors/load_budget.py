"""The load budget: what a night has cost a server so far, and whether the next question may still be asked."""

from __future__ import annotations

from dataclasses import dataclass

from driftbot.collectors.prometheus_answer import Answer, AnswerProblem, Trouble
from driftbot.collectors.prometheus_options import LoadBudget

SLOW_ANSWERS = 3
"""After so many answers that did not come in time the server is left alone for the night."""

_ENDS_THE_NIGHT = {Trouble.UNREACHABLE, Trouble.BUSY, Trouble.CLOSED, Trouble.MISSING}


@dataclass(slots=True)
class Spending:
    """What was spent of a budget in one night; ``stopped`` says why nothing more is asked, or is empty."""

    budget: LoadBudget
    samples: int = 0
    seconds: float = 0.0
    slow: int = 0
    stopped: str = ""

    @property
    def share(self) -> float:
        """How much of the budget is spent, of samples or of time, whichever is more; 1 is all of it."""
        time = self.seconds / self.budget.query_time if self.budget.query_time else 1.0
        return max(self.samples / self.budget.samples, time)

    @property
    def exhausted(self) -> bool:
        """Whether the budget is spent."""
        return self.share >= 1.0

    def pay(self, answer: Answer) -> None:
        """Note what an answer cost."""
        self.samples += answer.samples
        self.seconds += answer.seconds

    def trouble(self, problem: AnswerProblem) -> None:
        """Note a refusal; some end the night for this server."""
        self.slow += problem.trouble is Trouble.SLOW
        if problem.trouble in _ENDS_THE_NIGHT or self.slow >= SLOW_ANSWERS:
            self.stopped = self.stopped or str(problem)

    def __str__(self) -> str:
        return (
            f"tonight's load budget is spent ({self.samples:,} of {self.budget.samples:,} samples,"
            f" {self.seconds:.0f} of {self.budget.query_time:.0f} s of query time)"
        )
