"""Law 13: rules that say nothing, keys nobody saw, rules past their review and changed rules are reported."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from driftbot.core.evaluation import Evaluation, Tally
from driftbot.core.finding import Verdict
from driftbot.core.history import FindingLife, Life
from driftbot.core.rule_changes import RULE_CHANGED
from driftbot.core.triage import Known, triage
from driftbot.core.upkeep import Neglect, upkeep
from tests.laws.estate import CART, GRACE, finding, night, snapshot

TODAY = date(2026, 3, 1)


@pytest.mark.parametrize(
    ("rule", "tally", "neglect"),
    [
        (GRACE, Tally(GRACE.id, subjects=0), Neglect.MATCHED_NOTHING),
        (GRACE, Tally(GRACE.id, subjects=9, selected=0), Neglect.MATCHED_NOTHING),
        (GRACE, Tally(GRACE.id, 9, 9, unknown=9, never_seen=("probe.timeout",)), Neglect.NEVER_SEEN),
        (GRACE, Tally(GRACE.id, 9, 9, stopped="took longer than 10s"), Neglect.STOPPED),
        (replace(GRACE, review_by=date(2026, 2, 28)), Tally(GRACE.id, 9, 9, ok=9), Neglect.STALE),
    ],
)
def test_a_rule_that_says_nothing_is_reported(rule, tally, neglect):
    (found,) = upkeep((rule,), (tally,), TODAY)
    assert (found.rule, found.neglect) == (GRACE.id, neglect)
    assert found.detail


def test_a_rule_that_works_is_not_reported():
    assert upkeep((replace(GRACE, review_by=TODAY),), (Tally(GRACE.id, 9, 9, ok=8, drift=1),), TODAY) == ()


def scanned(verdict: Verdict, digest: str, known: Known):
    tallies = (Tally(GRACE.id, 1, 1),)
    tonight = Evaluation((finding(verdict),), tallies)
    return triage(tonight, snapshot(1, CART), (replace(GRACE, digest=digest),), known)


def test_what_a_changed_rule_finds_is_not_called_new_drift():
    known = Known((), {GRACE.id: "first"})
    (same,) = scanned(Verdict.DRIFT, "first", known).news
    (changed,) = scanned(Verdict.DRIFT, "second", known).news
    assert (same.life, changed.life) == (Life.NEW, Life.RULE_CHANGED)
    assert RULE_CHANGED in changed.finding.reasons


def test_what_a_changed_rule_no_longer_finds_is_not_called_resolved():
    standing = FindingLife(finding(Verdict.DRIFT), Life.ONGOING, night(0), night(0))
    known = Known((standing,), {GRACE.id: "first"})
    (same,) = scanned(Verdict.OK, "first", known).resolved
    (changed,) = scanned(Verdict.OK, "second", known).resolved
    assert (same.life, changed.life) == (Life.RESOLVED, Life.RULE_CHANGED)
