"""Alerts of the same measure: a warning that does not warn before its critical one, and two that tell one thing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from driftbot.alerts.derivation import PROVIDERS, Derivation, computed
from driftbot.alerts.estate import Estate
from driftbot.alerts.implication import implies
from driftbot.alerts.meaning import Leaf, Meaning, leaves, meaning
from driftbot.alerts.severity import loudness
from driftbot.alerts.standing import StandingAlert, standing_alerts
from driftbot.alerts.term import skeleton
from driftbot.core.fact import Fact
from driftbot.core.key import Key, ValueType
from driftbot.core.quantity import Quantity, Unit

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


def fires_no_earlier(alerts: Iterable[StandingAlert]) -> dict[str, tuple[str, ...]]:
    """For every alert by its name: the less severe ones that do not warn before it, in words."""
    found: dict[str, list[str]] = {}
    for family in _families(alerts, found):
        for quiet, quiet_asks in family:
            for loud, loud_asks in family:
                if _quieter(quiet, loud) and _comes_after(quiet, quiet_asks, loud, loud_asks):
                    found[loud.label].append(_told(quiet))
    return {name: _shortened(told) for name, told in found.items()}


def pages_twice(alerts: Iterable[StandingAlert]) -> dict[str, tuple[str, ...]]:
    """For every alert by its name: those that tell the same people the same, no later, in words."""
    found: dict[str, list[str]] = {}
    for family in _families(alerts, found):
        for one, asks in family:
            for other, other_asks in family:
                mutual = one.label < other.label and _comes_after(other, other_asks, one, asks)
                if one is other or not _as_loud(one, other) or mutual:
                    continue
                if _comes_after(one, asks, other, other_asks):
                    found[one.label].append(_told(other))
    return {name: _shortened(told) for name, told in found.items()}


def _families(
    alerts: Iterable[StandingAlert], found: dict[str, list[str]]
) -> Iterator[list[tuple[StandingAlert, Meaning]]]:
    """Alerts of one environment whose first conditions measure alike; every alert is entered in ``found``."""
    by_metrics: dict[tuple[object, ...], list[StandingAlert]] = defaultdict(list)
    for alert in alerts:
        found[alert.label] = []
        by_metrics[alert.subject.environment, alert.definition.conditions[0].metrics].append(alert)
    for group in by_metrics.values():
        families: dict[str, list[tuple[StandingAlert, Meaning]]] = defaultdict(list)
        for alert in group if len(group) > 1 else ():
            asks = meaning(alert.definition.expression)
            families[_first(asks)].append((alert, asks))
        yield from (family for family in families.values() if len(family) > 1)


def _first(asks: Meaning) -> str:
    first: Leaf = leaves(asks)[0]
    return skeleton(first.term)


def _comes_after(one: StandingAlert, asks: Meaning, other: StandingAlert, other_asks: Meaning) -> bool:
    """Whether the other has fired whenever this one fires."""
    comparable = one.hold_known and other.hold_known and one.meets(other)
    return comparable and one.definition.hold >= other.definition.hold and implies(asks, other_asks)


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
    alerts = tuple(standing_alerts(estate))
    later = fires_no_earlier(alerts)
    for alert in alerts:
        yield computed(alert.subject, FIRES_NO_EARLIER.name, later[alert.label], alert.expression_at)


def _derive_twice(estate: Estate) -> Iterator[Fact]:
    alerts = tuple(standing_alerts(estate))
    twice = pages_twice(alerts)
    for alert in alerts:
        yield computed(alert.subject, PAGES_TWICE.name, twice[alert.label], alert.expression_at)


severity_order = Derivation((FIRES_NO_EARLIER,), _derive_order)
same_page = Derivation((PAGES_TWICE,), _derive_twice)
