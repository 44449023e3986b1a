"""Routes that nothing reaches, and why: with the fewest words that prove it."""

from __future__ import annotations

from driftbot.alerts.matcher_syntax import read_matchers, written
from driftbot.alerts.routing_tree import Certainty, Reached, Route, obstacles, reach


def route(line, *children, continues=False):
    return Route(line or "root", read_matchers(line), continues, children)


def blocked(*children):
    return {
        one.name: ([earlier.name for earlier in why.earlier], sorted(map(written, why.contradictory)))
        for one, why in obstacles(route("", *children))
    }


def test_one_that_takes_everything_is_named_alone():
    assert blocked(route("a=b"), route("x=~.*"), route("c=d"), route("a=b,c=d")) == {
        "c=d": (["x=~.*"], []),
        "a=b,c=d": (["a=b"], []),
    }


def test_several_that_take_everything_together_are_named_without_the_others():
    assert blocked(route("team=web"), route("severity=page"), route("severity!=page"), route("team=db")) == {
        "team=db": (["severity=page", "severity!=page"], [])
    }


def test_what_continues_takes_nothing_away():
    assert blocked(route("a=b", continues=True), route("a=b")) == {}


def test_a_route_may_be_shadowed_by_a_sibling_of_its_parent():
    assert blocked(
        route("team=db,severity=page"), route("team=db", route("severity=page"), route("severity=info"))
    ) == {"severity=page": (["team=db,severity=page"], [])}


def test_matchers_that_exclude_each_other_stand_without_the_others():
    assert blocked(route("team=db,zone=eu", route('severity=page,team=~"web|cart"'))) == {
        'severity=page,team=~"web|cart"': ([], ['team="db"', 'team=~"web|cart"'])
    }


def test_what_lies_below_an_unreachable_route_is_not_named_again():
    assert set(blocked(route("a=b"), route("a=b,c=d", route("e=f")))) == {"a=b,c=d"}


def test_an_alert_whose_labels_are_not_all_known_comes_maybe():
    page, db, rest = route("severity=page"), route("team=db", continues=True), route("zone=eu")
    root = route("", page, db, rest)
    sure, maybe = Certainty.SURE, Certainty.MAYBE
    assert reach(root, {"severity": "page"}) == {root: Reached(sure, Certainty.NO), page: Reached(sure, sure)}
    assert reach(root, {"severity": "info", "team": "db"}) == {
        root: Reached(sure, Certainty.NO),
        db: Reached(sure, sure),
        rest: Reached(maybe, maybe),
    }
    assert reach(root, {"team": "web", "zone": "us"}) == {root: Reached(sure, maybe), page: Reached(maybe, maybe)}
