"""Deriving: facts that follow from other facts about alerts, only those whose key an enabled rule names."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from driftbot.alerts import (
    approval,
    loading,
    ratchet,
    routed_alerts,
    routing_loaded,
    same_measure,
    service_alerts,
    siblings,
    silenced_alerts,
    stale_numbers,
)
from driftbot.alerts.derivation import Derivation
from driftbot.alerts.estate import Estate
from driftbot.core.fact import Fact
from driftbot.core.key import Delivery, Key

DERIVATIONS: tuple[Derivation, ...] = (
    approval.derivation,
    loading.derivation,
    ratchet.derivation,
    routed_alerts.derivation,
    routing_loaded.derivation,
    same_measure.same_page,
    same_measure.severity_order,
    service_alerts.derivation,
    siblings.derivation,
    silenced_alerts.derivation,
    stale_numbers.derivation,
)
"""Every derivation; a new one is added here."""


def derived_keys() -> tuple[Key, ...]:
    """Every key that a derivation states, sorted."""
    declared = (key for derivation in DERIVATIONS for key in derivation.keys)
    return tuple(sorted(replace(key, delivery=Delivery.DERIVED) for key in declared))


def derive(estate: Estate, wanted: Mapping[str, Collection[str]]) -> tuple[Fact, ...]:
    """The derived facts of the wanted keys (names by kind of subject), sorted by subject and key."""
    found = []
    for derivation in DERIVATIONS:
        asked = frozenset(
            (key.subject_kind, key.name) for key in derivation.keys if key.name in wanted.get(key.subject_kind, ())
        )
        if asked:
            found += [fact for fact in derivation.derive(estate) if (fact.subject.kind, fact.key) in asked]
    return tuple(sorted(found, key=lambda fact: (fact.subject, fact.key)))
