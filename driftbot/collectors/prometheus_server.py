"""How a server runs: version, configuration, limits, and its rule groups, as facts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from driftbot.collectors.prometheus_rules import LoadedGroup
from driftbot.core.fact import Fact, Origin, Value, View
from driftbot.core.key import Key, ValueType
from driftbot.core.quantity import NotAQuantity, Quantity, Unit, parse_quantity
from driftbot.core.subject import Subject, labels_of

KIND = "prometheus"

KEYS = (
    Key(KIND, "version", ValueType.TEXT, "Version of the server.", None, (KIND,)),
    Key(KIND, "config.reloaded", ValueType.FLAG, "Whether the last reload of the configuration worked.", None, (KIND,)),
    Key(KIND, "config.loaded_at", ValueType.INSTANT, "When the running configuration was loaded.", None, (KIND,)),
    Key(KIND, "retention", ValueType.QUANTITY, "How long the server keeps samples.", Unit.SECONDS, (KIND,)),
    Key(KIND, "query.timeout", ValueType.QUANTITY, "Time after which a query is given up.", Unit.SECONDS, (KIND,)),
    Key(KIND, "query.max_samples", ValueType.QUANTITY, "Samples one query may hold in memory.", Unit.COUNT, (KIND,)),
    Key(KIND, "rules.failing", ValueType.QUANTITY, "Loaded rules that cannot be evaluated.", Unit.COUNT, (KIND,)),
    Key("rule_group", "interval", ValueType.QUANTITY, "Time between evaluations.", Unit.SECONDS, (KIND,)),
    Key("rule_group", "rules", ValueType.QUANTITY, "Rules in the group.", Unit.COUNT, (KIND,)),
)

Stated = tuple[str, Value]
"""A key of the server and its value."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A place that tells something about the server; ``keys`` are what it may tell."""

    path: str
    keys: tuple[str, ...]


BUILD = Endpoint("/api/v1/status/buildinfo", ("version",))
RUNTIME = Endpoint("/api/v1/status/runtimeinfo", ("config.reloaded", "config.loaded_at", "retention"))
FLAGS = Endpoint("/api/v1/status/flags", ("query.timeout", "query.max_samples"))


def server_facts(stated: Mapping[str, Value], source: str, environment: str, origin: Origin) -> tuple[Fact, ...]:
    """Facts about the server, which is named after its source."""
    subject = Subject(KIND, environment, source)
    return tuple(Fact(subject, key, value, View.EFFECTIVE, origin=origin) for key, value in sorted(stated.items()))


def group_facts(groups: tuple[LoadedGroup, ...], environment: str, origin: Origin) -> Iterator[Fact]:
    """Facts about rule groups."""
    for group in groups:
        labels = labels_of({"file": group.file, "group": group.name})
        subject = Subject("rule_group", environment, group.subject_name, labels)
        if group.interval:
            yield Fact(subject, "interval", Quantity(group.interval, Unit.SECONDS), View.EFFECTIVE, origin=origin)
        yield Fact(subject, "rules", Quantity(float(group.rules), Unit.COUNT), View.EFFECTIVE, origin=origin)


def stated_by(endpoint: Endpoint, data: Any) -> dict[str, Value]:
    """What an endpoint's ``data`` states; what it leaves out or says oddly is not there."""
    found = dict(_READERS[endpoint.path](data if isinstance(data, dict) else {}))
    return {key: value for key, value in found.items() if key in endpoint.keys}


def _build(data: Mapping[str, Any]) -> Iterator[Stated]:
    if data.get("version"):
        yield "version", str(data["version"])


def _runtime(data: Mapping[str, Any]) -> Iterator[Stated]:
    if isinstance(data.get("reloadConfigSuccess"), bool):
        yield "config.reloaded", data["reloadConfigSuccess"]
    loaded = _instant(data.get("lastConfigTime"))
    if loaded is not None:
        yield "config.loaded_at", loaded
    # "15d", "15d or 512MB"; a limit by size alone says nothing about time.
    yield from _quantity("retention", re.split(r"\s+or\s+", str(data.get("storageRetention", "")))[0], Unit.SECONDS)


def _flags(data: Mapping[str, Any]) -> Iterator[Stated]:
    yield from _quantity("query.timeout", str(data.get("query.timeout", "")), Unit.SECONDS)
    yield from _quantity("query.max_samples", str(data.get("query.max-samples", "")), Unit.COUNT)


_READERS = {BUILD.path: _build, RUNTIME.path: _runtime, FLAGS.path: _flags}


def _quantity(key: str, text: str, unit: Unit) -> Iterator[Stated]:
    try:
        yield key, parse_quantity(text, unit)
    except NotAQuantity:
        return


def _instant(text: Any) -> datetime | None:
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return found if found.tzinfo else None
