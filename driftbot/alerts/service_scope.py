"""Whose an alert is: the services that its selectors mean, or all of them where it selects none."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

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


@dataclass(frozen=True, slots=True)
class Identity:
    """By what labels mean a service: its names, the namespaces of its workloads, and the workloads' own names."""

    service: str
    names: frozenset[str]
    namespaces: frozenset[str] = frozenset()
    workloads: frozenset[str] = frozenset()

    @property
    def pods(self) -> frozenset[str]:
        """A name for each way in which Kubernetes names the workloads' pods."""
        endings = ("", "-0", "-7d9f8b6c5d-x2x4z")
        return frozenset(f"{name}{ending}" for name in self.workloads for ending in endings)

    @property
    def prefixes(self) -> frozenset[str]:
        """How metrics begin that only this service has."""
        found = {re.sub(r"\W", "_", name.rpartition("/")[2]) for name in self.names}
        return frozenset(f"{name}_" for name in found if len(name) >= _SHORTEST_PREFIX)


_SHORTEST_PREFIX = 5


class Reach(StrEnum):
    """Whether an alert is about a service: certainly, as one that is about all, or not."""

    OWN = "own"
    ALL = "all"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Scope:
    """The matchers of an alert that say whom it is about, each selector's apart; ``generic``: it is about everybody."""

    selectors: tuple[Selector, ...]
    generic: bool
    metrics: frozenset[str] = field(default_factory=frozenset)


def scope_of(expression: str, recorded: Recorded) -> Scope:
    """Whom an expression is about; recording rules are followed to what they read."""
    found = tuple(dict.fromkeys(_choosing(one) for one in _read(expression, recorded, DEEPEST)))
    telling = tuple(one for one in found if one.matchers)
    universal = all(_OF_EVERYBODY.match(one.metric) for one in found) or _groups_by_whom(expression)
    certain = any(_certain(matcher) for one in telling for matcher in one.matchers)
    return Scope(telling, bool(found) and universal and not certain, frozenset(one.metric for one in found))


def reach(scope: Scope, identity: Identity) -> Reach:
    """Whether the alert is about the service."""
    accepted = [all(_accepts(matcher, identity) for matcher in one.matchers) for one in scope.selectors]
    if not all(accepted):
        return Reach.NONE
    if any(_certain(matcher) for one in scope.selectors for matcher in one.matchers):
        return Reach.OWN
    if any(metric.startswith(prefix) for metric in scope.metrics for prefix in identity.prefixes):
        return Reach.OWN
    return Reach.ALL if scope.generic else Reach.NONE


def possible(
    scope: Scope, by_name: Mapping[str, Iterable[Identity]], everybody: Iterable[Identity]
) -> Iterator[Identity]:
    """The services that the scope may mean: few where it names one, else everybody."""
    named = [
        matcher.value
        for one in scope.selectors
        for matcher in one.matchers
        if matcher.match is Match.EQUAL and _NAMED.fullmatch(matcher.label) and matcher.value
    ]
    yield from (by_name.get(named[0], ()) if named else everybody)


def by_name(identities: Iterable[Identity]) -> dict[str, list[Identity]]:
    """The services by every name that a label may have for them."""
    found: dict[str, list[Identity]] = defaultdict(list)
    for identity in identities:
        for name in sorted(identity.names | identity.workloads):
            found[name].append(identity)
    return found


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
