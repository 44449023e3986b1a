"""How long a forge is waited for: pauses that it asks for, and ours that double, within a budget."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from driftbot.forges.failure import FailureKind, ForgeFailure

T = TypeVar("T")

PASSING = frozenset(
    {
        FailureKind.RATE_LIMITED,
        FailureKind.UNREACHABLE,
        FailureKind.UNAVAILABLE,
        FailureKind.NO_ANSWER,
        FailureKind.UNREADABLE,
    }
)
"""What may be better a moment later."""


def passing(failure: ForgeFailure) -> bool:
    """Whether to ask again, where twice has the same effect as once: reads, and edits that set values."""
    return failure.kind in PASSING


def surely_undone(failure: ForgeFailure) -> bool:
    """Whether to ask again for what must not happen twice: only where it is sure that nothing was done."""
    return failure.kind in PASSING and not failure.uncertain


@dataclass
class Patience:
    """``budget`` is how many seconds may be waited in all, by everything that shares this; ``attempts`` is for each."""

    budget: float = 120.0
    attempts: int = 4
    sleep: Callable[[float], None] = time.sleep
    waited: float = 0.0

    def wait(self, seconds: float) -> bool:
        """Wait; False, without waiting, where the budget does not hold so much."""
        if self.waited + seconds > self.budget:
            return False
        self.sleep(seconds)
        self.waited += seconds
        return True

    def repeat(self, call: Callable[[], T], again: Callable[[ForgeFailure], bool]) -> T:
        """The call's result; it is made ``again`` after failures that it says so of.

        Raises:
            ForgeFailure: the last one; or where attempts or the budget are used up.
        """
        for attempt in range(self.attempts):
            try:
                return call()
            except ForgeFailure as failure:
                pause = failure.pause if failure.pause is not None else float(2**attempt)
                if not again(failure) or attempt + 1 == self.attempts:
                    raise
                if not self.wait(pause):
                    raise _out_of_patience(failure, pause, self) from None
        raise AssertionError("unreachable")


def _out_of_patience(failure: ForgeFailure, pause: float, patience: Patience) -> ForgeFailure:
    told = f"{failure.sentence} (waiting {pause:,.0f} s more would be over the {patience.budget:,.0f} s of one run)"
    return ForgeFailure(
        failure.kind,
        told,
        failure.next_step,
        uncertain=failure.uncertain,
        pause=failure.pause,
        status=failure.status,
    )
