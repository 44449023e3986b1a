"""A server's history and alerts for tests of liveness: what is loaded is read as a scan reads it, then asked about."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from driftbot.collectors import prometheus
from driftbot.collectors.collector import Context
from driftbot.collectors.prometheus_liveness import LIVENESS_KEYS
from driftbot.collectors.prometheus_options import PrometheusOptions
from driftbot.core.demand import Demand, FactNeed
from driftbot.core.fact import Fact, Origin, View
from driftbot.core.quantity import Quantity, Unit
from driftbot.core.snapshot import Reading
from driftbot.core.subject import Subject
from driftbot.promql.reading import read_expression
from driftbot.tape import LiveTape
from tests.servers.remote_write import sample

AS_OF = datetime(2026, 11, 1, 3, 17, tzinfo=UTC)
NOW = AS_OF.timestamp()
HOUR, DAY = 3600.0, 86400.0
NOTHING = Reading()


class Ledger:
    """A store that holds no series, and of facts what a reading stated."""

    def __init__(self, stated=NOTHING):
        self._stated = stated

    def held(self, *_):
        return None

    def stated(self, environment, kind, keys):
        subject = environment, kind
        return tuple(
            f for f in self._stated.facts if (f.subject.environment, f.subject.kind) == subject and f.key in keys
        )


def facts_of(alerts: Iterable[tuple[str, str]], recording=(), source="prometheus", health="ok", error="", pace=60.0):
    """What an inventory says of loaded alerts and recording rules, and of the alerts' conditions."""
    for kind, entries in (("alert", alerts), ("recording_rule", recording)):
        for name, expression in entries:
            subject = Subject(kind, "production", f"shop/{name}")
            said = {"rule.name": name, "rule.group": "shop", "expression": read_expression(expression).canonical}
            if kind == "recording_rule":
                said |= {"health": health, "interval": Quantity(pace, Unit.SECONDS)}
                said |= {"error": error} if error else {}
            for number, condition in enumerate(read_expression(expression).conditions if kind == "alert" else (), 1):
                part = Subject("condition", "production", f"shop/{name}/{number}")
                yield Fact(part, "measured", condition.measured, View.EFFECTIVE, origin=Origin(source))
            for key, value in said.items():
                yield Fact(subject, key, value, View.EFFECTIVE, origin=Origin(source))


def ask(url, about, source="prometheus", as_of=AS_OF, before=NOTHING, **options) -> Reading:
    """Ask a server for all keys of liveness; ``before`` is what an earlier night stated."""
    context = Context(source, "production", as_of, LiveTape(Path()))
    needs = [FactNeed(key.subject_kind, key.name, ("a-rule",)) for key in LIVENESS_KEYS]
    demand = Demand.of(facts=needs, about=tuple(about))
    return prometheus.measure(PrometheusOptions(url=url, **options), context, demand, Ledger(before))


def read(url, source="prometheus", as_of=AS_OF) -> Reading:
    """The inventory of a server."""
    return prometheus.read(PrometheusOptions(url=url), Context(source, "production", as_of, LiveTape(Path())))


def said(reading, key):
    """What was stated under a key, by the name of alert or condition."""
    return {fact.subject.name.removeprefix("shop/"): fact.value for fact in reading.facts if fact.key == key}


def gaps(reading):
    """The reasons of all gaps."""
    return [gap.reason for entry in reading.coverage for gap in entry.gaps]


def series(name, begin, end, step=60.0, **labels):
    """A metric that was scraped from ``begin`` to ``end``, in days before now."""
    times = np.arange(NOW - begin * DAY, NOW - end * DAY + 1.0, step)
    return sample(name, times, np.arange(len(times)), **labels)
