"""Silences and alerts as Alertmanager's API (v2) tells them, as facts. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from driftbot.alerts.inhibition import Inhibition, carried_by_neither
from driftbot.alerts.label_matcher import NotAMatcher, checked
from driftbot.alerts.matcher_syntax import written
from driftbot.collectors.alertmanager_configuration import INHIBITION, RECEIVER, WrittenConfiguration
from driftbot.collectors.alertmanager_routing import KIND, subject
from driftbot.core.fact import Fact, Origin, Value, View
from driftbot.core.key import Key, ValueType
from driftbot.core.quantity import Quantity, Unit
from driftbot.promql.selector import Match, Matcher

SILENCE = "silence"

_BY = (KIND,)
_MATCHES = {
    (False, True): Match.EQUAL,
    (False, False): Match.NOT_EQUAL,
    (True, True): Match.REGEX,
    (True, False): Match.NOT_REGEX,
}
"""By ``isRegex`` and ``isEqual``."""
_TELLING = frozenset({"alertname", "severity", "team", "owner"})

SILENCE_KEYS = (
    Key(SILENCE, "matchers", ValueType.NAMES, "its matchers: it mutes the alerts that satisfy them all", None, _BY),
    Key(SILENCE, "state", ValueType.TEXT, "active, or pending before its start", None, _BY),
    Key(SILENCE, "starts_at", ValueType.INSTANT, "when it begins", None, _BY),
    Key(SILENCE, "ends_at", ValueType.INSTANT, "when it ends by itself", None, _BY),
    Key(SILENCE, "updated_at", ValueType.INSTANT, "when somebody last set it", None, _BY),
    Key(SILENCE, "length", ValueType.QUANTITY, "time from its beginning to its end", Unit.SECONDS, _BY),
    Key(SILENCE, "creator", ValueType.TEXT, "who set it; absent where nobody is named", None, _BY),
    Key(SILENCE, "comment", ValueType.TEXT, "why, as its creator wrote; absent where it is blank", None, _BY),
)
FIRING_KEYS = (
    Key(SILENCE, "muting", ValueType.QUANTITY, "how many alerts it mutes now", Unit.COUNT, _BY),
    Key(RECEIVER, "routed_alerts", ValueType.NAMES, "names of the alerts that fire and go to it", None, _BY),
    Key(RECEIVER, "routed_severities", ValueType.NAMES, "severities of the alerts that fire and go to it", None, _BY),
    Key(
        INHIBITION,
        "equal_absent",
        ValueType.NAMES,
        "labels of `equal` that no alert carries which fires now on either side: both lack them, which counts as the"
        " same; not stated while one side has no alert",
        None,
        _BY,
    ),
)


@dataclass(frozen=True, slots=True)
class Silence:
    """A silence that has not ended. Times are timezone-aware, None where the answer has none."""

    id: str
    matchers: tuple[Matcher, ...]
    state: str
    starts: datetime | None
    ends: datetime | None
    updated: datetime | None
    creator: str
    comment: str


@dataclass(frozen=True, slots=True)
class FiringAlert:
    """An alert that Alertmanager holds: its labels, the receivers it is routed to, and the silences that mute it."""

    labels: Mapping[str, str]
    receivers: tuple[str, ...]
    silences: tuple[str, ...]


@dataclass(slots=True)
class Understood:
    """What of a list could be understood, and sentences about the rest."""

    silences: list[Silence] = field(default_factory=list)
    alerts: list[FiringAlert] = field(default_factory=list)
    odd: list[str] = field(default_factory=list)


def read_silences(data: Sequence[Any]) -> Understood:
    """The silences in an answer that have not expired."""
    found = Understood()
    for number, entry in enumerate(data, start=1):
        status = entry.get("status") if isinstance(entry, dict) else None
        state = text(status.get("state")) if isinstance(status, dict) else ""
        if not state or not text(entry.get("id")):
            found.odd.append(f"entry {number} is no silence with an id and a state")
        elif state != "expired":
            try:
                found.silences.append(_silence(entry, state))
            except NotAMatcher as error:
                found.odd.append(f"silence {text(entry['id'])}: {error}")
    return found


def _silence(entry: Mapping[str, Any], state: str) -> Silence:
    listed = entry.get("matchers")
    if not isinstance(listed, list) or not listed:
        raise NotAMatcher("it has no matchers")
    return Silence(
        id=text(entry["id"]),
        matchers=tuple(_matcher(one) for one in listed),
        state=state,
        starts=_instant(entry.get("startsAt")),
        ends=_instant(entry.get("endsAt")),
        updated=_instant(entry.get("updatedAt")),
        creator=text(entry.get("createdBy")).strip(),
        comment=text(entry.get("comment")).strip(),
    )


def _matcher(entry: Any) -> Matcher:
    if not isinstance(entry, dict) or not text(entry.get("name")):
        raise NotAMatcher("one of its matchers has no name")
    match = _MATCHES[bool(entry.get("isRegex")), entry.get("isEqual") is not False]
    return checked(Matcher(text(entry["name"]), match, text(entry.get("value"))))


def read_alerts(data: Sequence[Any]) -> Understood:
    """The alerts in an answer."""
    found = Understood()
    for number, entry in enumerate(data, start=1):
        labels = entry.get("labels") if isinstance(entry, dict) else None
        if not isinstance(labels, dict):
            found.odd.append(f"entry {number} is no alert with labels")
            continue
        status = entry.get("status")
        muted = status.get("silencedBy") if isinstance(status, dict) else None
        receivers = entry.get("receivers")
        found.alerts.append(
            FiringAlert(
                labels={text(name): text(value) for name, value in labels.items()},
                receivers=tuple(text(one.get("name")) for one in receivers or () if isinstance(one, dict)),
                silences=tuple(text(one) for one in muted or ()),
            )
        )
    return found


def text(value: Any) -> str:
    """A text of a foreign answer, without halves of characters; empty where there is something else."""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else ""


def _instant(value: Any) -> datetime | None:
    try:
        found = datetime.fromisoformat(text(value))
    except ValueError:
        return None
    return found if found.tzinfo else None


def silence_facts(silences: Iterable[Silence], environment: str, cluster: str, origin: Origin) -> Iterator[Fact]:
    """What is said of each silence."""
    for silence in silences:
        about = subject(SILENCE, environment, cluster, silence.id, _labels(silence))
        for key, value in _said(silence):
            yield Fact(about, key, value, View.EFFECTIVE, origin=origin)


def _labels(silence: Silence) -> dict[str, str]:
    """Whom and what it names by equality, and who set it."""
    named = {one.label: one.value for one in silence.matchers if one.match is Match.EQUAL and one.value}
    about = {name: value for name, value in named.items() if name in _TELLING}
    return about | ({"created_by": silence.creator} if silence.creator else {})


def _said(silence: Silence) -> Iterator[tuple[str, Value]]:
    yield "matchers", tuple(sorted({written(matcher) for matcher in silence.matchers}))
    yield "state", silence.state
    for key, at in (("starts_at", silence.starts), ("ends_at", silence.ends), ("updated_at", silence.updated)):
        if at is not None:
            yield key, at
    if silence.starts is not None and silence.ends is not None:
        yield "length", Quantity((silence.ends - silence.starts).total_seconds(), Unit.SECONDS)
    if silence.creator:
        yield "creator", silence.creator
    if silence.comment:
        yield "comment", silence.comment


def muting_facts(
    silences: Iterable[Silence], alerts: Sequence[FiringAlert], environment: str, cluster: str, origin: Origin
) -> Iterator[Fact]:
    """How many alerts each silence mutes now."""
    for silence in silences:
        about = subject(SILENCE, environment, cluster, silence.id, _labels(silence))
        count = sum(silence.id in alert.silences for alert in alerts)
        yield Fact(about, "muting", Quantity(float(count), Unit.COUNT), View.OBSERVED, origin=origin)


def firing_facts(
    found: WrittenConfiguration, alerts: Sequence[FiringAlert], environment: str, cluster: str, origin: Origin
) -> Iterator[Fact]:
    """What the alerts that fire now show of receivers and inhibitions."""
    for receiver in found.receivers:
        routed = [alert.labels for alert in alerts if receiver.name.text in alert.receivers]
        about = subject(RECEIVER, environment, cluster, receiver.name.text, {})
        for key, label in (("routed_alerts", "alertname"), ("routed_severities", "severity")):
            values = tuple(sorted({labels[label] for labels in routed if labels.get(label)}))
            yield Fact(about, key, values, View.OBSERVED, origin=origin)
    firing = [alert.labels for alert in alerts]
    for inhibition in found.inhibitions:
        if inhibition.source is None or inhibition.target is None:
            continue
        absent = carried_by_neither(Inhibition(inhibition.source, inhibition.target, inhibition.equal), firing)
        if absent is not None:
            about = subject(INHIBITION, environment, cluster, inhibition.name, {})
            yield Fact(about, "equal_absent", absent, View.OBSERVED, origin=origin)
