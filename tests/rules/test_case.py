"""Cases: each example inside a rule file becomes a night that the engine judges like any other."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from driftbot.core.body import Body
from driftbot.core.coverage import is_absent
from driftbot.core.fact import Provenance, View
from driftbot.core.finding import Verdict
from driftbot.core.quantity import NotAQuantity, Quantity, Unit
from driftbot.engine.evaluate import evaluate
from driftbot.rules.case import AS_OF, ENVIRONMENT, Case, samples
from driftbot.rules.document import SeriesShape
from driftbot.rules.reading import RuleBook, read_rules
from tests.rules.words import VOCABULARY

FIXTURES = Path(__file__).parents[2] / "fixtures" / "rules"
WORST = (Verdict.DRIFT, Verdict.UNKNOWN, Verdict.OK)


def book_of(path: Path) -> RuleBook:
    book = read_rules([Body(path.name, path.read_bytes())], VOCABULARY)
    assert book.problems == ()
    return book


def verdict(book: RuleBook, case: Case) -> Verdict | None:
    evaluation = evaluate(book.rules, VOCABULARY, case.snapshot)
    judged = [f for f in evaluation.findings if case.judged in ("", f.subject.name)]
    if judged:
        return min((found.verdict for found in judged), key=WORST.index)
    return Verdict.OK if evaluation.tallies[0].ok else None


@pytest.mark.parametrize("path", sorted(FIXTURES.glob("*.yaml")), ids=lambda path: path.stem)
def test_the_cases_of_the_example_rules_get_their_verdicts(path):
    book = book_of(path)
    told = {case.name: case.verdict and case.verdict.value for case in book.cases}
    found = {case.name: verdict(book, case) for case in book.cases}
    assert {name: entry and entry.value for name, entry in found.items()} == told


def the_case(text: str, kind: str = "job", labels: str = "") -> Case:
    content = f"""
id: a-rule
title: A title
reference: {{url: "https://example.org/", summary: It says so.}}
why: It happens.
severity: high
owner: somebody
for_each: {kind}
expect: '{labels or "true"}'
message: told
cases:
  - {text}
"""
    book = read_rules([Body("a-rule.yaml", content.encode())], VOCABULARY)
    assert book.problems == ()
    return book.cases[0]


def test_facts_come_in_every_view_with_their_provenance():
    case = the_case(
        "{name: a, facts: {retries: 3, enabled: true, image: 7, alerts.names: [b, a], restore.proved_at: 2026-01-01},"
        " effective: {retries: 4}, observed: {retries: 5}, approved: {retries: 6}, provenance: {retries: default},"
        " verdict: ok}"
    )
    values = {(fact.key, fact.view): fact.value for fact in case.snapshot.facts}
    assert [values["retries", view].value for view in View] == [3, 4, 5, 6]
    assert values["alerts.names", View.DECLARED] == ("a", "b")
    assert values["image", View.DECLARED] == "7"
    assert values["restore.proved_at", View.DECLARED] == AS_OF
    provenance = {fact.key: fact.provenance for fact in case.snapshot.facts}
    assert provenance["retries"] is Provenance.DEFAULT
    assert provenance["enabled"] is Provenance.EXPLICIT


def test_only_what_a_case_lists_is_absent():
    case = the_case("{name: a, absent: [retries], verdict: ok}", labels='self.labels.tier == "1"')
    absent = {key: is_absent(case.snapshot.coverage, ENVIRONMENT, "job", key) for key in ("retries", "replicas")}
    assert absent == {"retries": True, "replicas": False}
    assert is_absent(case.snapshot.coverage, ENVIRONMENT, "job", "labels.tier")


def test_calls_make_a_graph():
    case = the_case(
        "{name: a, calls: [{from: a, to: b, facts: {retries.max: 2}}, {from: b, to: c}], verdict: ok}", kind="path"
    )
    assert [subject.name for subject in case.snapshot.subjects()] == ["a->b", "b->c"]
    assert case.judged == ""


@pytest.mark.parametrize(
    ("shape", "first", "last", "number"),
    [
        ({"level": "40m", "over": "2d"}, 2400, 2400, 49),
        ({"from": "1h", "to": "2h", "over": "1d", "every": "6h"}, 3600, 7200, 5),
        ({"values": [1, "2s", 3.5], "every": "1d"}, 1, 3.5, 3),
        ({"level": 1, "over": "0s"}, 1, 1, 1),
    ],
)
def test_the_shapes_of_series(shape, first, last, number):
    times, values = samples(SeriesShape.model_validate(shape), Unit.SECONDS, 1e6)
    assert (values[0], values[-1], len(values)) == (first, last, number)
    assert times[-1] == 1e6
    assert (np.diff(times) > 0).all()


@pytest.mark.parametrize("shape", [{"level": "1Gi"}, {"level": 1, "every": "0s"}, {"level": 1, "over": "soon"}])
def test_shapes_that_make_no_series(shape):
    with pytest.raises(NotAQuantity):
        samples(SeriesShape.model_validate(shape), Unit.SECONDS, 0)


def test_quantities_of_cases_are_read_in_the_key_s_unit():
    case = the_case("{name: a, facts: {memory.limit: 1.5Gi, error.ratio: 85%}, verdict: ok}")
    assert {fact.value for fact in case.snapshot.facts} == {
        Quantity(1.5 * 1024**3, Unit.BYTES),
        Quantity(0.85, Unit.RATIO),
    }
