"""Derives how many alerts of the estate a silence may mute, and when those last changed that it names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from driftbot.alerts.derivation import PROVIDERS, Derivation, computed
from driftbot.alerts.estate import Estate, stated
from driftbot.alerts.estate_alert import EstateAlert, estate_alerts
from driftbot.alerts.label_matcher import matches
from driftbot.alerts.label_space import OTHER
from driftbot.alerts.matcher_syntax import read_matchers
from driftbot.alerts.routing_tree import Certainty, matching
from driftbot.core.fact import Fact, View
from driftbot.core.key import Key, ValueType
from driftbot.core.quantity import Quantity, Unit
from driftbot.core.sighting import ALERT
from driftbot.promql.selector import Match, Matcher

SILENCE = "silence"
ALERTS, CHANGED_ALERTS, RULE_CHANGED_AT = "alerts", "changed_alerts", "rule_changed_at"

KEYS = (
    Key(
        SILENCE,
        ALERTS,
        ValueType.QUANTITY,
        "how many alerts of the environment's rules it may mute, by the labels that are known before they fire; no"
        " number where not all rules could be read and none is known",
        Unit.COUNT,
        PROVIDERS,
    ),
    Key(
        SILENCE,
        CHANGED_ALERTS,
        ValueType.NAMES,
        "the alerts that it names (by `alertname`) whose rule is known to have changed after it was last set; not"
        " stated where `alerts` is not",
        None,
        PROVIDERS,
    ),
    Key(
        SILENCE,
        RULE_CHANGED_AT,
        ValueType.INSTANT,
        "when a rule last changed whose alert it names, where some history tells",
        None,
        PROVIDERS,
    ),
)


def silenced_alerts(estate: Estate) -> Iterator[Fact]:
    """For every silence: the alerts that it may mute, and the changes of those that it names."""
    by_environment: dict[str, list[EstateAlert]] = {}
    for alert in estate_alerts(estate):
        by_environment.setdefault(alert.environment, []).append(alert)
    for subject_id, facts in estate.of_kind(SILENCE):
        told = stated(facts, View.EFFECTIVE, "matchers")
        if told is None or not isinstance(told.value, tuple):
            continue
        matchers = tuple(matcher for line in told.value for matcher in read_matchers(line))
        alerts = by_environment.get(subject_id.environment, ())
        found = [alert for alert in alerts if matching(matchers, alert.labels) is not Certainty.NO]
        if found or estate.complete(subject_id.environment, ALERT):
            yield computed(told.subject, ALERTS, Quantity(float(len(found)), Unit.COUNT), told.origin)
            yield from _changes(told, _named(matchers, found), stated(facts, View.EFFECTIVE, "updated_at"))


def _named(matchers: Sequence[Matcher], alerts: Sequence[EstateAlert]) -> list[EstateAlert]:
    """The alerts that the silence names: one of its matchers spells their names and takes no other."""
    naming = (one for one in matchers if one.label == "alertname" and one.match in (Match.EQUAL, Match.REGEX))
    return list(alerts) if any(not matches(one, OTHER) for one in naming) else []


def _changes(about: Fact, alerts: Sequence[EstateAlert], updated: Fact | None) -> Iterator[Fact]:
    dated = [(alert.changed_at, alert.name) for alert in alerts if alert.changed_at is not None]
    if dated:
        yield computed(about.subject, RULE_CHANGED_AT, max(at for at, _ in dated), about.origin)
    if updated is not None and isinstance(updated.value, datetime):
        since = updated.value
        changed = tuple(sorted({name for at, name in dated if at > since}))
        yield computed(about.subject, CHANGED_ALERTS, changed, updated.origin)


derivation = Derivation(KEYS, silenced_alerts)
