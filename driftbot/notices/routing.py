"""Routing: which findings a channel is told of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from fnmatch import fnmatchcase

from driftbot.core.finding import Finding
from driftbot.core.ownership import owners
from driftbot.core.rule import Rule, Severity
from driftbot.notices.options import Route

Takes = Callable[[Finding, Rule | None], bool]
"""Whether a channel is told of a finding, given its rule (None: it is enabled no more)."""


def taking(routes: Sequence[Route]) -> Takes:
    """What any of the routes takes. What was asked about a name is remembered: an estate has few owners and rules."""
    if Route() in routes:
        return lambda _, __: True
    asked = [_taking(route) for route in routes]
    return lambda finding, rule: any(takes(finding, rule) for takes in asked)


def takes_owner(routes: Iterable[Route], owner: str) -> bool:
    """Whether any of the routes is for that owner, whatever else it asks for."""
    return any(fnmatchcase(owner, glob) for route in routes for glob in route.owners)


def _taking(route: Route) -> Takes:
    environment, rule_id, owner = _any_of(route.environments), _any_of(route.rules), _any_of(route.owners)
    labels = [(name, _any_of((glob,))) for name, glob in sorted(route.labels.items())]
    severe = frozenset(one for one in Severity if one.rank <= route.severity.rank)
    any_owner = "*" in route.owners

    def takes(finding: Finding, rule: Rule | None) -> bool:
        subject = finding.subject
        return (
            finding.severity in severe
            and environment(subject.environment)
            and rule_id(finding.rule)
            and (any_owner or any(map(owner, owners(finding, rule) or ("",))))
            and all((value := subject.label(name)) is not None and matches(value) for name, matches in labels)
        )

    return takes


def _any_of(globs: Sequence[str]) -> Callable[[str], bool]:
    """Whether a name matches any of the globs."""
    if "*" in globs:
        return lambda _: True
    known: dict[str, bool] = {}

    def matches(name: str) -> bool:
        found = known.get(name)
        if found is None:
            found = known[name] = any(fnmatchcase(name, glob) for glob in globs)
        return found

    return matches
