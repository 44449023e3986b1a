"""Rules that a server has loaded, from ``/api/v1/rules`` of Prometheus, vmalert, Thanos or Mimir."""

from __future__ import annotations

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
class LoadedAlert:
    """An alert rule that the server evaluates. ``hold`` and ``keep_firing`` are seconds.

    ``index`` counts the alerts of one name within their group from 0, in the order of the file. ``firing`` is the
    number of its instances that fire now, ``firing_since`` the earliest of them.
    """

    group: LoadedGroup
    index: int
    name: str
    expression: str
    hold: float = 0.0
    keep_firing: float = 0.0
    labels: Labels = ()
    annotations: Labels = ()
    health: str = "unknown"
    error: str = ""
    firing: int = 0
    firing_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class LoadedRules:
    """Everything that one answer holds; ``odd`` names entries that could not be understood, and why."""

    groups: tuple[LoadedGroup, ...] = ()
    alerts: tuple[LoadedAlert, ...] = ()
    failing: int = 0
    odd: tuple[str, ...] = ()


def read_rules_answer(data: Any) -> LoadedRules:
    """The rules in the ``data`` of an answer; an entry that is odd does not hide the others."""
    groups: list[LoadedGroup] = []
    alerts: list[LoadedAlert] = []
    odd: list[str] = []
    failing = 0
    for number, entry in enumerate(_list(data, "groups")):
        try:
            group = _group(entry)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            odd.append(f"group number {number + 1} is not understood: {type(error).__name__} {error}")
            continue
        groups.append(group)
        failing += sum(_text(rule, "health") == "err" for rule in _list(entry, "rules"))
        alerts += _alerts(group, entry, odd)
    return LoadedRules(tuple(groups), tuple(alerts), failing, tuple(odd))


def _list(entry: Any, name: str) -> list[Any]:
    found = entry.get(name) if isinstance(entry, Mapping) else None
    return found if isinstance(found, list) else []


def _text(entry: Any, name: str) -> str:
    return str(entry.get(name) or "") if isinstance(entry, Mapping) else ""


def _group(entry: Mapping[str, Any]) -> LoadedGroup:
    return LoadedGroup(
        file=str(entry.get("file") or ""),
        name=str(entry["name"]),
        interval=float(entry.get("interval") or 0.0),
        rules=len(_list(entry, "rules")),
    )


def _alerts(group: LoadedGroup, entry: Mapping[str, Any], odd: list[str]) -> Iterator[LoadedAlert]:
    seen: dict[str, int] = {}
    for number, rule in enumerate(_list(entry, "rules")):
        # A recording rule has no `for`; vmalert gives it one of 0 but says its type.
        if _text(rule, "type") == "recording":
            continue
        try:
            name = str(rule["name"])
            yield _alert(group, seen.get(name, 0), name, rule)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            place = f"rule number {number + 1} of group {group.name!r}"
            odd.append(f"{place} is not understood: {type(error).__name__} {error}")
        else:
            seen[name] = seen.get(name, 0) + 1


def _alert(group: LoadedGroup, index: int, name: str, rule: Mapping[str, Any]) -> LoadedAlert:
    firing = [one for one in _list(rule, "alerts") if _text(one, "state") == "firing"]
    since = sorted(filter(None, (_instant(_text(one, "activeAt")) for one in firing)))
    return LoadedAlert(
        group=group,
        index=index,
        name=name,
        expression=str(rule["query"]),
        hold=float(rule.get("duration") or 0.0),
        keep_firing=float(rule.get("keepFiringFor") or 0.0),
        labels=labels_of({str(key): str(value) for key, value in (rule.get("labels") or {}).items()}),
        annotations=labels_of({str(key): str(value) for key, value in (rule.get("annotations") or {}).items()}),
        health=_text(rule, "health") or "unknown",
        error=_text(rule, "lastError"),
        firing=len(firing),
        firing_since=since[0] if since else None,
    )


def _instant(text: str) -> datetime | None:
    # Go writes nanoseconds and "Z"; Python 3.11 reads at most six digits of a fraction, but cuts more.
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else None
