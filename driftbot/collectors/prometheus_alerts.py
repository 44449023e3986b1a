"""Rules that a server has loaded, as facts of the view ``effective``: the keys of ``alert_rule`` and how they fare."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from driftbot.collectors.alert_rule import ALERT, CONDITION, RECORDING_RULE, is_computed, keys, prose, routing, said
from driftbot.collectors.prometheus_rules import LoadedAlert, LoadedRule
from driftbot.core.coverage import Gap
from driftbot.core.fact import Fact, Origin, Provenance, Value, View
from driftbot.core.key import Key, ValueType
from driftbot.core.quantity import Quantity, Unit
from driftbot.core.sighting import LOADED
from driftbot.core.subject import Subject, labels_of
from driftbot.promql.condition import Condition
from driftbot.promql.expression import NotPromQL
from driftbot.promql.reading import read_expression

RULE_KINDS = (ALERT, CONDITION, RECORDING_RULE)
_BY = ("prometheus",)
_OF_BOTH = (
    ("health", ValueType.TEXT, "whether the server can evaluate the rule: ok, err or unknown"),
    ("error", ValueType.TEXT, "why the server cannot evaluate the rule"),
)

RULE_KEYS = (
    *keys(_BY[0]),
    *(
        Key(kind, name, kind_of, meaning, None, _BY)
        for kind in (ALERT, RECORDING_RULE)
        for name, kind_of, meaning in _OF_BOTH
    ),
    Key(ALERT, LOADED, ValueType.FLAG, "whether a server has loaded the alert that a file declares", None, _BY),
    Key(ALERT, "firing", ValueType.QUANTITY, "how many of its instances fire now", Unit.COUNT, _BY),
    Key(ALERT, "firing_since", ValueType.INSTANT, "since when the oldest of them fires", None, _BY),
)

Said = tuple[str, Value]


@dataclass(slots=True)
class LoadedFacts:
    """Collects facts about loaded rules; ``gaps`` are expressions that cannot be taken apart, ``doubted`` their rules.

    ``doubted`` holds the names of subjects by their kind.
    """

    environment: str
    origin: Origin
    facts: list[Fact] = field(default_factory=list)
    gaps: list[tuple[str, Gap]] = field(default_factory=list)
    doubted: dict[str, set[str]] = field(default_factory=dict)
    _names: dict[tuple[str, str], int] = field(default_factory=dict)

    def take(self, rules: Iterable[LoadedRule]) -> None:
        """State all rules, in the order in which the server names them."""
        for rule in rules:
            kind = ALERT if isinstance(rule, LoadedAlert) else RECORDING_RULE
            subject = Subject(kind, self.environment, self._name(kind, rule), labels_of(_labels(rule)))
            found = self._expression(kind, subject, rule)
            for key, value in _plain(rule):
                self._state(subject, key, value)
            if isinstance(rule, LoadedAlert):
                self._alert(subject, rule, found)

    def _name(self, kind: str, rule: LoadedRule) -> str:
        name = f"{rule.group.name}/{rule.name}"
        count = self._names[kind, name] = self._names.get((kind, name), 0) + 1
        return name if count == 1 else f"{name}#{count}"

    def _expression(self, kind: str, subject: Subject, rule: LoadedRule) -> tuple[Condition, ...]:
        try:
            expression = read_expression(rule.expression)
        except NotPromQL as error:
            reason = f"{self.origin.locator}: the expression of {subject.name} cannot be taken apart: {error}"
            gap = Gap(Origin(self.origin.source, self.origin.locator, query=rule.expression), reason)
            self.doubted.setdefault(kind, set()).add(subject.name)
            self.gaps += [(one, gap) for one in ((ALERT, CONDITION) if kind == ALERT else (kind,))]
            return ()
        self._state(subject, "expression", expression.canonical)
        self._state(subject, "metrics", expression.metrics)
        return expression.conditions if kind == ALERT else ()

    def _alert(self, subject: Subject, alert: LoadedAlert, found: tuple[Condition, ...]) -> None:
        for key, value in _of_alert(alert):
            self._state(subject, key, value)
        for key, value in _firing(alert):
            self._state(subject, key, value, View.OBSERVED)
        if found:
            self._state(subject, "conditions", Quantity(float(len(found)), Unit.COUNT))
        for number, condition in enumerate(found, start=1):
            labels = labels_of({**dict(subject.labels), "alert": subject.name})
            part = Subject(CONDITION, self.environment, f"{subject.name}/{number}", labels)
            for key, value in said(condition):
                self._state(part, key, value)

    def _state(self, subject: Subject, key: str, value: Value, view: View = View.EFFECTIVE) -> None:
        self.facts.append(Fact(subject, key, value, view, Provenance.EXPLICIT, self.origin))


def _labels(rule: LoadedRule) -> dict[str, str]:
    """As ``alert_files`` labels a rule; what a template computes is not known before it fires."""
    written = {name: value for name, value in rule.labels if not is_computed(value)}
    name = {"alertname": rule.name} if isinstance(rule, LoadedAlert) else {}
    return {**written, **name, "group": rule.group.name, "file": rule.group.file}


def _plain(rule: LoadedRule) -> Iterator[Said]:
    yield "rule.name", rule.name
    yield "rule.group", rule.group.name
    if rule.group.file:
        yield "rule.path", rule.group.file
    if rule.group.interval:
        yield "interval", Quantity(rule.group.interval, Unit.SECONDS)
    yield "health", rule.health
    if rule.error:
        yield "error", rule.error


def _of_alert(alert: LoadedAlert) -> Iterator[Said]:
    yield "hold", Quantity(alert.hold, Unit.SECONDS)
    if alert.keep_firing is not None:
        yield "keep_firing", Quantity(alert.keep_firing, Unit.SECONDS)
    labels, annotations = dict(alert.labels), dict(alert.annotations)
    if labels.get("severity") and not is_computed(labels["severity"]):
        yield "severity", labels["severity"]
    yield "routing", routing({name: value for name, value in labels.items() if not is_computed(value)})
    if told := prose(annotations):
        yield "prose", told
    runbook = annotations.get("runbook_url") or annotations.get("runbook")
    if runbook:
        yield "runbook", runbook


def _firing(alert: LoadedAlert) -> Iterator[Said]:
    if alert.firing is not None:
        yield "firing", Quantity(float(alert.firing), Unit.COUNT)
    if alert.firing_since is not None:
        yield "firing_since", alert.firing_since
