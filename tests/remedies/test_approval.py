"""Who may approve, what counts, and how many are missing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from driftbot.core.failure import Failure
from driftbot.core.ladder import Level
from driftbot.core.run import PlanApproval
from driftbot.remedies.approval import LASTS, check_approver, counting, missing
from tests.remedies.imagined import NOW, remedy_of, setting

PLAN = "f" * 64
TWO = replace(remedy_of(setting("a")), approvals=2)
ANN = "Ann <ann@example.org>"


def approval(by: str, digest: str = TWO.digest, ago: timedelta = timedelta()) -> PlanApproval:
    return PlanApproval(digest, by, NOW - ago)


@pytest.mark.parametrize(
    ("approvals", "count"),
    [
        ([], 0),
        ([approval(ANN)], 1),
        ([approval(ANN), approval("bob")], 2),
        ([approval(ANN), approval(ANN, PLAN)], 1),
        ([approval(ANN), approval("ANN Example <Ann@Example.org>")], 1),
        ([approval("bob"), approval(" BOB ")], 1),
        ([approval(ANN, "e" * 64)], 0),
        ([approval(ANN, ago=LASTS)], 1),
        ([approval(ANN, ago=LASTS + timedelta(seconds=1))], 0),
    ],
    ids=["none", "one", "two", "plan and remedy", "one address", "one name", "another", "a week old", "too old"],
)
def test_one_person_counts_once_for_what_that_person_approved_lately(approvals: list[PlanApproval], count: int):
    counted = counting(TWO, PLAN, approvals, (), NOW)
    assert len(counted) == count
    assert missing(TWO, counted) == 2 - count


def test_only_who_may_approve_counts():
    given = [approval(ANN), approval("mallory")]
    assert counting(TWO, PLAN, given, ("ann@example.org", "carl"), NOW) == (given[0],)
    check_approver(ANN, ["ann@example.org"])
    check_approver("CARL", ["carl"])
    check_approver("anybody", [])
    with pytest.raises(Failure, match=r"mallory may not approve: acting.approvers names ann@example.org, carl"):
        check_approver("mallory", ["carl", "ann@example.org"])


def test_an_approver_is_not_taken_for_one_by_a_part_of_the_name():
    with pytest.raises(Failure):
        check_approver("ann@example.org <mallory@example.net>", ["ann@example.org"])


@pytest.mark.parametrize(("level", "needed"), [(Level.AUTO, 0), (Level.APPROVE, 1), (Level.PROPOSE, 1)])
def test_what_is_not_automatic_needs_somebody_even_if_the_playbook_asks_nobody(level: Level, needed: int):
    assert missing(replace(TWO, approvals=0, level=level), ()) == needed
