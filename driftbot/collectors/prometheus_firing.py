"""Alerts that fire now, from ``/api/v1/alerts``, held against the rules that the server says it has loaded. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from driftbot.collectors.prometheus_rules import LoadedAlert, LoadedRule, instant, listed
from driftbot.core.subject import Labels, labels_of


@dataclass(frozen=True, slots=True)
class FiringAlert:
    """An instance that fires: its rule's name, its labels, since when, and the rule's number where a server has one."""

    name: str
    labels: Labels = ()
    since: datetime | None = None
    rule_id: str = ""


@dataclass(frozen=True, slots=True)
class Reconciled:
    """Rules with their firing instances counted.

    ``strays`` are names of firing alerts that no loaded rule has; ``unsure`` names of rules of which nobody can say
    whether they fire: several rules look alike, or neither answer says it.
    """

    rules: tuple[LoadedRule, ...]
    strays: tuple[str, ...] = ()
    unsure: tuple[str, ...] = ()


def read_alerts_answer(data: Any) -> tuple[FiringAlert, ...] | None:
    """The firing alerts in the ``data`` of an answer; None where it is no list of alerts."""
    if not isinstance(data, Mapping) or not isinstance(data.get("alerts"), list):
        return None
    found = (_firing(entry) for entry in listed(data, "alerts"))
    return tuple(alert for alert in found if alert is not None)


def _firing(entry: Any) -> FiringAlert | None:
    labels = entry.get("labels") if isinstance(entry, Mapping) else None
    if not isinstance(labels, Mapping) or entry.get("state") != "firing":
        return None
    named = {str(name): str(value) for name, value in labels.items()}
    name = named.get("alertname") or str(entry.get("name") or "")
    return FiringAlert(name, labels_of(named), instant(entry.get("activeAt")), str(entry.get("rule_id") or ""))


def reconcile(rules: Iterable[LoadedRule], alerts: Iterable[FiringAlert] | None) -> Reconciled:
    """Count the firing instances of rules whose own entry does not say; ``alerts`` is None where nobody answered.

    An alert belongs to the rule of its number, else to the one with its name whose labels it carries. Labels that a
    rule computes are not compared.
    """
    known = tuple(rules)
    by_name: dict[str, list[LoadedAlert]] = {}
    for rule in known:
        if isinstance(rule, LoadedAlert):
            by_name.setdefault(rule.name, []).append(rule)
    strays, torn = set(), set()
    of_rule: dict[int, list[FiringAlert]] = {}
    for alert in alerts or ():
        owners = _owners(alert, by_name.get(alert.name, []))
        if len(owners) == 1:
            of_rule.setdefault(id(owners[0]), []).append(alert)
        elif alert.name not in by_name:
            strays.add(alert.name)
        else:
            torn.add(alert.name)
    silent = {rule.name for group in by_name.values() for rule in group if rule.firing is None}
    unsure = silent if alerts is None else silent & torn
    counted = (
        rule if alerts is None or rule.name in unsure else _counted(rule, of_rule.get(id(rule), [])) for rule in known
    )
    return Reconciled(tuple(counted), tuple(sorted(strays)), tuple(sorted(unsure)))


def _owners(alert: FiringAlert, named: list[LoadedAlert]) -> list[LoadedAlert]:
    numbered = [rule for rule in named if rule.rule_id and rule.rule_id == alert.rule_id]
    if numbered or len(named) == 1:
        return numbered or named
    carried = dict(alert.labels)
    return [
        rule
        for rule in named
        if all(carried.get(name, "") == value for name, value in rule.labels if "{{" not in value)
    ]


def _counted(rule: LoadedRule, alerts: list[FiringAlert]) -> LoadedRule:
    if not isinstance(rule, LoadedAlert) or rule.firing is not None:
        return rule
    since = min((alert.since for alert in alerts if alert.since is not None), default=None)
    return replace(rule, firing=len(alerts), firing_since=since)
