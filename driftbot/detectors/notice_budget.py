"""The notice budget: how many false notices a week the whole estate may cost, shared out among all tests.

Each test of a series gets the same part. The expected number of false notices is then at most the budget, however the
series depend on each other (a sum of expectations; no independence is assumed), and a noisy series takes nothing from
a quiet one, because no test is ranked against another.
"""

from __future__ import annotations

DEFAULT_BUDGET = 1.0
"""False notices a week for everything together."""

LOOSEST = 7 / 365.25
"""The most that one test of one series may cost however small the estate is: one false notice a year, per week."""


def allowance(budget: float, tests: int) -> float:
    """False notices a week that each of so many tests may cost.

    Raises:
        ValueError: the budget is not above zero.
    """
    if not budget > 0:
        raise ValueError(f"a budget of {budget:g} false notices a week allows no notice at all; give more than 0")
    return min(LOOSEST, budget / max(tests, 1))
