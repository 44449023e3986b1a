"""The configuration file of Alertmanager, taken apart: routes, receivers, inhibitions, each with its place. Pure.

Nothing of a receiver but its name and the kinds of its integrations leaves this module: the rest holds secrets.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from driftbot.alerts.label_matcher import NotAMatcher, checked
from driftbot.alerts.matcher_syntax import read_matchers, written
from driftbot.core.coverage import Gap
from driftbot.core.fact import Origin
from driftbot.documents.node import Node, Shape
from driftbot.promql.selector import Match, Matcher

ROUTE, RECEIVER, INHIBITION = "route", "receiver", "inhibition"
CONFIGURED = (INHIBITION, RECEIVER, ROUTE)
"""The kinds of subject that a configuration tells of."""

ROOT = "root"
EVERY_ALERT = "(every alert)"
LONGEST_NAME = 300
"""Characters of a name; of a longer one the end is replaced by its digest."""

_WRAPPINGS = frozenset({"ConfigMap", "Secret"})
_INTEGRATIONS = "_configs"
_INTERVAL_LISTS = ("time_intervals", "mute_time_intervals")


@dataclass(frozen=True, slots=True, eq=False)
class WrittenRoute:
    """A route as it stands: its lasting name, its parent's, its number among siblings (from 1), and its children.

    ``matchers`` is None where they cannot be read; ``receiver`` and the timing settings may be inherited.
    """

    name: str
    node: Node
    parent: WrittenRoute | None
    position: int
    matchers: tuple[Matcher, ...] | None
    children: list[WrittenRoute] = field(default_factory=list)

    def setting(self, name: str) -> tuple[Node | None, bool]:
        """What a route that is not told otherwise takes from the nearest route above, and whether it is inherited."""
        route: WrittenRoute | None = self
        while route is not None:
            node = route.node.get(name)
            if node is not None and not node.is_null:
                return node, route is not self
            route = route.parent
        return None, True

    def walk(self) -> Iterator[WrittenRoute]:
        """This route and all below, in the order of the file."""
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(frozen=True, slots=True, eq=False)
class WrittenReceiver:
    """A receiver's name with its place, and the kinds of its integrations (``slack``, ``email``), sorted."""

    name: Node
    integrations: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class WrittenInhibition:
    """An inhibition as it stands; a side is None where its matchers cannot be read."""

    name: str
    node: Node
    source: tuple[Matcher, ...] | None
    target: tuple[Matcher, ...] | None
    equal: tuple[str, ...]


@dataclass(slots=True)
class WrittenConfiguration:
    """What one document holds, and what in it could not be understood."""

    root: WrittenRoute | None = None
    receivers: list[WrittenReceiver] = field(default_factory=list)
    inhibitions: list[WrittenInhibition] = field(default_factory=list)
    intervals: frozenset[str] = frozenset()
    gaps: list[tuple[str, Gap]] = field(default_factory=list)

    def doubt(self, at: Origin, reason: str, *kinds: str) -> None:
        """Note something that could not be understood about these kinds of subject; about all without one."""
        self.gaps += [(kind, Gap(at, reason)) for kind in kinds or CONFIGURED]


def read_configuration(document: Node) -> WrittenConfiguration:
    """Take a document apart; what is no configuration of Alertmanager is a gap."""
    found = WrittenConfiguration()
    route = document.get("route")
    if route is None or route.shape is not Shape.MAPPING:
        found.doubt(document.origin, f"no configuration of Alertmanager: it has no `route`{_wrapped(document)}")
        return found
    found.intervals = frozenset(
        name.text
        for intervals in _INTERVAL_LISTS
        for entry in _listed(document, intervals, found, ROUTE)
        if (name := entry.get("name")) is not None
    )
    found.root = _Reader(found).route(route)
    found.receivers = list(_receivers(document, found))
    found.inhibitions = list(_inhibitions(document, found))
    return found


def _wrapped(document: Node) -> str:
    """What to do about a resource of Kubernetes that carries the configuration as a text."""
    kind = document.get("kind")
    if kind is None or kind.text not in _WRAPPINGS:
        return ""
    return f"; write what this {kind.text} carries into a file of its own, or name the server (`url`)"


def _listed(holder: Node, field_name: str, found: WrittenConfiguration, *kinds: str) -> tuple[Node, ...]:
    node = holder.get(field_name)
    if node is None or node.is_null:
        return ()
    if node.shape is not Shape.SEQUENCE:
        found.doubt(node.origin, f"{field_name} is a {node.shape}, not a list", *kinds)
    return node.items


