"""Alerts as a file writes them: what makes them recognisable, what they ask, and where they stand.

The same as ``alert_files`` states, without facts: for files whose past or other side is compared.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from driftbot.alerts.written import WrittenAlert
from driftbot.collectors.alert_rule import DURATION, labels_in, labels_known, routing
from driftbot.collectors.quick_rules import NotQuick, QuickAlert, quick_alerts
from driftbot.collectors.rule_file import RuleFile, WrittenRule, rules_of
from driftbot.core.body import Body
from driftbot.core.fact import View
from driftbot.core.past import Version
from driftbot.core.quantity import Unit, parse_quantity
from driftbot.core.sighting import Sighting
from driftbot.core.subject import Labels, labels_of
from driftbot.documents.format import Format, format_of, read_documents
from driftbot.documents.node import Node
from driftbot.promql.expression import NotPromQL
from driftbot.promql.reading import read_expression


@dataclass(frozen=True, slots=True)
class Content:
    """What one content of a file declares; ``whole`` is False where some of it was not understood or not read."""

    alerts: tuple[WrittenAlert, ...] = ()
    whole: bool = True


def read_rules(body: Body, source: str) -> RuleFile:
    """The rules of a file with their places; JSON by its name, else YAML."""
    format_ = Format.JSON if format_of(body.locator) is Format.JSON else Format.YAML
    return rules_of(read_documents(body.content, source, body.locator, format_))


def read_content(body: Body, source: str) -> Content:
    """The alerts of a file without their places: read quickly where the file holds nothing odd, else carefully."""
    try:
        quick = quick_alerts(body.content) if format_of(body.locator) is not Format.JSON else None
    except NotQuick:
        quick = None
    if quick is not None:
        return Content(tuple(_of_texts(alert, source, body.locator) for alert in quick))
    rules = read_rules(body, source)
    alerts = tuple(written_alert(rule, source, body.locator) for rule in rules.rules if not rule.recording)
    return Content(alerts, whole=not rules.gaps)


def written_alert(rule: WrittenRule, source: str, locator: str) -> WrittenAlert:
    """One alert of the file ``locator``."""
    hold, keep_firing = (_text_of(rule.node.get(name)) for name in ("for", "keep_firing_for"))
    labels = labels_of(labels_in(rule, locator))
    return _understood(
        source, locator, rule.group_name, rule.name.text, rule.expression.text, hold, keep_firing, labels
    )


def _of_texts(alert: QuickAlert, source: str, locator: str) -> WrittenAlert:
    return _understood(
        source, locator, alert.group, alert.name, alert.expression, alert.hold, alert.keep_firing,
        labels_of(labels_known(dict(alert.labels), alert.name, alert.group, locator)),
    )  # fmt: skip


def _text_of(node: Node | None) -> str:
    return "" if node is None or node.is_null else node.text


@lru_cache(maxsize=100_000)
def _understood(
    source: str, locator: str, group: str, name: str, expression: str, hold: str, keep_firing: str, labels: Labels
) -> WrittenAlert:
    severity = dict(labels).get("severity", "")
    version, why, canonical = None, "", expression
    try:
        canonical = read_expression(expression).canonical
        durations = (_seconds("for", hold), _seconds("keep_firing_for", keep_firing))
        version = Version(canonical, *durations, severity, routing(dict(labels)))
    except NotPromQL as error:
        why = f"the expression of {name} cannot be taken apart: {error}"
    except ValueError as error:
        why = f"{name}: {error}"
    sighting = Sighting("", "", source, View.DECLARED, locator, locator, group, name, severity, labels, canonical)
    return WrittenAlert(sighting, version, why, (expression, hold, keep_firing))


def _seconds(field: str, text: str) -> float:
    if not text:
        return 0.0
    if not DURATION.fullmatch(text):
        raise ValueError(f"{field}: {text[:80]!r} is no duration")
    return parse_quantity(text, Unit.SECONDS).value
