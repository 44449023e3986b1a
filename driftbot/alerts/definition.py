"""Definitions: an alert as somebody says it should be, with its expression taken apart."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from driftbot.core.past import Version
from driftbot.promql.condition import Condition
from driftbot.promql.reading import read_expression


@dataclass(frozen=True, slots=True)
class AlertDefinition:
    """What an alert asks and how loudly: ``expression`` in canonical form, ``hold`` and ``keep_firing`` in seconds.

    ``routing`` are its labels but severity, as ``name=value``, sorted.
    """

    name: str
    expression: str
    conditions: tuple[Condition, ...]
    hold: float = 0.0
    keep_firing: float = 0.0
    severity: str = ""
    routing: tuple[str, ...] = ()


def of_version(name: str, version: Version) -> AlertDefinition:
    """The definition that a version of an alert is.

    Raises:
        NotPromQL: as ``definition`` does.
    """
    told = version.expression, version.hold, version.keep_firing, version.severity, version.routing
    return definition(name, *told)


def definition(
    name: str,
    expression: str,
    hold: float = 0.0,
    keep_firing: float = 0.0,
    severity: str = "",
    routing: Iterable[str] = (),
) -> AlertDefinition:
    """The definition with its expression taken apart.

    Raises:
        NotPromQL: the expression cannot be parsed; the message says why.
    """
    read = read_expression(expression)
    return AlertDefinition(name, read.canonical, read.conditions, hold, keep_firing, severity, tuple(sorted(routing)))
