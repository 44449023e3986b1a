"""What patterns choose: values as rules read them, and findings that stand."""

from __future__ import annotations

import pytest

from driftbot.core.decision import Disagreement, Values, compares_with_approved, keys_of, matches, subject_matches
from driftbot.core.fact import Fact, View
from driftbot.core.finding import Evidence
from driftbot.core.quantity import Quantity, Unit
from driftbot.core.subject import Subject, SubjectId

CART = Subject("workload", "production", "shop/cart")


def fact(seconds: float, view: View = View.DECLARED, key: str = "timeout.request") -> Fact:
    return Fact(CART, key, Quantity(seconds, Unit.SECONDS), view)


def test_the_effective_value_counts_before_the_declared_and_that_before_the_observed():
    observed, declared, effective = fact(1, View.OBSERVED), fact(2), fact(3, View.EFFECTIVE)
    assert Values().chosen([observed, declared, effective]) == ((effective,), ())
    assert Values().chosen([observed, declared]) == ((declared,), ())
    assert Values().chosen([observed]) == ((observed,), ())
    assert Values().chosen([fact(4, View.APPROVED)]) == ((), ())


def test_two_files_that_disagree_are_no_value_and_two_that_agree_are_one():
    assert Values().chosen([fact(1), fact(1)]) == ((fact(1),), ())
    values, conflicts = Values().chosen([fact(1), fact(2)])
    assert (values, conflicts) == (
        (),
        (Disagreement(CART.id, "timeout.request", (fact(1).value, fact(2).value)),),
    )


@pytest.mark.parametrize(
    ("patterns", "chosen"),
    [((), True), (("shop/*",), True), (("workload:production/*",), True), (("*/mail",), False), (("shop",), False)],
)
def test_a_subject_is_chosen_by_its_whole_id_or_its_name(patterns, chosen):
    assert subject_matches(SubjectId("workload", "production", "shop/cart"), patterns) is chosen


def test_globs_take_dots():
    assert matches("timeout.request.max", ["timeout.*"])
    assert not matches("retries", ["timeout.*"])


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("self.timeout.request", ("timeout.request",)),
        ("timeout.request", ("timeout.request",)),
        ("declared.timeout.request", ("timeout.request",)),
        ('self.duration.max("30d")', ("duration",)),
        ("self.timeout.requests", ()),
        ("as_of", ()),
        ("self.since_approval.looser", ("expression", "hold")),
        ("since_approval.ambiguous", ("expression", "hold")),
    ],
)
def test_the_keys_that_evidence_names(name, keys):
    known = ["timeout.request", "duration", "replicas", "expression", "hold", "since_approval.looser"]
    assert keys_of([Evidence(name, None)], known) == keys


@pytest.mark.parametrize(
    ("evidence", "compares"),
    [
        (Evidence("self.hold", None, View.DECLARED), False),
        (Evidence("approved.hold", None), True),
        (Evidence("limit", None, View.APPROVED), True),
        (Evidence("self.since_approval.looser", None, View.OBSERVED), True),
    ],
)
def test_what_was_compared_since_its_approval_rests_on_an_approved_value(evidence, compares):
    assert compares_with_approved([evidence]) is compares
