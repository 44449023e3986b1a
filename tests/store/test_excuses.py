"""Waivers and approvals: what stands, what stood, and who ended what."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from driftbot.core.excuse import Approval, Waiver
from driftbot.store.excuses import REPLACED, Ending
from driftbot.store.store import Store
from tests.store.scene import CART, STOCK, night_of, seconds

WAIVER = Waiver("abc", "rule", CART.id, "ann", "known", night_of(0), night_of(90))
APPROVAL = Approval(CART.id, "timeout.request", seconds(5), "ann", "as it should be", night_of(0))


def test_a_waiver_stands_until_somebody_ends_it(store: Store):
    store.add_waivers([WAIVER, replace(WAIVER, fingerprint="def", subject=STOCK.id)])
    assert len(store.waivers()) == 2
    assert store.waivers(night_of(-1)) == ()
    assert WAIVER in store.waivers(night_of(1000)), "an expired waiver was not ended: it alarms"
    assert store.end_waiver("abc", night_of(3), "bob", "fixed")
    assert not store.end_waiver("abc", night_of(4), "bob", "again")
    assert [waiver.fingerprint for waiver in store.waivers()] == ["def"]
    assert [waiver.fingerprint for waiver in store.waivers(night_of(2))] == ["abc", "def"]
    assert [(record.waiver.fingerprint, record.ending) for record in store.waiver_records()] == [
        ("abc", Ending(night_of(3), "bob", "fixed")),
        ("def", None),
    ]


def test_a_newer_waiver_replaces_and_both_are_remembered(store: Store):
    newer = replace(WAIVER, owner="bob", created=night_of(2), expires=night_of(200))
    store.add_waivers([WAIVER])
    store.add_waivers([newer])
    assert store.waivers() == (newer,)
    assert store.waivers(night_of(1)) == (WAIVER,)
    assert store.waiver_records()[0].ending == Ending(night_of(2), "bob", REPLACED)


def test_an_approval_is_one_a_key_of_a_subject(store: Store):
    newer = replace(APPROVAL, value=seconds(9), at=night_of(1), approved_by="bob")
    others = [replace(APPROVAL, key="replicas"), replace(APPROVAL, subject=STOCK.id)]
    store.add_approvals([APPROVAL, *others])
    store.add_approvals([newer])
    assert set(store.approvals()) == {newer, *others}
    assert APPROVAL in store.approvals(night_of(1) - timedelta(microseconds=1))
    assert store.end_approval(CART.id, "timeout.request", night_of(2), "eve", "wrong")
    assert set(store.approvals()) == set(others)
    endings = [record.ending for record in store.approval_records() if record.approval.key == "timeout.request"]
    assert set(endings) == {None, Ending(night_of(1), "bob", REPLACED), Ending(night_of(2), "eve", "wrong")}
