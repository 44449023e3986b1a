"""Which finding a person means."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from driftbot.core.finding import Finding, Verdict
from driftbot.core.history import FindingLife, Life
from driftbot.core.lookup import AmbiguousFinding, AmbiguousSubject, NoSuchFinding, find, find_subject, kept_under
from driftbot.core.rule import Severity
from driftbot.core.subject import Subject

NOW = datetime(2026, 5, 1, tzinfo=UTC)


def life(rule: str, name: str) -> FindingLife:
    return about(rule, Subject("workload", "production", name))


def about(rule: str, subject: Subject) -> FindingLife:
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


def alert(identity: str, name: str, kind: str = "alert") -> Subject:
    return Subject(kind, "production", identity, (("alertname", name),))


RENAMED = alert("DiskFull", "DiskAlmostFull")
SECOND = alert("DiskFull/2", "DiskAlmostFull", "condition")
NAMESAKE = alert("node/DiskFull", "DiskFull")
CART = Subject("workload", "production", "shop/cart", (("alertname", "odd"),))
KNOWN = [RENAMED, SECOND, CART]


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("alert:production/DiskFull", RENAMED),
        ("DiskFull", RENAMED),
        ("DiskAlmostFull", RENAMED),
        ("alert:production/DiskAlmostFull", RENAMED),
        ("DiskAlmostFull/2", SECOND),
        ("condition:production/DiskAlmostFull/2", SECOND),
        ("shop/cart", CART),
        ("odd", None),
        ("alert:staging/DiskAlmostFull", None),
    ],
)
def test_a_subject_by_its_identity_or_by_its_name_of_today(text, meant):
    assert find_subject(KNOWN, text) is meant


def test_a_name_that_one_has_and_another_had_is_ambiguous_and_an_identity_is_not():
    with pytest.raises(AmbiguousSubject, match=r"DiskFull \(called DiskAlmostFull today\).*node/DiskFull"):
        find_subject([RENAMED, NAMESAKE], "DiskFull")
    assert find_subject([NAMESAKE, RENAMED], "alert:production/DiskFull") is RENAMED


def test_what_is_kept_under_another_name_is_said():
    assert kept_under(["DiskAlmostFull"], RENAMED) == "DiskAlmostFull is kept under alert:production/DiskFull"
    assert kept_under(["DiskAlmostFull"], SECOND) == "DiskAlmostFull is kept under condition:production/DiskFull/2"
    assert kept_under(["alert:production/DiskFull", "DiskFull", "rule"], RENAMED) == ""
    assert kept_under(["odd"], CART) == ""


def test_findings_answer_to_an_alerts_name_of_today():
    lives = [about("threshold", SECOND), about("threshold", NAMESAKE), about("runbook", RENAMED)]
    assert find(lives, ["threshold", "DiskAlmostFull"]) is lives[0]
    assert find(lives, ["alert:production/DiskAlmostFull"]) is lives[2]
    assert find(lives, ["alert:production/DiskFull"]) is lives[2]
    with pytest.raises(AmbiguousFinding, match="called DiskAlmostFull today"):
        find(lives, ["DiskAlmostFull"])
