"""Whose an alert is: the services that its selectors mean, or all of them where it selects none."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

import promql_parser
from promql_parser import AggregateExpr, Expr

from driftbot.alerts.label_matcher import NotAMatcher, matches
from driftbot.promql.expression import NotPromQL, parse
from driftbot.promql.selector import Match, Matcher, Selector, selectors

Recorded = Mapping[str, tuple[str, ...]]
"""Expressions of recording rules by the metric they write."""

DEEPEST = 3
"""How many recording rules, one reading the next, are followed."""

_NAMED = re.compile(
    r"(?:\w+_)?(?:service|service_name|app|application|deployment|statefulset|daemonset|workload|workload_name|container"
    r"|app_kubernetes_io_name|backend|canonical_service)|job|release"
)
_PLACED = re.compile(r"(?:\w+_)?namespace")
_POD = re.compile(r"(?:\w+_)?pod(?:_name)?")
_TRIVIAL = frozenset({".*", ".+", ".*?", ""})

_SEEN_FROM_OUTSIDE = re.compile(r"kube_|container_|kubelet_|probe_|node_")
"""Metrics whose ``job`` and ``service`` name the exporter, not whom it is about."""

_OF_EVERYBODY = re.compile(
    r"container_|kube_(?:pod|deployment|statefulset|daemonset|horizontalpodautoscaler|job)_|kubelet_volume_stats_|http_|grpc_"
    r"|rpc_|istio_|envoy_(?:cluster|http)_|traefik_(?:service|backend)_|nginx_ingress_|haproxy_(?:backend|server)_|process_"
    r"|jvm_|go_|python_|nodejs_|dotnet_|aspnetcore_|hikaricp_|tomcat_|probe_|request|response|calls_total|duration_"
    r"|traces_spanmetrics_|up$"
)
"""Metrics that any service may have; others belong to the one software that has them."""


@dataclass(frozen=True)
class Identity:
    """By what labels mean a service: its names, the namespaces of its workloads, and the workloads' own names."""

    service: str
    names: frozenset[str]
    namespaces: frozenset[str] = frozenset()
    workloads: frozenset[str] = frozenset()

    @cached_property
    def pods(self) -> frozenset[str]:
        """A name for each way in which Kubernetes names the workloads' pods."""
        endings = ("", "-0", "-7d9f8b6c5d-x2x4z")
        return frozenset(f"{name}{ending}" for name in self.workloads for ending in endings)

    @cached_property
    def prefixes(self) -> frozenset[str]:
        """How metrics begin that only this service has."""
        found = {re.sub(r"\W", "_", name.rpartition("/")[2]) for name in self.names}
        of_others = (_OF_EVERYBODY, _SEEN_FROM_OUTSIDE)
        telling = (f"{name}_" for name in found if len(name) >= _SHORTEST_PREFIX)
        return frozenset(prefix for prefix in telling if not any(pattern.match(prefix) for pattern in of_others))


_SHORTEST_PREFIX = 4
"""Letters of a service's name that a metric of its own begins with (ours); shorter ones are also other words."""


class Reach(StrEnum):
    """Whether an alert is about a service: certainly, as one that is about all, or not."""

    OWN = "own"
    ALL = "all"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Scope:
    """Whom an alert is about.

    ``selectors`` hold its matchers that say whom, each selector's apart. ``generic``: it is about everybody whom those
    accept. ``metrics`` are what it reads, where neither says whom.
    """

    selectors: tuple[Selector, ...]
    generic: bool
    metrics: frozenset[str] = field(default_factory=frozenset)


def scope_of(expression: str, recorded: Recorded) -> Scope:
    """Whom an expression is about; recording rules are followed to what they read."""
    found = tuple(dict.fromkeys(_choosing(one) for one in _read(expression, recorded, DEEPEST)))
    telling = tuple(dict.fromkeys(Selector("", one.matchers) for one in found if one.matchers))
    universal = all(_OF_EVERYBODY.match(one.metric) for one in found) or _groups_by_whom(expression)
    certain = any(_certain(matcher) for one in telling for matcher in one.matchers)
    generic = bool(found) and universal and not certain
    return Scope(telling, generic, frozenset() if certain or generic else frozenset(one.metric for one in found))


