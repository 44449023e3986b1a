"""Since approval: what was approved against what is in force; one change is one finding, the unknown is not judged."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from driftbot.alerts.approval import derivation
from driftbot.alerts.estate import Estate
from driftbot.core.coverage import Coverage, Gap
from driftbot.core.fact import Fact, Origin, Provenance, Value, View
from driftbot.core.quantity import Quantity, Unit
from driftbot.core.subject import Subject

AS_OF = datetime(2026, 1, 1, tzinfo=UTC)
ALERT = Subject("alert", "production", "HostDown")
LOOKED = Coverage("files", "production", "alert")
FILE = Origin("files", "a.yaml", 3)


def seconds(value: float) -> Quantity:
    return Quantity(value, Unit.SECONDS)


def said(view: View, **parts: Value) -> tuple[Fact, ...]:
    return tuple(Fact(ALERT, key, value, view, origin=FILE) for key, value in parts.items())


def of_condition(number: int, **parts: Value) -> tuple[Fact, ...]:
    subject = Subject("condition", "production", f"HostDown/{number}")
    return tuple(Fact(subject, key, value, View.APPROVED) for key, value in parts.items())


def limit(value: float) -> Quantity:
    return Quantity(value, Unit.COUNT)


def since(
    *facts: tuple[Fact, ...], approved: tuple[Fact, ...] = (), coverage: Coverage = LOOKED
) -> dict[str, tuple[str, ...]]:
    estate = Estate(AS_OF, tuple(fact for part in facts for fact in part), approved, (coverage,))
    found = list(derivation.derive(estate))
    assert {fact.subject for fact in found} <= {ALERT}
    assert {(fact.view, fact.provenance) for fact in found} <= {(View.OBSERVED, Provenance.DERIVED)}
    return {fact.key.removeprefix("since_approval."): fact.value for fact in found if isinstance(fact.value, tuple)}


NOTHING: dict[str, tuple[str, ...]] = {"looser": (), "stricter": (), "ambiguous": ()}
TODAY = said(View.DECLARED, expression="x > 6", hold=seconds(900), severity="page", routing=("team=a",))


@pytest.mark.parametrize(
    ("approved", "found"),
    [
        pytest.param((), {}, id="nothing approved"),
        pytest.param(said(View.APPROVED, hold=seconds(300)), {"looser": ("for 5m → 15m",)}, id="a longer for"),
        pytest.param(said(View.APPROVED, hold=seconds(1800)), {"stricter": ("for 30m → 15m",)}, id="a shorter for"),
        pytest.param(said(View.APPROVED, severity="info"), {"stricter": ("severity info → page",)}, id="louder"),
        pytest.param(said(View.APPROVED, expression="x > 5"), {"looser": ("threshold of x: 5 → 6",)}, id="threshold"),
        pytest.param(said(View.APPROVED, expression="6 < x"), {}, id="only another text"),
        pytest.param(
            said(View.APPROVED, routing=("team=b",)),
            {"ambiguous": ("routing team=b → team=a (labels decide who is told)",)},
            id="routing",
        ),
        pytest.param(
            (*said(View.APPROVED, expression="x > 5"), *of_condition(1, threshold=limit(5))),
            {},
            id="a threshold that another rule judges",
        ),
        pytest.param(
            (*said(View.APPROVED, expression="x >= 5"), *of_condition(1, threshold=limit(5))),
            {"looser": ("comparison of x: >= → >",)},
            id="the operator beside it, of which nothing was approved",
        ),
        pytest.param(
            (*said(View.APPROVED, expression="x >= 5"), *of_condition(1, threshold=limit(5), comparison=">=")),
            {},
            id="an operator that another rule judges",
        ),
        pytest.param(of_condition(1, threshold=limit(5)), {}, id="only a condition, which another rule judges"),
        pytest.param(of_condition(1, comparison=">="), {"looser": ("comparison of x: >= → >",)}, id="only an operator"),
        pytest.param(of_condition(4, threshold=limit(5)), {}, id="a condition that is not there"),
    ],
)
def test_what_changed_since_it_was_approved(approved, found):
    assert since(TODAY, approved=approved) == {**NOTHING, **found}


def test_a_threshold_under_unless_is_judged_here_because_there_more_is_stricter():
    today = said(View.DECLARED, expression="a > 1 unless b > 3")
    for approved in (
        of_condition(2, threshold=limit(4)),
        (*said(View.APPROVED, expression="a > 1 unless b > 4"), *of_condition(2, threshold=limit(4))),
    ):
        assert since(today, approved=approved)["looser"] == ("threshold of b: 4 → 3",)


def test_an_approval_written_without_its_unit_is_held_against_here():
    assert since(TODAY, approved=of_condition(1, threshold="5"))["looser"] == ("threshold of x: 5 → 6",)
    assert since(TODAY, approved=said(View.APPROVED, hold="5m"))["looser"] == ("for 5m → 15m",)
    assert since(TODAY, approved=said(View.APPROVED, hold="a while")) == {}


def test_what_runs_counts_before_what_a_file_says():
    approved = said(View.APPROVED, hold=seconds(900), severity="page", keep_firing=seconds(60))
    runs = said(View.EFFECTIVE, expression="x > 6", hold=seconds(1800))
    declared = said(View.DECLARED, expression="x > 6", hold=seconds(900), severity="page", keep_firing=seconds(60))
    found = since(declared, runs, approved=approved)
    assert found["looser"] == ("for 15m → 30m",)
    told = "severity page → nothing (one of them states no severity)"
    assert found["ambiguous"] == (told,), "it runs without a label"


def test_what_cannot_be_compared_is_not_stated():
    approved = said(View.APPROVED, expression="x > 5")
    assert since(said(View.DECLARED, hold=seconds(60)), approved=approved) == {}
    assert (
        since(said(View.DECLARED, expression="x > 5"), said(View.DECLARED, expression="x > 6"), approved=approved) == {}
    )
    assert since(TODAY, approved=said(View.APPROVED, expression="x >")) == {}
    twice = (*said(View.DECLARED, hold=seconds(60)), *said(View.DECLARED, hold=seconds(90)))
    assert since(said(View.DECLARED, expression="x > 5"), twice, approved=approved) == NOTHING, "nobody approved that"
    assert since(said(View.DECLARED, expression="x > 5"), twice, approved=said(View.APPROVED, hold=seconds(60))) == {}


@pytest.mark.parametrize("approved", [said(View.APPROVED, hold=seconds(60)), of_condition(1, threshold=limit(5))])
def test_an_approved_alert_that_is_gone_is_looser_where_everybody_looked(approved):
    assert since(approved=approved) == {**NOTHING, "looser": ("alert HostDown gone",)}
    gap = Coverage("files", "production", "alert", gaps=(Gap(Origin("files", "b.yaml"), "broken"),))
    assert since(approved=approved, coverage=gap) == {}
    assert since(approved=approved, coverage=Coverage("files", "staging", "alert")) == {}


def test_what_is_only_observed_is_no_alert_that_is_gone():
    assert since(said(View.OBSERVED, firing=limit(1))) == {}


def test_it_names_the_file_and_not_the_server():
    runs = tuple(Fact(ALERT, "expression", "x > 6", View.EFFECTIVE, origin=Origin("server", "http://a")) for _ in "1")
    found = list(derivation.derive(Estate(AS_OF, (*runs, *TODAY), said(View.APPROVED, expression="x > 5"))))
    assert {fact.origin for fact in found} == {FILE}
