"""Findings with their lives, night by night, whole enough to be explained without their sources."""

from __future__ import annotations

from dataclasses import replace

import pytest

from driftbot.core.finding import Verdict
from driftbot.core.history import FindingLife, Life
from driftbot.store.errors import StoreError
from driftbot.store.store import Store
from tests.store.scene import CART, HOUR, STOCK, finding, judge, keep, new_life, night_of


def evaluate(store: Store, number: int, *lives: FindingLife) -> None:
    with store.lease("test", night_of(number), HOUR) as lease, store.begin_night(lease, night_of(number)) as night:
        judge(night, lives)


def ongoing(number: int, observed: str = "110m") -> FindingLife:
    return FindingLife(finding(observed=observed), Life.ONGOING, night_of(0), night_of(number))


def resolved(number: int) -> FindingLife:
    life = replace(ongoing(number), life=Life.RESOLVED, resolved=night_of(number), changed=night_of(number))
    return replace(life, finding=finding(verdict=Verdict.OK, observed="60m"), previous="110m", times_opened=2)


def test_a_finding_comes_back_whole(store: Store):
    life = replace(new_life(0), changed=night_of(0), previous="9\0m", times_opened=3)
    evaluate(store, 0, life)
    assert store.lives() == (life,)
    assert store.life(life.finding.fingerprint) == life


def test_every_night_keeps_what_it_judged(store: Store):
    told = [new_life(0), ongoing(1), ongoing(2), ongoing(3, "115m"), resolved(4)]
    for number, life in enumerate(told):
        evaluate(store, number, life)
    evaluate(store, 5)
    assert [store.lives(night_of(number)) for number in range(5)] == [(life,) for life in told]
    assert store.lives() == ()
    assert store.latest_lives() == (told[-1],)
    assert store.life(told[0].finding.fingerprint[:4]) == told[-1]


def test_what_was_resolved_is_known_until_it_comes_back(store: Store):
    told = [new_life(0), ongoing(1), resolved(2)]
    for number, life in enumerate(told):
        evaluate(store, number, life)
    evaluate(store, 3)
    assert store.settled_since(night_of(2)) == (told[-1],)
    assert store.settled_since(night_of(3)) == ()
    evaluate(store, 4, replace(ongoing(4), life=Life.REOPENED, times_opened=3))
    assert store.settled_since(night_of(0)) == ()


def test_an_unchanged_night_writes_no_life(store: Store):
    evaluate(store, 0, ongoing(0))

    def rows() -> int:
        return next(table.rows for table in store.size().tables if table.name == "finding_life")

    before = rows()
    evaluate(store, 1, ongoing(1))
    assert rows() == before


def test_a_standing_finding_that_nobody_mentions_is_carried_on(store: Store):
    evaluate(store, 0, new_life(0), new_life(0, STOCK))
    evaluate(store, 1, new_life(1))
    keep(store, 2)
    untold = next(life for life in store.lives() if life.finding.subject == STOCK)
    assert untold == new_life(0, STOCK)
    assert {life.last_seen for life in store.lives(night_of(1))} == {night_of(0), night_of(1)}
    assert {life.last_seen for life in store.lives()} == {night_of(0), night_of(1)}


def test_a_finding_that_was_last_seen_earlier_stays_so(store: Store):
    evaluate(store, 0, new_life(0))
    unreadable = replace(new_life(0), life=Life.ONGOING, finding=finding(verdict=Verdict.UNKNOWN))
    evaluate(store, 1, unreadable)
    evaluate(store, 2, unreadable)
    assert store.lives() == (unreadable,)


def test_lives_are_in_report_order(store: Store):
    unknown = FindingLife(finding(CART, Verdict.UNKNOWN), Life.UNREAD, night_of(0), night_of(0), times_opened=0)
    evaluate(store, 0, unknown, new_life(0, STOCK))
    assert [life.finding.verdict for life in store.lives()] == [Verdict.DRIFT, Verdict.UNKNOWN]


def test_an_ambiguous_fingerprint_names_what_it_could_be(store: Store):
    first, second = new_life(0), new_life(0, STOCK)
    evaluate(store, 0, first, second)
    with pytest.raises(StoreError, match="2 findings start with ''") as caught:
        store.life("")
    assert first.finding.fingerprint in str(caught.value) and second.finding.fingerprint in str(caught.value)
    assert store.life("%") is None
    assert store.life("_" * 12) is None
