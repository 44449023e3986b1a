"""Alerts of the estate as Alertmanager gets them: the labels that are known before they fire.

An alert has further labels, those of its series and of its Prometheus; whatever asks for one of them holds maybe.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from driftbot.alerts.estate import Estate
from driftbot.alerts.ratchet import last_changes
from driftbot.core.fact import Fact, View
from driftbot.core.sighting import ALERT

_VIEWS = (View.EFFECTIVE, View.DECLARED)


@dataclass(frozen=True, slots=True)
class EstateAlert:
    """An alert with its known labels; ``changed_at`` is when its rule last changed, None where nobody tells."""

    name: str
    environment: str
    labels: Mapping[str, str]
    changed_at: datetime | None = None


def estate_alerts(estate: Estate) -> Iterator[EstateAlert]:
    """The alerts that are loaded or, where no server tells, declared."""
    changed_at = last_changes(estate)
    for subject, facts in estate.of_kind(ALERT):
        told = tuple(fact for fact in facts if fact.view in _VIEWS)
        if told:
            yield EstateAlert(subject.name, subject.environment, _labels(told), changed_at.get(subject))


def _labels(facts: tuple[Fact, ...]) -> dict[str, str]:
    labels = dict(one.split("=", 1) for one in _value(facts, "routing") or () if "=" in one)
    for label, key in (("severity", "severity"), ("alertname", "rule.name")):
        value = _value(facts, key)
        if isinstance(value, str):
            labels[label] = value
    return labels


def _value(facts: tuple[Fact, ...], key: str) -> tuple[str, ...] | str | None:
    """The value in force; None where nobody states it or two files differ."""
    for view in _VIEWS:
        found = {fact.value for fact in facts if fact.view is view and fact.key == key}
        if found:
            value = found.pop()
            return value if not found and isinstance(value, str | tuple) else None
    return None
