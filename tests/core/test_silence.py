"""Silences end: what is overdue, ends soon, or is not needed any more."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from driftbot.core.coverage import AcceptedGap, Coverage, Gap
from driftbot.core.excuse import Waiver
from driftbot.core.fact import Origin
from driftbot.core.finding import Finding, Verdict, fingerprint
from driftbot.core.history import FindingLife, Life
from driftbot.core.rule import Severity
from driftbot.core.silence import SilenceState, silences
from driftbot.core.subject import Subject
from driftbot.core.triage import Triage

NOW = datetime(2026, 5, 1, tzinfo=UTC)
CART = Subject("workload", "production", "shop/cart")
NAME = fingerprint("rule", CART.id)
LIFE = FindingLife(Finding("rule", CART, Verdict.DRIFT, Severity.LOW, "t"), Life.RESOLVED, NOW, NOW, resolved=NOW)


def waiver(days: float) -> Waiver:
    return Waiver(NAME, "rule", CART.id, "ada", "later", NOW - timedelta(days=90), NOW + timedelta(days=days))


@pytest.mark.parametrize(
    ("days", "verdict", "triage", "state"),
    [
        (30, Verdict.WAIVED, Triage(NOW), None),
        (14, Verdict.WAIVED, Triage(NOW), SilenceState.ENDS_SOON),
        (30, Verdict.OK, Triage(NOW), SilenceState.NOT_NEEDED),
        (30, None, Triage(NOW, resolved=(LIFE,)), SilenceState.NOT_NEEDED),
        (30, None, Triage(NOW), None),
        (30, Verdict.UNKNOWN, Triage(NOW), None),
        (0, Verdict.DRIFT, Triage(NOW), SilenceState.OVERDUE),
        (-5, Verdict.UNKNOWN, Triage(NOW), SilenceState.OVERDUE),
        (-5, Verdict.OK, Triage(NOW), SilenceState.NOT_NEEDED),
        (-5, None, Triage(NOW), None),
    ],
)
def test_a_waiver_that_needs_a_decision_is(days, verdict, triage, state):
    verdicts = {NAME: verdict} if verdict else {}
    assert [silence.state for silence in silences([waiver(days)], (), (), verdicts, triage)] == (
        [state] if state else []
    )


@pytest.mark.parametrize(
    ("changed", "state"),
    [(None, None), (NOW - timedelta(days=91), None), (NOW - timedelta(days=1), SilenceState.CHANGED)],
)
def test_what_changed_since_it_was_waived_needs_a_decision(changed, state):
    finding = Finding("rule", CART, Verdict.WAIVED, Severity.LOW, "t", observed="threshold = 100")
    life = FindingLife(finding, Life.ONGOING, NOW, NOW, changed=changed, previous="threshold = 10")
    told = silences([waiver(9)], (), (), {NAME: Verdict.WAIVED}, Triage(NOW, waived=(life,)))
    assert [silence.state for silence in told] == [state or SilenceState.ENDS_SOON]
    if state:
        assert told[0].detail == "changed since it was waived, on 2026-04-30: threshold = 10 → threshold = 100"


@pytest.mark.parametrize(
    ("length", "told_when_left"),
    [(0.5, 0.5), (2, 1), (8, 2), (20, 5), (56, 14), (400, 14)],
)
def test_who_has_just_given_a_short_waiver_is_not_asked_at_once(length, told_when_left):
    given = Waiver(NAME, "rule", CART.id, "ada", "later", NOW, NOW + timedelta(days=length))
    told = given.expires - timedelta(days=told_when_left)

    def states(at: datetime) -> list[SilenceState]:
        return [one.state for one in silences([given], (), (), {NAME: Verdict.WAIVED}, Triage(at))]

    assert states(told - timedelta(minutes=1)) == ([] if told > NOW else [SilenceState.ENDS_SOON])
    assert states(told) == [SilenceState.ENDS_SOON]


def test_a_waiver_that_was_renewed_is_not_overdue():
    assert silences([waiver(-5), waiver(60)], (), (), {NAME: Verdict.WAIVED}, Triage(NOW)) == ()


@pytest.mark.parametrize(
    ("days", "occurs", "state"),
    [
        (30, True, None),
        (10, True, SilenceState.ENDS_SOON),
        (0, True, SilenceState.OVERDUE),
        (30, False, SilenceState.NOT_NEEDED),
        (-1, False, SilenceState.NOT_NEEDED),
    ],
)
def test_an_accepted_gap_that_needs_a_decision_is(days, occurs, state):
    gap = AcceptedGap("m:a.yaml", "ada", "a template", NOW + timedelta(days=days))
    gaps = (Gap(Origin("m", "a.yaml"), "not YAML"),) if occurs else ()
    coverage = [Coverage("m", "production", "workload", gaps=gaps)]
    assert [silence.state for silence in silences((), [gap], coverage, {}, Triage(NOW))] == ([state] if state else [])
