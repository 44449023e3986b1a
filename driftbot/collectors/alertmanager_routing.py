"""What a configuration of Alertmanager says of its routes, receivers and inhibitions, as keys and facts. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from driftbot.alerts import inhibition as muting
from driftbot.alerts.inhibition import Inhibition
from driftbot.alerts.matcher_syntax import written
from driftbot.alerts.routing_tree import Obstacle, Route, obstacles
from driftbot.collectors.alertmanager_configuration import (
    CONFIGURED,
    INHIBITION,
    RECEIVER,
    ROUTE,
    WrittenConfiguration,
    WrittenInhibition,
    WrittenReceiver,
    WrittenRoute,
)
from driftbot.collectors.statement import PLACEHOLDER, Statement
from driftbot.core.coverage import Gap
from driftbot.core.fact import Fact, Origin, Provenance
from driftbot.core.key import Key, ValueType
from driftbot.core.quantity import NotAQuantity, Quantity, Unit, parse_quantity
from driftbot.core.subject import Subject, labels_of
from driftbot.documents.node import Node
from driftbot.promql.selector import Match, Matcher

KIND = "alertmanager"

_BY = (KIND,)
_TIMING = {"group_wait": 30.0, "group_interval": 300.0, "repeat_interval": 14_400.0}
"""Seconds that hold where no route says otherwise (https://prometheus.io/docs/alerting/latest/configuration/#route)."""
_OWNERS = ("owner", "team")

KEYS = (
    Key(ROUTE, "receiver", ValueType.TEXT, "who is notified of alerts that stay with the route", None, _BY),
    Key(ROUTE, "matchers", ValueType.NAMES, "its own matchers, all of which an alert must satisfy", None, _BY),
    Key(ROUTE, "parent", ValueType.TEXT, "the route it stands under; the root has none", None, _BY),
    Key(ROUTE, "position", ValueType.QUANTITY, "its number among its siblings, from 1", Unit.COUNT, _BY),
    Key(ROUTE, "continues", ValueType.FLAG, "whether later siblings get its alerts as well", None, _BY),
    Key(ROUTE, "group_by", ValueType.NAMES, "the labels by which its alerts are put into one message", None, _BY),
    Key(ROUTE, "group_wait", ValueType.QUANTITY, "time before the first message of a group", Unit.SECONDS, _BY),
    Key(ROUTE, "group_interval", ValueType.QUANTITY, "time between messages of a changed group", Unit.SECONDS, _BY),
    Key(ROUTE, "repeat_interval", ValueType.QUANTITY, "time until an unchanged message is repeated", Unit.SECONDS, _BY),
    Key(
        ROUTE,
        "time_intervals",
        ValueType.NAMES,
        "when it notifies (`active NAME`) and does not (`mute NAME`)",
        None,
        _BY,
    ),
    Key(
        ROUTE,
        "undefined",
        ValueType.NAMES,
        "the receiver and time intervals it names that the configuration does not define",
        None,
        _BY,
    ),
    Key(
        ROUTE,
        "integrations",
        ValueType.NAMES,
        "the ways in which its receiver notifies (slack, email, …); none: nobody hears of its alerts",
        None,
        _BY,
    ),
    Key(
        ROUTE,
        "contradictory",
        ValueType.NAMES,
        "matchers on the way to it that no alert can satisfy together; none where that is not proved",
        None,
        _BY,
    ),
    Key(
        ROUTE,
        "shadowed_by",
        ValueType.NAMES,
        "earlier routes without `continue` that take every alert it could get; none where that is not proved",
        None,
        _BY,
    ),
    Key(RECEIVER, "integrations", ValueType.NAMES, "the ways in which it notifies (slack, email, …)", None, _BY),
    Key(RECEIVER, "routes", ValueType.NAMES, "the routes that name it or inherit it", None, _BY),
    Key(INHIBITION, "source", ValueType.NAMES, "matchers of the alerts that mute", None, _BY),
    Key(INHIBITION, "target", ValueType.NAMES, "matchers of the alerts that are muted", None, _BY),
    Key(
        INHIBITION,
        "target_labels",
        ValueType.NAMES,
        "the labels of which the target's matchers name values, by `=` or `=~` (not by `.*` or `.+` alone)",
        None,
        _BY,
    ),
    Key(INHIBITION, "equal", ValueType.NAMES, "labels whose values must be the same on both sides", None, _BY),
    Key(INHIBITION, "mutes_everything", ValueType.FLAG, "whether its target side matches every alert", None, _BY),
    Key(
        INHIBITION,
        "mutes_nothing",
        ValueType.FLAG,
        "whether it provably never mutes: a side matches nothing, or what matches one side always matches the other",
        None,
        _BY,
    ),
)


def state_configuration(
    found: WrittenConfiguration, environment: str, cluster: str
) -> tuple[list[Fact], dict[str, list[Gap]]]:
    """What a configuration declares of its routes, receivers and inhibitions, and the gaps in it by kind of subject."""
    statements = list(_Speaker(found, environment, cluster).statements())
    gaps: dict[str, list[Gap]] = {kind: [] for kind in CONFIGURED}
    for kind, gap in found.gaps:
        gaps[kind].append(gap)
    for statement in statements:
        gaps[statement.subject.kind] += statement.gaps
    return [fact for statement in statements for fact in statement.facts], gaps


def subject(kind: str, environment: str, cluster: str, name: str, labels: Mapping[str, str]) -> Subject:
    """The subject of this name; that of a named cluster is called after it."""
    if not cluster:
        return Subject(kind, environment, name, labels_of(labels))
    return Subject(kind, environment, f"{cluster}: {name}", labels_of({**labels, "cluster": cluster}))


class _Speaker:
    """States one configuration."""

    def __init__(self, found: WrittenConfiguration, environment: str, cluster: str) -> None:
        self._found, self._environment, self._cluster = found, environment, cluster
        self._integrations = {receiver.name.text: receiver.integrations for receiver in found.receivers}

    def statements(self) -> Iterator[Statement]:
        """Everything, in the order of the file."""
        root = self._found.root
        if root is None:
            return
        blocked = {route.name: obstacle for route, obstacle in obstacles(_tree(root))}
        users: dict[str, set[str]] = {}
        for route in root.walk():
            receiver, _ = route.setting("receiver")
            if receiver is not None:
                users.setdefault(receiver.text, set()).add(self._name(route))
            yield self._route(route, blocked.get(route.name, Obstacle()))
        yield from (self._receiver(receiver, users) for receiver in self._found.receivers)
        yield from (self._inhibition(inhibition) for inhibition in self._found.inhibitions)

    def _subject(self, kind: str, name: str, labels: Mapping[str, str]) -> Subject:
        return subject(kind, self._environment, self._cluster, name, labels)

    def _name(self, route: WrittenRoute) -> str:
        return self._subject(ROUTE, route.name, {}).name

    def _route(self, route: WrittenRoute, obstacle: Obstacle) -> Statement:
        receiver, _ = route.setting("receiver")
        named = {} if receiver is None else {"receiver": receiver.text}
        say = Statement(self._subject(ROUTE, route.name, {**_owners(route), **named}))
        self._place(say, route)
        self._timing(say, route)
        intervals = list(_intervals(route))
        say.names("time_intervals", (f"{how} {node.text}" for how, node in intervals), route.node, bool(intervals))
        self._destination(say, route, [node for _, node in intervals])
        say.names("contradictory", map(written, obstacle.contradictory), _matchers_of(route))
        earlier = (self._subject(ROUTE, one.name, {}).name for one in obstacle.earlier)
        say.names("shadowed_by", earlier, _matchers_of(route))
        return say

    def _destination(self, say: Statement, route: WrittenRoute, intervals: Iterable[Node]) -> None:
        """Whom it notifies and how; a name that a template would still replace is a gap where it stands."""
        receiver, inherited = route.setting("receiver")
        undefined = [f"time interval {node.text}" for node in intervals if node.text not in self._found.intervals]
        if receiver is not None and PLACEHOLDER.search(receiver.text):
            if not inherited:
                say.doubt(receiver, f"receiver: {receiver.raw[:80]} is a placeholder; read the rendered file")
            return
        if receiver is None:
            undefined += ["a receiver (it names none)"] if route.parent is None else []
        else:
            say.state("receiver", receiver.text, receiver, _provenance(inherited))
            if receiver.text in self._integrations:
                say.names("integrations", self._integrations[receiver.text], receiver)
            elif not inherited:
                undefined.append(f"receiver {receiver.text}")
        say.names("undefined", undefined, route.node if inherited or receiver is None else receiver)

    def _place(self, say: Statement, route: WrittenRoute) -> None:
        if route.matchers is not None:
            say.names("matchers", map(written, route.matchers), _matchers_of(route), bool(route.matchers))
        if route.parent is not None:
            say.state("parent", self._name(route.parent), route.node)
        say.state("position", Quantity(float(route.position), Unit.COUNT), route.node)
        say.flag("continues", route.node, "continue", default=False)

    def _timing(self, say: Statement, route: WrittenRoute) -> None:
        grouping, inherited = route.setting("group_by")
        if grouping is not None:
            names = (item.text for item in grouping.items)
            fact = say.names("group_by", names, grouping)
            say.facts[-1] = replace(fact, provenance=_provenance(inherited))
        for key, default in _TIMING.items():
            node, inherited = route.setting(key)
            if node is None:
                say.state(key, Quantity(default, Unit.SECONDS), _start(route.node), Provenance.DEFAULT)
                continue
            try:
                say.state(key, parse_quantity(node.text, Unit.SECONDS), node, _provenance(inherited))
            except NotAQuantity as error:
                if not inherited:
                    say.doubt(node, f"{key}: {error}")

    def _receiver(self, receiver: WrittenReceiver, users: Mapping[str, Iterable[str]]) -> Statement:
        say = Statement(self._subject(RECEIVER, receiver.name.text, {}))
        say.names("integrations", receiver.integrations, receiver.name)
        say.names("routes", users.get(receiver.name.text, ()), receiver.name)
        return say

    def _inhibition(self, inhibition: WrittenInhibition) -> Statement:
        node, source, target = inhibition.node, inhibition.source, inhibition.target
        say = Statement(self._subject(INHIBITION, inhibition.name, {}))
        say.names("equal", inhibition.equal, node.get("equal") or node, "equal" in node.members)
        for key, side in (("source", source), ("target", target)):
            if side is not None:
                say.names(key, map(written, side), _side(node, key))
        if target is not None:
            say.names(
                "target_labels", (matcher.label for matcher in target if _names_values(matcher)), _side(node, "target")
            )
        if source is not None and target is not None:
            rule = Inhibition(source, target, inhibition.equal)
            say.state("mutes_everything", muting.mutes_everything(rule), _side(node, "target"))
            say.state("mutes_nothing", muting.mutes_nothing(rule), node)
        return say


def _names_values(matcher: Matcher) -> bool:
    """Whether it names values of its label, rather than excluding some or asking that there be one."""
    return matcher.match in {Match.EQUAL, Match.REGEX} and matcher.value not in {"", ".*", ".+"}


def _tree(route: WrittenRoute) -> Route:
    """The route as a value; one whose matchers cannot be read is taken to stop nothing."""
    readable = route.matchers is not None
    continues = route.node.get("continue")
    goes_on = not readable or (continues is not None and continues.value is True)
    return Route(route.name, route.matchers or (), goes_on, tuple(_tree(child) for child in route.children))


def _owners(route: WrittenRoute) -> dict[str, str]:
    """The owner whom a route's own matchers name."""
    return {
        matcher.label: matcher.value
        for matcher in route.matchers or ()
        if matcher.label in _OWNERS and matcher.match is Match.EQUAL and matcher.value
    }


def _intervals(route: WrittenRoute) -> Iterator[tuple[str, Node]]:
    """Time intervals are a route's own: they are not inherited."""
    for how in ("active", "mute"):
        node = route.node.get(f"{how}_time_intervals")
        for item in node.items if node is not None else ():
            yield how, item


def _matchers_of(route: WrittenRoute) -> Node:
    return _first(route.node, "matchers", "match", "match_re")


def _side(node: Node, side: str) -> Node:
    return _first(node, f"{side}_matchers", f"{side}_match", f"{side}_match_re")


def _first(node: Node, *names: str) -> Node:
    """Where the first of these settings stands; the whole where none of them does."""
    found = (node.get(name) for name in names)
    return next((one for one in found if one is not None and not one.is_null), node)


def _provenance(inherited: bool) -> Provenance:
    return Provenance.INHERITED if inherited else Provenance.EXPLICIT


def _start(node: Node) -> Origin:
    at = node.origin
    return Origin(at.source, at.locator, at.line, at.column, at.start, at.start)
