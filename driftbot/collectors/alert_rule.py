"""What a rule of Prometheus says, as keys and facts: alerts, their conditions, recording rules."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping

from driftbot.collectors.rule_file import WrittenRule
from driftbot.collectors.statement import Statement
from driftbot.core.fact import Origin, Provenance, Value
from driftbot.core.key import Key, ValueType
from driftbot.core.quantity import Quantity, Unit, parse_quantity
from driftbot.core.subject import Subject, labels_of
from driftbot.documents.node import Node
from driftbot.promql.condition import Condition
from driftbot.promql.expression import NotPromQL
from driftbot.promql.reading import read_expression

ALERT = "alert"
CONDITION = "condition"
RECORDING_RULE = "recording_rule"

DEFAULT_INTERVAL = 60.0
"""Seconds: ``evaluation_interval`` of a Prometheus that is not told otherwise
(https://prometheus.io/docs/prometheus/latest/configuration/configuration/)."""

DURATION = re.compile(r"0|(?:\d+y)?(?:\d+w)?(?:\d+d)?(?:\d+h)?(?:\d+m)?(?:\d+s)?(?:\d+ms)?")
_ZERO = re.compile(r"0|(?:0+(?:ms|[ywdhms]))+")
PROSE = ("summary", "description", "message")
"""Annotations that people read when it fires."""
_RUNBOOKS = ("runbook_url", "runbook")

_OF_EVERY_RULE = {
    "rule.name": (ValueType.TEXT, "the name that the rule states", None),
    "rule.group": (ValueType.TEXT, "the group the rule stands in", None),
    "rule.path": (ValueType.TEXT, "the file the rule stands in, relative to the source", None),
    "expression": (ValueType.TEXT, "the expression in canonical form: equal texts mean equal expressions", None),
    "metrics": (ValueType.NAMES, "the metrics that the expression reads", None),
    "interval": (
        ValueType.QUANTITY,
        "how often the group is evaluated; the server's setting (1m by default) where the group says nothing or 0",
        Unit.SECONDS,
    ),
}
_OF_ALERTS = {
    "hold": (ValueType.QUANTITY, "how long the condition must hold before it fires (for; 0 by default)", Unit.SECONDS),
    "keep_firing": (
        ValueType.QUANTITY,
        "how long it goes on firing after the condition has ended (keep_firing_for; 0 by default)",
        Unit.SECONDS,
    ),
    "severity": (ValueType.TEXT, "the label severity; not said where a template computes it", None),
    "routing": (
        ValueType.NAMES,
        "its labels but severity, as name=value, by which Alertmanager routes it; without those that templates compute",
        None,
    ),
    "prose": (ValueType.TEXT, "what it tells people: the annotations summary, description and message", None),
    "runbook": (ValueType.TEXT, "the annotation runbook_url (or runbook): what to do when it fires", None),
    "conditions": (ValueType.QUANTITY, "how many conditions the expression joins", Unit.COUNT),
}
_OF_CONDITIONS = {
    "measured": (ValueType.TEXT, "the measured side, in canonical form, without the comparison", None),
    "comparison": (ValueType.TEXT, "how it is compared: > >= < <= == !=, or present, or absent", None),
    "threshold": (
        ValueType.QUANTITY,
        "the number it is compared with, constants folded, in the measured side's own unit (see `unit`)",
        Unit.COUNT,
    ),
    "unit": (
        ValueType.TEXT,
        "the unit of measured side and threshold, only where the suffixes of the metrics make it certain",
        None,
    ),
    "against": (ValueType.TEXT, "what it is compared with where that is no constant", None),
    "window": (ValueType.QUANTITY, "the longest range that the measured side looks back over", Unit.SECONDS),
    "joins": (ValueType.TEXT, "the operators to whose right it stands, outermost first: and, or, unless", None),
    "metrics": (ValueType.NAMES, "the metrics that the measured side reads", None),
    "caveat": (ValueType.TEXT, "what of the expression could not be taken apart", None),
}


def keys(provider: str) -> tuple[Key, ...]:
    """Every key of alerts, conditions and recording rules."""
    kinds = {ALERT: {**_OF_EVERY_RULE, **_OF_ALERTS}, CONDITION: _OF_CONDITIONS, RECORDING_RULE: _OF_EVERY_RULE}
    return tuple(
        sorted(
            Key(kind, name, type_, meaning, unit, (provider,))
            for kind, declared in kinds.items()
            for name, (type_, meaning, unit) in declared.items()
        )
    )


def labels_in(rule: WrittenRule, path: str) -> Mapping[str, str]:
    """The labels of a rule's subject: those of group and rule that are not computed, and where the rule stands."""
    written: dict[str, str] = {}
    for holder in (rule.group, rule.node):
        labels = holder.get("labels")
        entries = labels.entries if labels else ()
        written |= {entry.key.text: entry.value.text for entry in entries}
    return labels_known(written, "" if rule.recording else rule.name.text, rule.group_name, path)


def labels_known(written: Mapping[str, str], alert: str, group: str, path: str) -> Mapping[str, str]:
    """Written labels without those that are computed, and where the rule stands; ``alert`` is empty for recordings."""
    known = {label: value for label, value in written.items() if not is_computed(value)}
    name = {"alertname": alert} if alert else {}
    return {**known, **name, "group": group, "file": path}


def is_computed(label: str) -> bool:
    """Whether a label is a template, whose value only the alert has."""
    return "{{" in label


_PLACE = frozenset({"alertname", "group", "file", "severity"})


def routing(labels: Mapping[str, str]) -> tuple[str, ...]:
    """The labels of an alert's subject by which it is routed, as ``name=value``, without severity and its place."""
    return tuple(f"{name}={value}" for name, value in sorted(labels.items()) if name not in _PLACE)


def prose(annotations: Mapping[str, str]) -> str:
    """What the annotations tell people, in the order of ``PROSE``."""
    return "\n".join(annotations[name] for name in PROSE if annotations.get(name))


class RuleStatement(Statement):
    """Collects what one rule says."""

    def __init__(self, subject: Subject, rule: WrittenRule, interval: tuple[float, Provenance]) -> None:
        super().__init__(subject)
        self._rule = rule
        self._server_interval = interval

    def state_all(self) -> None:
        """State everything but the conditions."""
        rule = self._rule
        self.state("rule.name", rule.name.text, rule.name)
        self.state("rule.group", rule.group_name, rule.group.get("name") or rule.group)
        self.state("rule.path", rule.node.content.locator, rule.node)
        self._interval()
        if not rule.recording:
            self.duration("hold", rule.node, "for", 0.0)
            self.duration("keep_firing", rule.node, "keep_firing_for", 0.0)
            self._severity()
            self._runbook()
            labels = routing(labels_in(rule, ""))
            self.names("routing", labels, rule.node, written=bool(labels))
            self._prose()

    def state_expression(self) -> tuple[Condition, ...]:
        """State the expression; the conditions of an alert, none where the expression cannot be parsed (a gap)."""
        node = self._rule.expression
        try:
            expression = read_expression(node.text)
        except NotPromQL as error:
            self.doubt(node, f"the expression cannot be taken apart: {error}")
            return ()
        self.state("expression", expression.canonical, node)
        self.names("metrics", expression.metrics, node)
        if self._rule.recording:
            return ()
        self.state("conditions", Quantity(float(len(expression.conditions)), Unit.COUNT), node)
        return expression.conditions

    def duration(
        self, key: str, holder: Node, field: str, default: float, provenance: Provenance = Provenance.DEFAULT
    ) -> None:
        """State a duration as Prometheus reads it; where nobody wrote it the default, at the start of its holder."""
        node = holder.get(field)
        if node is None or node.is_null or not node.text:
            at = holder.origin
            place = Origin(at.source, at.locator, at.line, at.column, at.start, at.start)
            self.state(key, Quantity(default, Unit.SECONDS), place, provenance)
        elif DURATION.fullmatch(node.text):
            self.state(key, parse_quantity(node.text, Unit.SECONDS), node)
        else:
            self.doubt(node, f"{field}: {node.raw[:80]!r} is no duration; write it like 5m or 1h30m")

    def _interval(self) -> None:
        """State how often the group is evaluated; an interval of zero is the server's, as one that nobody wrote."""
        node, (seconds, provenance) = self._rule.group.get("interval"), self._server_interval
        if node is not None and _ZERO.fullmatch(node.text):
            self.state("interval", Quantity(seconds, Unit.SECONDS), node, provenance)
        else:
            self.duration("interval", self._rule.group, "interval", seconds, provenance)

    def _severity(self) -> None:
        for holder, provenance in (
            (self._rule.node, Provenance.EXPLICIT),
            (self._rule.group, Provenance.INHERITED),
        ):
            node = holder.get("labels", "severity")
            if node is not None and node.text:
                if not is_computed(node.text):
                    self.state("severity", node.text, node, provenance)
                return

    def _prose(self) -> None:
        annotations = self._rule.node.get("annotations")
        entries = annotations.entries if annotations else ()
        told = prose({entry.key.text: entry.value.text for entry in entries})
        if told and annotations is not None:
            self.state("prose", told, annotations)

    def _runbook(self) -> None:
        for name in _RUNBOOKS:
            node = self._rule.node.get("annotations", name)
            if node is not None and node.text:
                self.state("runbook", node.text, node)
                return


def condition_statements(alert: Subject, found: tuple[Condition, ...], at: Node) -> Iterator[Statement]:
    """One statement a condition; each stands where the whole expression stands, which has no places of its own."""
    for number, condition in enumerate(found, start=1):
        labels = {**dict(alert.labels), "alert": alert.name}
        subject = Subject(CONDITION, alert.environment, f"{alert.name}/{number}", labels_of(labels))
        statement = Statement(subject)
        for key, value in said(condition):
            statement.state(key, value, at)
        yield statement


def said(condition: Condition) -> Iterator[tuple[str, Value]]:
    """The keys of a condition with their values; what is not certain is left out."""
    yield "measured", condition.measured
    yield "comparison", condition.comparison.value
    yield "metrics", condition.metrics
    if condition.threshold is not None and math.isfinite(condition.threshold):
        yield "threshold", Quantity(condition.threshold, Unit.COUNT)
    if condition.unit is not None:
        yield "unit", condition.unit.value
    if condition.against:
        yield "against", condition.against
    if condition.windows:
        yield "window", Quantity(max(condition.windows), Unit.SECONDS)
    if condition.joins:
        yield "joins", " ".join(condition.joins)
    if condition.caveat:
        yield "caveat", condition.caveat
