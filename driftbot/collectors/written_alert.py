"""Alerts as a file writes them: what makes them recognisable, what they ask, and where they stand.

The same as ``alert_files`` states, without facts: for files whose past or other side is compared.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from driftbot.collectors.alert_rule import DURATION, labels_in, routing
from driftbot.collectors.rule_file import RuleFile, WrittenRule, rules_of
from driftbot.core.body import Body
from driftbot.core.fact import Origin, View
from driftbot.core.past import Version
from driftbot.core.quantity import Unit, parse_quantity
from driftbot.core.sighting import Sighting
from driftbot.core.subject import labels_of
from driftbot.documents.format import Format, format_of, read_documents
from driftbot.documents.node import Node
from driftbot.promql.expression import NotPromQL
from driftbot.promql.reading import read_expression


@dataclass(frozen=True, slots=True)
class WrittenAlert:
    """An alert of one content of a file.

    ``version`` is None where it is not understood, and ``why`` says so; ``origin`` is where the alert stands.
    """

    sighting: Sighting
    version: Version | None
    origin: Origin
    why: str = ""


def read_rules(body: Body, source: str) -> RuleFile:
    """The rules of a file; JSON by its name, else YAML."""
    format_ = Format.JSON if format_of(body.locator) is Format.JSON else Format.YAML
    return rules_of(read_documents(body.content, source, body.locator, format_))


def alerts_in(rules: RuleFile, source: str, locator: str) -> Iterator[WrittenAlert]:
    """The alerts among the rules, in the order of the file."""
    for rule in rules.rules:
        if not rule.recording:
            yield written_alert(rule, source, locator)


def written_alert(rule: WrittenRule, source: str, locator: str) -> WrittenAlert:
    """One alert of the file ``locator``."""
    labels = labels_in(rule, locator)
    severity = labels.get("severity", "")
    expression, why = rule.expression.text, ""
    version = None
    try:
        expression = read_expression(expression).canonical
        hold, keep_firing = (_seconds(rule.node, name) for name in ("for", "keep_firing_for"))
        version = Version(expression, hold, keep_firing, severity, routing(labels))
    except NotPromQL as error:
        why = f"the expression of {rule.name.text} cannot be taken apart: {error}"
    except ValueError as error:
        why = f"{rule.name.text}: {error}"
    sighting = Sighting(
        "", "", source, View.DECLARED, locator, locator, rule.group_name, rule.name.text, severity, labels_of(labels),
        expression, rule.node.origin.start,
    )  # fmt: skip
    return WrittenAlert(sighting, version, rule.node.origin, why)


def _seconds(rule: Node, name: str) -> float:
    node = rule.get(name)
    return 0.0 if node is None or node.is_null or not node.text else _duration(node.text, name)


@lru_cache(maxsize=1000)
def _duration(text: str, name: str) -> float:
    if not DURATION.fullmatch(text):
        raise ValueError(f"{name}: {text[:80]!r} is no duration")
    return parse_quantity(text, Unit.SECONDS).value
