"""Law 12: budgets are the estate's. What all tests of all series may cost together is the budget, whoever asks."""

from __future__ import annotations

import pytest

from driftbot.core.finding import Finding, Verdict
from driftbot.core.series import Series
from driftbot.core.snapshot import Snapshot
from driftbot.detectors.drift import drift
from driftbot.detectors.steps import change_points
from driftbot.engine.evaluate import evaluate
from tests.engine.estate import AS_OF, job, rule
from tests.engine.test_detections import shaped
from tests.rules.words import VOCABULARY

DRIFT, STEP = 'self.duration.drift("90d") <= 0.05', 'self.duration.step("60d") <= 0.05'
USED = 'self.memory.used.drift("60d") <= 0.1'


@pytest.fixture
def granted(monkeypatch):
    """What each test of a series was allowed to cost, by detector."""
    found: list[float] = []
    for module, name in ((drift, "drifts"), (change_points, "change_points")):
        real = getattr(module, name)

        def spied(panel, *more, real=real):
            found.extend([more[-1]] * len(panel.values))
            return real(panel, *more)

        monkeypatch.setattr(module, name, spied)
    return found


@pytest.mark.parametrize("budget", [0.05, 1.0])
@pytest.mark.parametrize("size", [1, 30])
def test_all_tests_together_cost_at_most_the_budget(granted, budget, size):
    series = [
        shaped(job(f"j{number}"), key, seed=number) for number in range(size) for key in ("duration", "memory.used")
    ]
    rules = [rule(text, name=f"rule-{at}") for at, text in enumerate((DRIFT, STEP, USED, DRIFT))]
    evaluate(rules, VOCABULARY, Snapshot(AS_OF, series=tuple(series)), budget=budget)
    assert len(granted) == 3 * size
    assert 0 < sum(granted) <= budget * (1 + 1e-9)


def drifting(others: list[Series]) -> Finding | None:
    slow = shaped(job("slow"), growth="1%", since="45d")
    evaluation = evaluate([rule(DRIFT)], VOCABULARY, Snapshot(AS_OF, series=(slow, *others)))
    return next((found for found in evaluation.findings if found.subject.name == "slow"), None)


def test_a_noisy_half_takes_nothing_from_the_quiet_one():
    quiet, noisy = (
        [shaped(job(f"j{number}"), seed=number, noise=noise) for number in range(1, 20)] for noise in ("4%", "16%")
    )
    among_quiet, among_noisy = drifting(quiet), drifting(noisy)
    assert among_quiet is not None and among_noisy is not None
    assert (among_quiet.verdict, among_quiet.evidence) == (Verdict.DRIFT, among_noisy.evidence)
