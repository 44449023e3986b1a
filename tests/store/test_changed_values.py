"""What changed of a kind of subject over all nights, asked for at once."""

from __future__ import annotations

from dataclasses import replace

from driftbot.core.history import Held
from driftbot.store.store import Store
from tests.store.scene import CART, STOCK, keep, night_of, seconds, timeout, unread


def test_the_whole_life_of_what_changed_and_nothing_of_what_did_not(store: Store) -> None:
    grace = replace(timeout(seconds(30)), key="termination.grace_period")
    steady = timeout(seconds(7), of=STOCK, file="stock.yaml")
    keep(store, 0, [timeout(seconds(5)), grace, steady])
    keep(store, 1, [timeout(seconds(6)), grace, steady])
    keep(store, 2, [grace, steady], unread("cart.yaml"))
    keep(store, 3, [timeout(seconds(6)), grace, steady])
    told = store.changed("workload", ["timeout.request", "termination.grace_period"])
    assert [(one.fact.subject, one.fact.key, one.fact.value, one.since, one.until) for one in told] == [
        (CART, "termination.grace_period", seconds(30), night_of(0), None),
        (CART, "timeout.request", seconds(5), night_of(0), night_of(1)),
        (CART, "timeout.request", seconds(6), night_of(1), None),
    ]
    assert isinstance(told[0], Held)


def test_only_the_kind_and_the_keys_asked_for(store: Store) -> None:
    keep(store, 0, [timeout(seconds(5))])
    keep(store, 1, [timeout(seconds(6))])
    assert store.changed("alert", ["timeout.request"]) == ()
    assert store.changed("workload", ["replicas"]) == ()
    assert len(store.changed("workload", ["replicas", "timeout.request"])) == 2


def test_an_empty_store_knows_of_no_change(store: Store) -> None:
    assert store.changed("alert", ["hold"]) == ()
