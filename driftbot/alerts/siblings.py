"""Siblings: alerts that ask the same of different services, and one of which differs from what most of them have."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from driftbot.alerts.derivation import PROVIDERS, Derivation, computed
from driftbot.alerts.estate import Estate
from driftbot.alerts.standing import StandingAlert, standing_alerts
from driftbot.core.fact import Fact
from driftbot.core.key import Key, ValueType
from driftbot.core.quantity import Quantity, Unit
from driftbot.promql.condition import Comparison

LEAST = 4
"""Siblings below which nothing is usual among them (ours)."""

MAJORITY = 0.75
"""Share of the siblings, the odd one included, that must agree on what is usual (ours)."""

TOLD = 3
"""How many siblings are named in a sentence."""

_OF_WHOM = re.compile(
    r"(?:\w+_)?(?:service|job|namespace|cluster|app|application|instance|host|hostname|node|deployment|statefulset"
    r"|daemonset|workload|pod|container|release|team|site|region|zone|datacenter|dc|shard|tenant|topic|queue|group"
    r"|datasource|database|datname|vhost|backend|proxy|upstream|route|project|account)|\w+_(?:name|id)"
)
"""Labels that say whom a selector means, as opposed to what it measures of them (``code``, ``mode``, ``le``)."""

_REASONS = ("env", "environment", "stage", "tier", "criticality", "lifecycle", "slo")
"""Labels that are a reason to differ."""

_WHETHER = frozenset({Comparison.PRESENT, Comparison.ABSENT})
_MATCHER = re.compile(r"(?P<label>\b\w+)(?P<operator>=~|!=|!~|=)\"(?P<value>(?:[^\"\\]|\\.)*)\"")

OTHERWISE = Key(
    "alert",
    "siblings.otherwise",
    ValueType.NAMES,
    "where it differs from most of its siblings (threshold, comparison, for, severity), in words; siblings ask"
    f" the same of another service: at least {LEAST}, of whom {MAJORITY:.0%} agree, with the same tier and environment",
    None,
    PROVIDERS,
)


@dataclass(frozen=True, slots=True)
class _Sibling:
    """An alert among its siblings: ``family`` is what they all ask, ``whom`` of whom this one asks it."""

    alert: StandingAlert
    family: tuple[object, ...]
    whom: tuple[str, ...]

    @property
    def severity(self) -> str:
        return self.alert.definition.severity


@dataclass(frozen=True, slots=True)
class _Trait:
    """Something on which siblings should agree, and how it is said."""

    name: str
    of: Callable[[StandingAlert], str]


def siblings_otherwise(alerts: Iterable[StandingAlert]) -> dict[str, tuple[str, ...]]:
    """For every alert by its name: how it differs from its siblings; empty where it has none or agrees with them."""
    found: dict[str, set[str]] = {}
    families: dict[tuple[object, ...], list[_Sibling]] = defaultdict(list)
    for alert in alerts:
        found[alert.label] = set()
        sibling = _sibling(alert)
        families[sibling.family].append(sibling)
    for family in families.values():
        for name, told in _odd_ones(family):
            found[name].add(told)
    return {name: tuple(sorted(told)) for name, told in found.items()}


def _sibling(alert: StandingAlert) -> _Sibling:
    whom: list[str] = []
    asked = tuple(
        (_without_whom(one.measured, whom), _without_whom(one.against, whom), one.joins, one.comparison in _WHETHER)
        for one in alert.definition.conditions
    )
    reasons = tuple(alert.subject.label(name) or "" for name in _REASONS)
    return _Sibling(alert, (alert.subject.environment, asked, reasons), tuple(whom))


def _without_whom(text: str, whom: list[str]) -> str:
    """The text without the values of the labels that say whom it means, which are added to ``whom``."""

    def blank(match: re.Match[str]) -> str:
        if not _OF_WHOM.fullmatch(match["label"]):
            return match[0]
        whom.append(match[0])
        return match["label"] + ("≠" if match["operator"].startswith("!") else "=")

    return _MATCHER.sub(blank, text)


def _odd_ones(family: Sequence[_Sibling]) -> Iterator[tuple[str, str]]:
    """The names of those that differ, each with how."""
    by_severity: dict[str, list[_Sibling]] = defaultdict(list)
    for sibling in family:
        by_severity[sibling.severity].append(sibling)
    for peers in by_severity.values():
        for trait in (_Trait("threshold", _thresholds), _Trait("for", _hold)):
            yield from _differing(trait, peers)
    often = Counter(sibling.whom for sibling in family)
    if all(count == 1 for count in often.values()):
        yield from _differing(_Trait("severity", _severity), family)


def _differing(trait: _Trait, peers: Sequence[_Sibling]) -> Iterator[tuple[str, str]]:
    known = [peer for peer in peers if trait.name != "for" or peer.alert.hold_known]
    if len({peer.whom for peer in known}) < max(LEAST, len(known)):
        return
    usual, count = Counter(trait.of(peer.alert) for peer in known).most_common(1)[0]
    if count < MAJORITY * len(known):
        return
    like = [peer.alert.label for peer in known if trait.of(peer.alert) == usual]
    named = ", ".join(sorted(like)[:TOLD]) + (", …" if len(like) > TOLD else "")
    for peer in known:
        own = trait.of(peer.alert)
        if own != usual:
            told = f"{trait.name} {own} where {count} of {len(known)} siblings have {usual} ({named})"
            yield peer.alert.label, told


def _thresholds(alert: StandingAlert) -> str:
    return ", ".join(str(one.limit or one.comparison) for one in alert.definition.conditions)


def _hold(alert: StandingAlert) -> str:
    return str(Quantity(alert.definition.hold, Unit.SECONDS))


def _severity(alert: StandingAlert) -> str:
    return alert.definition.severity or "none"


def _derive(estate: Estate) -> Iterator[Fact]:
    alerts = standing_alerts(estate)
    otherwise = siblings_otherwise(alerts)
    for alert in alerts:
        yield computed(alert.subject, OTHERWISE.name, otherwise[alert.label], alert.expression_at)


derivation = Derivation((OTHERWISE,), _derive)
