"""Alerts of the same measure: a warning that does not warn before its critical one, and two that tell one thing."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from driftbot.alerts.derivation import PROVIDERS, Derivation, computed
from driftbot.alerts.estate import Estate
from driftbot.alerts.implication import implies, matchers, measure
from driftbot.alerts.meaning import Meaning, meaning
from driftbot.alerts.severity import loudness
from driftbot.alerts.standing import StandingAlert, standing_alerts
from driftbot.alerts.term import Term
from driftbot.core.fact import Fact
from driftbot.core.key import Key, ValueType
from driftbot.core.quantity import Quantity, Unit
from driftbot.promql.selector import Matcher

TOLD = 5
"""How many alerts a fact names before it only counts the others."""

FIRES_NO_EARLIER = Key(
    "alert",
    "fires_no_earlier",
    ValueType.NAMES,
    "less severe alerts that never fire before this one: the same measure with no earlier threshold and no shorter for;"
    " severities outside the usual scale (info, minor, warning, error, critical and page; P5 to P1) are compared with"
    " nothing",
    None,
    PROVIDERS,
)
PAGES_TWICE = Key(
    "alert",
    "pages_twice",
    ValueType.NAMES,
    "alerts of the same severity and routing labels that have already fired whenever this one fires: the same meaning,"
    " or the same measure of more series or with an earlier threshold (of two that mean the same, one says so)",
    None,
    PROVIDERS,
)


@dataclass(frozen=True, slots=True)
class _Asked:
    """An alert, what it asks, and the matchers of what it measures."""

    alert: StandingAlert
    asks: Meaning
    matchers: frozenset[Matcher]

    def comes_after(self, other: _Asked) -> bool:
        """Whether the other has fired whenever this one fires."""
        mine, theirs = self.alert, other.alert
        comparable = mine.hold_known and theirs.hold_known and mine.meets(theirs)
        return comparable and mine.definition.hold >= theirs.definition.hold and implies(self.asks, other.asks)


def fires_no_earlier(alerts: Iterable[StandingAlert]) -> dict[str, tuple[str, ...]]:
    """For every alert by its name: the less severe ones that do not warn before it, in words."""
    found: dict[str, list[str]] = {}
    for family in _families(alerts, found):
        for quiet, loud in _candidates(family):
            if _quieter(quiet.alert, loud.alert) and quiet.comes_after(loud):
                found[loud.alert.label].append(_told(quiet.alert))
    return {name: _shortened(told) for name, told in found.items()}


def pages_twice(alerts: Iterable[StandingAlert]) -> dict[str, tuple[str, ...]]:
    """For every alert by its name: those that tell the same people the same, no later, in words."""
    found: dict[str, list[str]] = {}
    for family in _families(alerts, found):
        for one, other in _candidates(family):
            if _as_loud(one.alert, other.alert) and one.comes_after(other):
                mutual = one.alert.label < other.alert.label and other.comes_after(one)
                found[one.alert.label] += [] if mutual else [_told(other.alert)]
    return {name: _shortened(told) for name, told in found.items()}


def _families(alerts: Iterable[StandingAlert], found: dict[str, list[str]]) -> Iterator[list[_Asked]]:
    """Alerts of one environment whose first conditions measure alike; every alert is entered in ``found``."""
    by_metrics: dict[tuple[object, ...], list[StandingAlert]] = defaultdict(list)
    for alert in alerts:
        found[alert.label] = []
        by_metrics[alert.subject.environment, alert.definition.conditions[0].metrics].append(alert)
    for group in by_metrics.values():
        families: dict[Term, list[_Asked]] = defaultdict(list)
        for alert in group if len(group) > 1 else ():
            asks = meaning(alert.definition.expression)
            families[measure(asks)].append(_Asked(alert, asks, matchers(asks)))
        yield from (family for family in families.values() if len(family) > 1)


def _candidates(family: Sequence[_Asked]) -> Iterator[tuple[_Asked, _Asked]]:
    """Every two of which the first may imply the second, as it has all of its matchers.

    Thousands of alerts measure ``up`` of a job each: they are looked up by the second's rarest matcher.
    """
    often = Counter(matcher for each in family for matcher in each.matchers)
    by_rarest: dict[Matcher | None, list[_Asked]] = defaultdict(list)
    for each in family:
        by_rarest[min(each.matchers, key=lambda matcher: (often[matcher], matcher), default=None)].append(each)
    for one in family:
        for matcher in (None, *one.matchers):
            yield from ((one, other) for other in by_rarest.get(matcher, ()) if other is not one)


def _quieter(one: StandingAlert, other: StandingAlert) -> bool:
    ours, theirs = loudness(one.definition.severity), loudness(other.definition.severity)
    return ours is not None and theirs is not None and ours < theirs


def _as_loud(one: StandingAlert, other: StandingAlert) -> bool:
    mine, theirs = one.definition, other.definition
    return (mine.severity, mine.routing) == (theirs.severity, theirs.routing)


def _told(alert: StandingAlert) -> str:
    asks = alert.definition
    compared = ", ".join(str(one.limit) for one in asks.conditions if one.limit)
    held = f"for {Quantity(asks.hold, Unit.SECONDS)}" if asks.hold else "at once"
    return f"{alert.label} ({' '.join(part for part in (asks.severity, compared, held) if part)})"


def _shortened(told: list[str]) -> tuple[str, ...]:
    names = sorted(set(told))
    more = (f"and {len(names) - TOLD} others",) if len(names) > TOLD else ()
    return tuple(sorted((*names[:TOLD], *more)))


def _derive_order(estate: Estate) -> Iterator[Fact]:
    alerts = standing_alerts(estate)
    later = fires_no_earlier(alerts)
    for alert in alerts:
        yield computed(alert.subject, FIRES_NO_EARLIER.name, later[alert.label], alert.expression_at)


def _derive_twice(estate: Estate) -> Iterator[Fact]:
    alerts = standing_alerts(estate)
    twice = pages_twice(alerts)
    for alert in alerts:
        yield computed(alert.subject, PAGES_TWICE.name, twice[alert.label], alert.expression_at)


severity_order = Derivation((FIRES_NO_EARLIER,), _derive_order)
same_page = Derivation((PAGES_TWICE,), _derive_twice)