class _Reader:
    """Reads the tree of routes and gives each a name that stays when others come, go or move."""

    def __init__(self, found: WrittenConfiguration) -> None:
        self._found = found
        self._names: dict[str, int] = {}

    def route(self, node: Node, parent: WrittenRoute | None = None, position: int = 1) -> WrittenRoute:
        matchers = route_matchers(node, self._found)
        own = ROOT if parent is None else _conjunction(matchers)
        path = own if parent is None or parent.parent is None else f"{parent.name} > {own}"
        route = WrittenRoute(self._distinct(path), node, parent, position, matchers)
        for number, child in enumerate(_listed(node, "routes", self._found, ROUTE), start=1):
            if child.shape is Shape.MAPPING:
                route.children.append(self.route(child, route, number))
            else:
                self._found.doubt(child.origin, f"a route is a {child.shape}, not a mapping", ROUTE)
        return route

    def _distinct(self, path: str) -> str:
        return _counted(path, self._names)


def _counted(name: str, taken: dict[str, int]) -> str:
    if len(name) > LONGEST_NAME:
        name = f"{name[: LONGEST_NAME - 13]}…{hashlib.sha256(name.encode()).hexdigest()[:12]}"
    count = taken[name] = taken.get(name, 0) + 1
    return name if count == 1 else f"{name}#{count}"


def _conjunction(matchers: tuple[Matcher, ...] | None) -> str:
    if matchers is None:
        return "(unreadable)"
    return ",".join(sorted({written(matcher) for matcher in matchers})) or EVERY_ALERT


def route_matchers(node: Node, found: WrittenConfiguration, side: str = "") -> tuple[Matcher, ...] | None:
    """The matchers of a route, or of a ``side`` of an inhibition, in every syntax; None and gaps where one is none."""
    prefix, kind = (f"{side}_", INHIBITION) if side else ("", ROUTE)
    before = len(found.gaps)
    matchers = [
        *_pairs(node, f"{prefix}match", Match.EQUAL, found, kind),
        *_pairs(node, f"{prefix}match_re", Match.REGEX, found, kind),
        *_lines(node, f"{prefix}matchers", found, kind),
    ]
    return tuple(matchers) if len(found.gaps) == before else None


def _pairs(node: Node, field_name: str, match: Match, found: WrittenConfiguration, kind: str) -> Iterator[Matcher]:
    written_pairs = node.get(field_name)
    if written_pairs is None or written_pairs.is_null:
        return
    if written_pairs.shape is not Shape.MAPPING:
        found.doubt(written_pairs.origin, f"{field_name} is a {written_pairs.shape}, not a mapping", kind)
    for entry in written_pairs.entries:
        try:
            yield checked(Matcher(entry.key.text, match, entry.value.text))
        except NotAMatcher as error:
            found.doubt(entry.value.origin, str(error), kind)


def _lines(node: Node, field_name: str, found: WrittenConfiguration, kind: str) -> Iterator[Matcher]:
    for line in _listed(node, field_name, found, kind):
        try:
            yield from read_matchers(line.text)
        except NotAMatcher as error:
            found.doubt(line.origin, str(error), kind)


def _receivers(document: Node, found: WrittenConfiguration) -> Iterator[WrittenReceiver]:
    seen: set[str] = set()
    for node in _listed(document, "receivers", found, RECEIVER, ROUTE):
        name = node.get("name")
        if name is None or not name.text:
            found.doubt(node.origin, "a receiver without a name", RECEIVER, ROUTE)
        elif name.text in seen:
            reason = f"receiver {name.text} is defined twice; Alertmanager refuses such a file"
            found.doubt(name.origin, reason, RECEIVER, ROUTE)
        else:
            seen.add(name.text)
            yield WrittenReceiver(name, tuple(sorted(_integrations(node))))


def _integrations(receiver: Node) -> Iterator[str]:
    for entry in receiver.entries:
        if entry.key.text.endswith(_INTEGRATIONS) and entry.value.items:
            yield entry.key.text.removesuffix(_INTEGRATIONS)


def _inhibitions(document: Node, found: WrittenConfiguration) -> Iterator[WrittenInhibition]:
    taken: dict[str, int] = {}
    for node in _listed(document, "inhibit_rules", found, INHIBITION):
        if node.shape is not Shape.MAPPING:
            found.doubt(node.origin, f"an inhibition is a {node.shape}, not a mapping", INHIBITION)
            continue
        source, target = (route_matchers(node, found, side) for side in ("source", "target"))
        equal = tuple(sorted({item.text for item in _listed(node, "equal", found, INHIBITION)}))
        named = node.get("name")
        name = named.text if named is not None else f"{_conjunction(source)} mutes {_conjunction(target)}"
        yield WrittenInhibition(_counted(name, taken), node, source, target, equal)
