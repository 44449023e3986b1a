"""Which finding a person means."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from driftbot.core.finding import Finding, Verdict
from driftbot.core.history import FindingLife, Life
from driftbot.core.lookup import AmbiguousFinding, NoSuchFinding, find
from driftbot.core.rule import Severity
from driftbot.core.subject import Subject

NOW = datetime(2026, 5, 1, tzinfo=UTC)


def life(rule: str, name: str) -> FindingLife:
    subject = Subject("workload", "production", name)
    return FindingLife(Finding(rule, subject, Verdict.DRIFT, Severity.HIGH, "t"), Life.NEW, NOW, NOW)


LIVES = [life("probe", "shop/cart"), life("probe", "shop/mail"), life("limits", "shop/cart")]


def test_every_way_to_name_a_finding():
    first = LIVES[0].finding
    for words in ([first.fingerprint], [first.fingerprint[:6].upper()], ["probe", "shop/cart"],
                  ["workload:production/shop/cart", "probe"], [first.fingerprint, "probe"]):  # fmt: skip
        assert find(LIVES, words) is LIVES[0]
    assert find(LIVES, ["limits"]) is LIVES[2]


def test_several_are_listed():
    with pytest.raises(AmbiguousFinding, match=r"2 findings answer to 'probe'[\s\S]*shop/cart[\s\S]*shop/mail"):
        find(LIVES, ["probe"])


@pytest.mark.parametrize("words", [["prove", "shop/cart"], ["zzzz"], [LIVES[0].finding.fingerprint[:1]], [], [""]])
def test_none_is_said(words):
    with pytest.raises(NoSuchFinding) as caught:
        find(LIVES, words)
    assert caught.value.next_step


def test_the_nearest_are_named():
    with pytest.raises(NoSuchFinding) as caught:
        find(LIVES, ["limit"])
    assert "limits" in caught.value.next_step
