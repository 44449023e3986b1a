"""Derives how many alerts of the estate come to each route, and how severe those are that surely stay with it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from driftbot.alerts.derivation import PROVIDERS, Derivation, computed
from driftbot.alerts.estate import Estate
from driftbot.alerts.estate_alert import estate_alerts
from driftbot.alerts.matcher_syntax import read_matchers
from driftbot.alerts.routing_tree import Certainty, Route, reach
from driftbot.core.fact import Fact, View
from driftbot.core.key import Key, ValueType
from driftbot.core.quantity import Quantity, Unit
from driftbot.core.sighting import ALERT
from driftbot.core.subject import Subject, SubjectId, labels_of

ROUTE = "route"
ALERTS, SEVERITIES = "alerts", "severities"

_CLUSTER = "cluster"

KEYS = (
    Key(
        ROUTE,
        ALERTS,
        ValueType.QUANTITY,
        "how many alerts of the environment's rules may come to it, by the labels that are known before they fire; no"
        " number where rules or routes could not all be read and none is known to",
        Unit.COUNT,
        PROVIDERS,
    ),
    Key(
        ROUTE,
        SEVERITIES,
        ValueType.NAMES,
        "the severities of the alerts of the environment's rules that surely stay with it",
        None,
        PROVIDERS,
    ),
)


@dataclass(slots=True)
class _Tree:
    """The routes that one Alertmanager has in one view, each with its facts by key."""

    routes: dict[str, dict[str, Fact]] = field(default_factory=dict)
    subjects: dict[str, Subject] = field(default_factory=dict)

    def add(self, name: str, facts: Iterable[Fact]) -> None:
        """Take a route in; what two sources state differently is not known."""
        told: dict[str, list[Fact]] = {}
        for fact in facts:
            told.setdefault(fact.key, []).append(fact)
        self.routes[name] = {key: found[0] for key, found in told.items() if len({fact.value for fact in found}) == 1}
        self.subjects[name] = next(fact.subject for found in told.values() for fact in found)

    def root(self) -> Route | None:
        """The tree; None where a part of it is not known."""
        children: dict[str, list[str]] = {}
        roots = []
        for name, facts in self.routes.items():
            if not {"matchers", "position", "continues"} <= facts.keys():
                return None
            parent = facts.get("parent")
            if parent is None:
                roots.append(name)
            else:
                children.setdefault(str(parent.value), []).append(name)
        return self._route(roots[0], children) if len(roots) == 1 else None

    def _route(self, name: str, children: dict[str, list[str]]) -> Route:
        below = sorted(children.get(name, ()), key=self._position)
        facts = self.routes[name]
        lines = facts["matchers"].value
        assert isinstance(lines, tuple)
        matchers = tuple(matcher for line in lines for matcher in read_matchers(line))
        continues = facts["continues"].value is True
        return Route(name, matchers, continues, tuple(self._route(child, children) for child in below))

    def _position(self, name: str) -> float:
        position = self.routes[name]["position"].value
        return position.value if isinstance(position, Quantity) else 0.0


def routed_alerts(estate: Estate) -> Iterator[Fact]:
    """For every route that could be read: the alerts that may come to it and the severities of those that stay."""
    by_environment: dict[str, list[dict[str, str]]] = {}
    for alert in estate_alerts(estate):
        by_environment.setdefault(alert.environment, []).append(dict(alert.labels))
    done: set[SubjectId] = set()
    for (environment, _, _), tree in sorted(_trees(estate).items()):
        root = tree.root()
        if root is None:
            continue
        counts, severities = _led(root, by_environment.get(environment, ()))
        every_alert_read = estate.complete(environment, ALERT)
        for name, facts in sorted(tree.routes.items()):
            subject, at = tree.subjects[name], facts["matchers"].origin
            if subject.id in done:
                continue
            done.add(subject.id)
            if counts[name] or every_alert_read:
                yield computed(subject, ALERTS, Quantity(float(counts[name]), Unit.COUNT), at)
                yield computed(subject, SEVERITIES, tuple(sorted(severities.get(name, ()))), at)


def _trees(estate: Estate) -> dict[tuple[str, int, str], _Tree]:
    """The trees by environment, view (what runs before what a file declares) and cluster."""
    trees: dict[tuple[str, int, str], _Tree] = {}
    for subject_id, facts in estate.of_kind(ROUTE):
        for number, view in enumerate((View.EFFECTIVE, View.DECLARED)):
            told = [fact for fact in facts if fact.view is view]
            if told:
                cluster = told[0].subject.label(_CLUSTER) or ""
                tree = trees.setdefault((subject_id.environment, number, cluster), _Tree())
                tree.add(subject_id.name, told)
    return trees


def _led(root: Route, alerts: Iterable[dict[str, str]]) -> tuple[Counter[str], dict[str, set[str]]]:
    """By name of route, how many alerts may come and which severities surely stay; alerts that look alike go as one."""
    asked = _labels_of(root) | {"severity"}
    alike = Counter(labels_of({name: value for name, value in labels.items() if name in asked}) for labels in alerts)
    counts: Counter[str] = Counter()
    severities: dict[str, set[str]] = {}
    for labels, number in alike.items():
        known = dict(labels)
        for route, reached in reach(root, known).items():
            counts[route.name] += number
            if reached.stays is Certainty.SURE and known.get("severity"):
                severities.setdefault(route.name, set()).add(known["severity"])
    return counts, severities


def _labels_of(route: Route) -> set[str]:
    own = {matcher.label for matcher in route.matchers}
    return own.union(*(_labels_of(child) for child in route.routes))


derivation = Derivation(KEYS, routed_alerts)
