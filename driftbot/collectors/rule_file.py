"""Rule files of Prometheus, and the Kubernetes resources that hold the same groups, as rules with their places."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from driftbot.core.coverage import Gap
from driftbot.core.fact import Origin
from driftbot.documents.documents import Documents
from driftbot.documents.node import Node, Shape

RESOURCES = frozenset({"PrometheusRule", "VMRule"})
"""Kinds whose ``spec.groups`` are rule groups (of the Prometheus and the VictoriaMetrics operator)."""


@dataclass(frozen=True, slots=True)
class WrittenRule:
    """One rule as it stands in a file: ``node`` is the rule, ``group`` the group it belongs to."""

    name: Node
    expression: Node
    node: Node
    group: Node
    group_name: str
    recording: bool


@dataclass(slots=True)
class RuleFile:
    """What one file holds: its rules in the order of the file, what could not be understood, and other documents."""

    rules: list[WrittenRule] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    groups: int = 0

    def doubt(self, origin: Origin, reason: str) -> None:
        """Note something that is no rule though it stands where one is expected."""
        self.gaps.append(Gap(origin, reason))


def rules_of(documents: Documents) -> RuleFile:
    """The rules of a file's documents. A document that is something else (a Deployment, a test) is passed over."""
    found = RuleFile()
    for problem in documents.problems:
        found.doubt(problem.origin, problem.message + (f" ({problem.hint})" if problem.hint else ""))
    for document in documents.nodes:
        for groups in _group_lists(document, found):
            for group in groups.items:
                _read_group(group, found)
    return found


def _group_lists(document: Node, found: RuleFile) -> Iterator[Node]:
    kind = document.get("kind")
    if kind is None:
        yield from _sequence(document.get("groups"), found)
    elif kind.text in RESOURCES:
        yield from _sequence(document.get("spec", "groups"), found)
    elif kind.text.endswith("List"):
        items = document.get("items")
        for item in items.items if items else ():
            yield from _group_lists(item, found)
    elif kind.text == "ConfigMap":
        _embedded(document, found)


def _sequence(groups: Node | None, found: RuleFile) -> Iterator[Node]:
    if groups is None or groups.is_null:
        return
    if groups.shape is Shape.SEQUENCE:
        yield groups
    else:
        found.doubt(groups.origin, f"groups is a {groups.shape}, not a list of rule groups")


def _embedded(config_map: Node, found: RuleFile) -> None:
    data = config_map.get("data")
    for entry in data.entries if data else ():
        if entry.value.text.lstrip().startswith("groups:"):
            found.doubt(
                entry.key.origin, f"rules inside the ConfigMap entry {entry.key.text} are not read; read them as a file"
            )


def _read_group(group: Node, found: RuleFile) -> None:
    name, rules = group.get("name"), group.get("rules")
    if name is None or not name.text:
        found.doubt(group.origin, "a rule group without a name")
        return
    found.groups += 1
    if rules is None or rules.is_null:
        return
    if rules.shape is not Shape.SEQUENCE:
        found.doubt(rules.origin, f"group {name.text}: rules is a {rules.shape}, not a list of rules")
        return
    for rule in rules.items:
        _read_rule(rule, group, name.text, found)


def _read_rule(rule: Node, group: Node, group_name: str, found: RuleFile) -> None:
    alert, record, expression = rule.get("alert"), rule.get("record"), rule.get("expr")
    name = record if alert is None else alert
    if name is None or not name.text or (alert is not None and record is not None):
        found.doubt(rule.origin, f"group {group_name}: a rule names either an alert or a record")
        return
    if expression is None or expression.shape is not Shape.SCALAR or not expression.text.strip():
        found.doubt(rule.origin, f"group {group_name}: {name.text} has no expression (expr)")
        return
    found.rules.append(WrittenRule(name, expression, rule, group, group_name, recording=alert is None))
