"""Standing alerts: each alert once, as its file has it, or as it is loaded where no file declares it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from driftbot.alerts.definition import AlertDefinition, of_version
from driftbot.alerts.estate import Estate, stated
from driftbot.core.fact import Fact, Origin, View
from driftbot.core.past import VERSION_KEYS, Version
from driftbot.core.sighting import ALERT
from driftbot.core.subject import Subject
from driftbot.promql.expression import NotPromQL

_READ = ("rule.name", *VERSION_KEYS, "prose")


@dataclass(frozen=True, slots=True)
class StandingAlert:
    """An alert of the estate with its definition, what it tells people, and where that is written.

    ``hold_known`` is False where nobody states how long its condition must hold (some servers do not say).
    ``servers`` are the sources that show it as loaded.
    """

    subject: Subject
    definition: AlertDefinition
    prose: str
    expression_at: Origin
    prose_at: Origin
    hold_known: bool = True
    servers: frozenset[str] = frozenset()

    @property
    def label(self) -> str:
        """How other alerts' findings name it: the subject's lasting name."""
        return self.subject.name

    def meets(self, other: StandingAlert) -> bool:
        """Whether both run in one place, so that people hear of both.

        One server has loaded both; where that is not known, two files that hold an alert of one name are taken for a
        file a site or a stage, of which no server loads more than one.
        """
        if self.servers and other.servers:
            return bool(self.servers & other.servers)
        same_file = self.subject.label("file") == other.subject.label("file")
        return same_file or self.definition.name != other.definition.name


def standing_alerts(estate: Estate) -> tuple[StandingAlert, ...]:
    """Every alert that can be read, sorted by subject.

    Left out are alerts whose expression cannot be taken apart, and those on which two sources of a view disagree: what
    nobody knows is not judged.
    """
    return estate.once(_standing_alerts)


def _standing_alerts(estate: Estate) -> tuple[StandingAlert, ...]:
    return tuple(_read(estate))


def _read(estate: Estate) -> Iterator[StandingAlert]:
    for _, facts in estate.of_kind(ALERT):
        view = View.DECLARED if any(fact.view is View.DECLARED for fact in facts) else View.EFFECTIVE
        read = {key: stated(facts, view, key) for key in _READ}
        disputed = any(fact.view is view and fact.key in _READ and read[fact.key] is None for fact in facts)
        expression = read["expression"]
        if expression is None or disputed:
            continue
        servers = frozenset(fact.origin.source for fact in facts if fact.view is View.EFFECTIVE and fact.key in _READ)
        alert = _standing(read, expression, servers)
        if alert is not None:
            yield alert


def _standing(read: dict[str, Fact | None], expression: Fact, servers: frozenset[str]) -> StandingAlert | None:
    try:
        version = Version.of({key: fact.value for key, fact in read.items() if fact})
        asks = of_version(_text(read["rule.name"]) or expression.subject.name, version)
    except NotPromQL:
        return None
    told = read["prose"]
    return StandingAlert(
        expression.subject,
        asks,
        _text(told),
        expression.origin,
        told.origin if told else expression.origin,
        read["hold"] is not None,
        servers,
    )


def _text(fact: Fact | None) -> str:
    return str(fact.value) if fact else ""
