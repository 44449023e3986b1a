"""Alerts that a server has loaded, as facts of the view ``effective``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from driftbot.collectors.prometheus_rules import LoadedAlert
from driftbot.core.fact import Fact, Origin, Provenance, Value, View
from driftbot.core.key import Key, ValueType
from driftbot.core.quantity import Quantity, Unit
from driftbot.core.subject import Subject, labels_of

ALERT_KINDS = ("alert",)
_BY = ("prometheus",)

ALERT_KEYS = (
    Key("alert", "expression", ValueType.TEXT, "The expression as it stands there.", None, _BY),
    Key("alert", "hold", ValueType.QUANTITY, "How long it must hold before it fires (`for`).", Unit.SECONDS, _BY),
    Key("alert", "health", ValueType.TEXT, "Whether the server can evaluate it: ok, err or unknown.", None, _BY),
    Key("alert", "error", ValueType.TEXT, "Why the server cannot evaluate it.", None, _BY),
    Key("alert", "firing", ValueType.QUANTITY, "Instances that fire now.", Unit.COUNT, _BY),
    Key("alert", "firing_since", ValueType.INSTANT, "Since when the oldest of them fires.", None, _BY),
)


def alert_facts(alerts: Iterable[LoadedAlert], environment: str, origin: Origin) -> Iterator[Fact]:
    """Facts about every alert."""
    for alert in alerts:
        subject = _subject(alert, environment)
        for key, value, view, provenance in _statements(alert):
            yield Fact(subject, key, value, view, provenance, origin)


def _subject(alert: LoadedAlert, environment: str) -> Subject:
    labels = {**dict(alert.labels), "alertname": alert.name, "group": alert.group.name, "file": alert.group.file}
    name = f"{alert.group.name}/{alert.name}" + (f"#{alert.index + 1}" if alert.index else "")
    return Subject("alert", environment, name, labels_of(labels))


def _statements(alert: LoadedAlert) -> Iterator[tuple[str, Value, View, Provenance]]:
    explicit, view = Provenance.EXPLICIT, View.EFFECTIVE
    yield "expression", alert.expression, view, explicit
    held = Provenance.EXPLICIT if alert.hold else Provenance.DEFAULT
    yield "hold", Quantity(alert.hold, Unit.SECONDS), view, held
    yield "health", alert.health, view, explicit
    if alert.error:
        yield "error", alert.error, view, explicit
    yield "firing", Quantity(float(alert.firing), Unit.COUNT), View.OBSERVED, explicit
    if alert.firing_since is not None:
        yield "firing_since", alert.firing_since, View.OBSERVED, explicit
