"""Rules that a server has loaded, from ``/api/v1/rules`` of Prometheus, vmalert, Thanos or Mimir."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from driftbot.core.subject import Labels, labels_of


@dataclass(frozen=True, slots=True)
class LoadedGroup:
    """A rule group: ``file`` as the server names it, seconds between evaluations, and its number of rules."""

    file: str
    name: str
    interval: float
    rules: int

    @property
    def subject_name(self) -> str:
        """As the server's own metrics name a group in their label ``rule_group``."""
        return f"{self.file};{self.name}"


@dataclass(frozen=True, slots=True)
class LoadedRule:
    """A rule that the server evaluates; as such a recording rule."""

    group: LoadedGroup
    name: str
    expression: str
    labels: Labels = ()
    health: str = "unknown"
    error: str = ""


@dataclass(frozen=True, slots=True)
class LoadedAlert(LoadedRule):
    """An alert rule. ``hold`` and ``keep_firing`` are seconds; None where the server does not know the field.

    ``firing`` is the number of its instances that fire now (None where the answer does not say), ``firing_since`` the
    earliest of them. ``rule_id`` is the server's own number of the rule, where it has one (vmalert).
    """

    hold: float = 0.0
    keep_firing: float | None = None
    annotations: Labels = ()
    firing: int | None = None
    firing_since: datetime | None = None
    rule_id: str = ""


@dataclass(frozen=True, slots=True)
class LoadedRules:
    """Everything that one answer holds; ``odd`` names entries that could not be understood, and why."""

    groups: tuple[LoadedGroup, ...] = ()
    rules: tuple[LoadedRule, ...] = ()
    failing: int = 0
    odd: tuple[str, ...] = ()


def read_rules_answer(data: Any) -> LoadedRules:
    """The rules in the ``data`` of an answer; an entry that is odd does not hide the others."""
    groups: list[LoadedGroup] = []
    rules: list[LoadedRule] = []
    odd: list[str] = []
    failing = 0
    for number, entry in enumerate(listed(data, "groups")):
        try:
            group = _group(entry)
        except _ODD as error:
            odd.append(f"group number {number + 1} is not understood: {type(error).__name__} {error}")
            continue
        groups.append(group)
        failing += sum(_text(rule, "health") == "err" for rule in listed(entry, "rules"))
        rules += _rules(group, entry, odd)
    return LoadedRules(tuple(groups), tuple(rules), failing, tuple(odd))


_ODD = (KeyError, TypeError, ValueError, AttributeError)


def listed(entry: Any, name: str) -> list[Any]:
    """The list of that name in an entry of an answer; empty where there is none."""
    found = entry.get(name) if isinstance(entry, Mapping) else None
    return found if isinstance(found, list) else []


def _text(entry: Any, name: str) -> str:
    return str(entry.get(name) or "") if isinstance(entry, Mapping) else ""


def _group(entry: Mapping[str, Any]) -> LoadedGroup:
    return LoadedGroup(
        file=str(entry.get("file") or ""),
        name=str(entry["name"]),
        interval=_seconds(entry.get("interval")),
        rules=len(listed(entry, "rules")),
    )


def _rules(group: LoadedGroup, entry: Mapping[str, Any], odd: list[str]) -> Iterator[LoadedRule]:
    for number, rule in enumerate(listed(entry, "rules")):
        try:
            yield _recording(group, rule) if _text(rule, "type") == "recording" else _alert(group, rule)
        except _ODD as error:
            place = f"rule number {number + 1} of group {group.name!r}"
            odd.append(f"{place} is not understood: {type(error).__name__} {error}")


def _recording(group: LoadedGroup, rule: Mapping[str, Any]) -> LoadedRule:
    labels = _labels(rule, "labels")
    health = _text(rule, "health") or "unknown"
    return LoadedRule(group, str(rule["name"]), str(rule["query"]), labels, health, _text(rule, "lastError"))


def _alert(group: LoadedGroup, rule: Mapping[str, Any]) -> LoadedAlert:
    plain = _recording(group, rule)
    firing = [one for one in listed(rule, "alerts") if _text(one, "state") == "firing"]
    since = sorted(filter(None, (instant(one.get("activeAt")) for one in firing)))
    told = bool(firing) or (isinstance(rule.get("alerts"), list) and _text(rule, "state") != "firing")
    keep = rule.get("keepFiringFor", rule.get("keep_firing_for"))
    return LoadedAlert(
        group=group,
        name=plain.name,
        expression=plain.expression,
        labels=plain.labels,
        health=plain.health,
        error=plain.error,
        hold=_seconds(rule.get("duration")),
        keep_firing=None if keep is None else _seconds(keep),
        annotations=_labels(rule, "annotations"),
        firing=len(firing) if told else None,
        firing_since=since[0] if since else None,
        rule_id=_text(rule, "id"),
    )


def _seconds(value: Any) -> float:
    seconds = float(value or 0.0)
    if not math.isfinite(seconds):
        raise ValueError(f"{value} is no duration")
    return seconds


def _labels(rule: Mapping[str, Any], name: str) -> Labels:
    return labels_of({str(key): str(value) for key, value in (rule.get(name) or {}).items()})


def instant(text: Any) -> datetime | None:
    """A moment as a server writes it; None where it is none."""
    # Go writes nanoseconds and "Z"; Python 3.11 reads at most six digits of a fraction, but cuts more.
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return found if found.tzinfo else None
