"""Proofs over all labels against every combination of values that could tell matchers apart."""

from __future__ import annotations

import re
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftbot.alerts.label_matcher import all_match
from driftbot.alerts.label_space import no_alert_can, spelt
from driftbot.alerts.matcher_syntax import read_matchers
from driftbot.promql.selector import Match, Matcher

SPELT = ["a", "b", "a|b", "", ".*", ".+", "a.*", "ab.*|c", "(a|c)", "^b$", r"a\.b"]
OPAQUE = [".*b", "[ab]", "a.b", "a?", "(?i)A", "a.*b"]
VALUES = ["", "a", "b", "c", "ab", "abc", "a.b", "axb", "azz", "zzz", "A", "zb"]


def matchers(regexes: list[str]) -> st.SearchStrategy[Matcher]:
    label = st.sampled_from(["x", "y"])
    plain = st.builds(Matcher, label, st.sampled_from([Match.EQUAL, Match.NOT_EQUAL]), st.sampled_from(["", "a", "ab"]))
    regex = st.builds(Matcher, label, st.sampled_from([Match.REGEX, Match.NOT_REGEX]), st.sampled_from(regexes))
    return plain | regex


def conjunctions(regexes: list[str]) -> st.SearchStrategy[list[Matcher]]:
    return st.lists(matchers(regexes), max_size=3)


def some_alert_can(required, excluded):
    return any(
        all_match(required, labels) and not any(all_match(one, labels) for one in excluded)
        for labels in ({"x": x, "y": y} for x, y in product(VALUES, repeat=2))
    )


@given(conjunctions(SPELT), st.lists(conjunctions(SPELT), max_size=4))
def test_what_expressions_spell_out_is_decided_exactly(required, excluded):
    assert no_alert_can(required, excluded) is not some_alert_can(required, excluded)


@given(conjunctions(SPELT + OPAQUE), st.lists(conjunctions(SPELT + OPAQUE), max_size=4))
def test_a_proof_holds_for_every_alert(required, excluded):
    if no_alert_can(required, excluded):
        assert not some_alert_can(required, excluded)


@pytest.mark.parametrize(
    ("text", "proved"),
    [
        ("a=x,a=y", True),
        ('a="",a=~".+"', True),
        ("a=~x|y,a!=x,a!=y", True),
        ("a=~Kube.*,a=~Node.*", True),
        ("a=~Kube.*,a!=Kube", False),
        ("a=~Kube.*,a!~KubePod.*", False),
        ("a=~KubePod.*,a!~Kube.*", True),
        ("a=~[xy],a!~[xy]", True),
        ("a=~[xy],a!~[xyz]", False),
        ("a=x,b=y", False),
        ("", False),
    ],
)
def test_matchers_that_exclude_each_other(text, proved):
    assert no_alert_can(read_matchers(text)) is proved


@pytest.mark.parametrize(
    ("text", "universal"), [("", True), ("a=~.*", True), ("a=~.+", False), ("a!=x", False), ("a=~[x]*", False)]
)
def test_matchers_that_every_alert_satisfies(text, universal):
    assert no_alert_can((), (read_matchers(text),)) is universal


def test_more_opaque_expressions_than_are_tried_prove_nothing_wrong():
    required = [Matcher("a", Match.REGEX, f"[a-{letter}].*z") for letter in "bcdefghijk"]
    assert not no_alert_can(required)
    assert not no_alert_can(required[:9], [[required[9]]])


def test_two_thousand_siblings_are_told_apart():
    siblings = [[Matcher("team", Match.EQUAL, f"team-{number}")] for number in range(2_000)]
    assert no_alert_can(siblings[1_000], siblings)
    assert not no_alert_can((), siblings)
    assert not no_alert_can([Matcher("severity", Match.EQUAL, "page")], [*siblings, [Matcher("a", Match.EQUAL, "b")]])


@given(st.lists(st.lists(st.sampled_from("xyz"), min_size=3, max_size=3), max_size=60))
def test_a_search_that_is_too_long_proves_nothing(clauses):
    """Whatever the clauses, it ends."""
    excluded = [[Matcher(f"{label}{n}", Match.EQUAL, label) for n, label in enumerate(one)] for one in clauses]
    assert no_alert_can((), excluded) in (True, False)


@pytest.mark.parametrize("pattern", ["a", "a|b", "a.*", "(a|b)", "(?:a)", "^a$", r"a\.b|c", "", ".*", ".+", "a.+"])
def test_what_is_spelt_out_matches_itself(pattern):
    for literal, more in spelt(pattern):
        assert re.fullmatch(pattern, literal + ("more" if more else ""))


@pytest.mark.parametrize(
    "pattern", ["[a]", "a?", "(a)(b)", "(?i)a", "^a|b$", "a.b", ".*a", "a{2}", r"a\d", "a.*?", "(a|b)c"]
)
def test_what_is_not_spelt_out_is_opaque(pattern):
    assert spelt(pattern) is None