class Directory:
    """The services of one environment, by all that an alert can mean them by; scopes are looked up once each."""

    def __init__(self, identities: Iterable[Identity]) -> None:
        self._identities = tuple(identities)
        self._by_name: dict[str, list[Identity]] = defaultdict(list)
        self._by_prefix: dict[str, list[Identity]] = defaultdict(list)
        self._known: dict[Scope, tuple[tuple[str, Reach], ...]] = {}
        for identity in self._identities:
            for name in sorted(identity.names | identity.workloads):
                self._by_name[name].append(identity)
            for prefix in sorted(identity.prefixes):
                self._by_prefix[prefix].append(identity)

    def meant(self, scope: Scope) -> tuple[tuple[str, Reach], ...]:
        """The services that an alert of this scope is about, each with how certainly; for one about everybody, all."""
        found = self._known.get(scope)
        if found is None:
            reached = ((identity.service, reach(scope, identity)) for identity in self._possible(scope))
            found = self._known[scope] = tuple(pair for pair in reached if pair[1] is not Reach.NONE)
        return found

    def _possible(self, scope: Scope) -> Iterable[Identity]:
        named = [
            matcher.value
            for one in scope.selectors
            for matcher in one.matchers
            if matcher.match is Match.EQUAL and _NAMED.fullmatch(matcher.label)
        ]
        if named:
            return self._by_name.get(named[0], ())
        if scope.selectors or scope.generic:
            return self._identities
        prefixes = {prefix for metric in scope.metrics for prefix in _beginnings(metric)}
        found = {one.service: one for prefix in sorted(prefixes) for one in self._by_prefix.get(prefix, ())}
        return found.values()


def reach(scope: Scope, identity: Identity) -> Reach:
    """Whether an alert of this scope is about the service."""
    if not all(_accepts(matcher, identity) for one in scope.selectors for matcher in one.matchers):
        return Reach.NONE
    if any(_certain(matcher) for one in scope.selectors for matcher in one.matchers):
        return Reach.OWN
    if scope.metrics and any(metric.startswith(prefix) for metric in scope.metrics for prefix in identity.prefixes):
        return Reach.OWN
    return Reach.ALL if scope.generic else Reach.NONE


def _beginnings(metric: str) -> Iterator[str]:
    return (metric[: place + 1] for place, letter in enumerate(metric) if letter == "_")


def _read(expression: str, recorded: Recorded, depth: int) -> Iterator[Selector]:
    try:
        found = selectors(parse(expression))
    except NotPromQL:
        return
    for one in found:
        inner = recorded.get(one.metric, ()) if depth else ()
        if inner:
            read = [each for text in inner for each in _read(text, recorded, depth - 1)]
            yield from (Selector(each.metric, (*each.matchers, *one.matchers), each.alternatives) for each in read)
        else:
            yield one


def _choosing(selector: Selector) -> Selector:
    outside = bool(_SEEN_FROM_OUTSIDE.match(selector.metric))
    kept = (one for one in selector.matchers if _is_about_whom(one.label) and not (outside and one.label in _EXPORTER))
    return Selector(selector.metric, tuple(one for one in kept if not _trivial(one)))


_EXPORTER = frozenset({"job", "service", "app", "application"})


def _is_about_whom(label: str) -> bool:
    return any(pattern.fullmatch(label) for pattern in (_NAMED, _PLACED, _POD))


def _trivial(matcher: Matcher) -> bool:
    return matcher.value in _TRIVIAL


def _certain(matcher: Matcher) -> bool:
    return matcher.match in {Match.EQUAL, Match.REGEX}


def _accepts(matcher: Matcher, identity: Identity) -> bool:
    if _PLACED.fullmatch(matcher.label):
        values = identity.namespaces
    elif _POD.fullmatch(matcher.label):
        values = identity.pods
    else:
        values = identity.names | identity.workloads
    try:
        found = [matches(matcher, value) for value in values]
    except NotAMatcher:
        return False
    return any(found) if _certain(matcher) else all(found)


def _groups_by_whom(expression: str) -> bool:
    groups: list[str] = []

    def look(node: Expr) -> None:
        if isinstance(node, AggregateExpr) and node.modifier is not None:
            by = node.modifier.type == type(node.modifier.type).By
            groups.extend(node.modifier.labels if by else ())

    try:
        promql_parser.walk(parse(expression), look)
    except NotPromQL:
        return False
    return any(_NAMED.fullmatch(label) and label != "job" for label in groups)
