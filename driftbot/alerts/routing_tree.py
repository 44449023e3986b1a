"""The routing tree of Alertmanager: where alerts go, exactly or as far as their labels are known, and what hides what.

An alert takes the first child whose matchers it satisfies, and those after it where that child continues; it stays with
a route none of whose children takes it (https://prometheus.io/docs/alerting/latest/configuration/#route).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache

from driftbot.alerts.label_matcher import all_match, matches
from driftbot.alerts.label_space import no_alert_can, pinned
from driftbot.promql.selector import Match, Matcher


@dataclass(frozen=True, slots=True, eq=False)
class Route:
    """One route: its own matchers (all must hold), whether later siblings are asked as well, and its children."""

    name: str
    matchers: tuple[Matcher, ...] = ()
    continues: bool = False
    routes: tuple[Route, ...] = ()


class Certainty(IntEnum):
    """Whether something holds for an alert of which not every label is known."""

    NO = 0
    MAYBE = 1
    SURE = 2


@dataclass(frozen=True, slots=True)
class Reached:
    """How certain it is that an alert comes to a route, and that it stays there."""

    comes: Certainty
    stays: Certainty


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why no alert can reach a route.

    ``contradictory`` are matchers on the way to it that no label satisfies together; ``earlier`` the routes before it
    that take everything first.
    """

    contradictory: tuple[Matcher, ...] = ()
    earlier: tuple[Route, ...] = ()


def destinations(route: Route, labels: Mapping[str, str]) -> tuple[Route, ...]:
    """The routes that an alert with exactly these labels stays with, in the order in which they notify."""
    if not all_match(route.matchers, labels):
        return ()
    found: list[Route] = []
    for child in route.routes:
        taken = destinations(child, labels)
        found += taken
        if taken and not child.continues:
            break
    return tuple(found) or (route,)


def reach(route: Route, labels: Mapping[str, str]) -> dict[Route, Reached]:
    """The routes that an alert comes to, surely or maybe; it may have further labels than these.

    What is only maybe is not followed up: two doubts are taken to be independent.
    """
    found: dict[Route, Reached] = {}
    _visit(route, labels, matching(route.matchers, labels), found)
    return found


def matching(matchers: Sequence[Matcher], labels: Mapping[str, str]) -> Certainty:
    """Whether an alert that has at least these labels satisfies every matcher."""
    known = [matches(matcher, labels[matcher.label]) for matcher in matchers if matcher.label in labels]
    if not all(known):
        return Certainty.NO
    if len(known) == len(matchers):
        return Certainty.SURE
    return _of_any(tuple(matcher for matcher in matchers if matcher.label not in labels))


@lru_cache(maxsize=20_000)
def _of_any(asked: tuple[Matcher, ...]) -> Certainty:
    """Whether what is asked of unknown labels holds whatever they are, or never."""
    if no_alert_can(asked):
        return Certainty.NO
    return Certainty.SURE if no_alert_can((), (asked,)) else Certainty.MAYBE


def _visit(route: Route, labels: Mapping[str, str], comes: Certainty, found: dict[Route, Reached]) -> None:
    if not comes:
        return
    passing = stays = comes
    for child in route.routes:
        if not passing:
            break
        takes = matching(child.matchers, labels)
        _visit(child, labels, min(passing, takes), found)
        stays = _without(stays, takes)
        if not child.continues:
            passing = _without(passing, takes)
    found[route] = Reached(comes, stays)


def _without(certainty: Certainty, taken: Certainty) -> Certainty:
    """How certain it is that an alert is there and was not taken."""
    return min(certainty, Certainty(Certainty.SURE - taken))


def obstacles(root: Route) -> Iterator[tuple[Route, Obstacle]]:
    """Every route that provably no alert can reach, outermost first; what lies below one is not named again."""
    yield from _blocked(root, (), ())


def _blocked(route: Route, above: tuple[Matcher, ...], before: Iterable[Route]) -> Iterator[tuple[Route, Obstacle]]:
    """``above`` are the matchers of all routes above; ``before`` earlier ones, here and above, that end the way."""
    required = (*above, *route.matchers)
    obstacle = _obstacle(required, tuple(before))
    if obstacle is not None:
        yield route, obstacle
        return
    ending = _Ending(before)
    for child in route.routes:
        yield from _blocked(child, required, ending.that_may_take((*required, *child.matchers)))
        if not child.continues:
            ending.add(child)


class _Ending:
    """Routes that end the way of alerts, found by a value that they ask for: large trees have thousands of siblings."""

    def __init__(self, routes: Iterable[Route] = ()) -> None:
        self._asking: dict[str, dict[str, list[tuple[int, Route]]]] = {}
        self._others: list[tuple[int, Route]] = []
        self._count = 0
        for route in routes:
            self.add(route)

    def add(self, route: Route) -> None:
        """Take one more in, after all others."""
        self._count += 1
        asked = next((matcher for matcher in route.matchers if matcher.match is Match.EQUAL), None)
        held = self._others if asked is None else self._asking.setdefault(asked.label, {}).setdefault(asked.value, [])
        held.append((self._count, route))

    def that_may_take(self, required: tuple[Matcher, ...]) -> tuple[Route, ...]:
        """Those that do not surely leave alone what satisfies these matchers, in their order."""
        only = pinned(required)
        found = list(self._others)
        for label, by_value in self._asking.items():
            values = only.get(label, by_value.keys())
            found += [entry for value in values for entry in by_value.get(value, ())]
        return tuple(route for _, route in sorted(found, key=lambda entry: entry[0]))


def _obstacle(required: tuple[Matcher, ...], before: tuple[Route, ...]) -> Obstacle | None:
    if no_alert_can(required):
        return Obstacle(contradictory=_fewest(required))
    if not no_alert_can(required, (route.matchers for route in before)):
        return None
    alone = next((route for route in before if no_alert_can(required, (route.matchers,))), None)
    return Obstacle(earlier=(alone,) if alone else _needed(required, before))


def _fewest(required: tuple[Matcher, ...]) -> tuple[Matcher, ...]:
    """The matchers without those that the contradiction does not need."""
    kept = list(dict.fromkeys(required))
    for matcher in tuple(kept):
        rest = [one for one in kept if one is not matcher]
        if no_alert_can(rest):
            kept = rest
    return tuple(kept)


def _needed(required: tuple[Matcher, ...], before: tuple[Route, ...]) -> tuple[Route, ...]:
    """The earlier routes without those that the proof does not need."""
    kept = [route for route in before if not no_alert_can((*required, *route.matchers))]
    for route in tuple(kept):
        rest = [one for one in kept if one is not route]
        if no_alert_can(required, (one.matchers for one in rest)):
            kept = rest
    return tuple(kept)
