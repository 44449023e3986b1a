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
from driftbot.rules.case import AS_OF, ENVIRONMENT, Case
from driftbot.rules.case_series import release_times, samples
from driftbot.rules.document import Rhythm, SeriesShape
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


DAY = 86400.0


def drawn(releases: np.ndarray | None = None, **shape: object) -> tuple[np.ndarray, np.ndarray]:
    whole = {"level": 100, "over": "10d", **shape}
    return samples(SeriesShape.model_validate(whole), Unit.SECONDS, 10 * DAY, releases)


@pytest.mark.parametrize(
    ("shape", "first", "last"),
    [
        ({"growth": "1%"}, 100, 110),
        ({"growth": "1%", "since": "5d"}, 100, 105),
        ({"steps": {"5d": "10%"}}, 100, 110),
        ({"steps": {"5d": "10%", "2d": "-50%"}}, 100, 55),
        ({"per_release": "10%"}, 100, 121),
        ({"per_release": "10%", "since": "3d"}, 100, 110),
        ({"from": 100, "to": 200, "level": None, "steps": {"5d": "10%"}}, 100, 220),
        ({"season": "10%"}, 100, 100),
    ],
)
def test_what_real_series_have_multiplies(shape, first, last):
    _, values = drawn(np.array([6.0, 8.0]) * DAY, **shape)
    np.testing.assert_allclose((values[0], values[-1]), (first, last))


def test_a_season_swings_over_each_day():
    _, values = drawn(season="10%")
    np.testing.assert_allclose((values.min(), values.max()), (90, 110))
    np.testing.assert_allclose(values[:24], values[24:48])


def test_noise_is_the_same_every_time_and_another_with_another_seed():
    _, one = drawn(noise="4%")
    _, same = drawn(noise="4%")
    _, other = drawn(noise="4%", seed=2)
    np.testing.assert_array_equal(one, same)
    assert (one != other).mean() > 0.9
    assert abs(np.median(one) - 100) < 1 and (one > 0).all()


@pytest.mark.parametrize(
    ("shape", "said"),
    [
        ({"values": [1, 2], "level": None, "noise": "4%"}, "taken as they are"),
        ({"since": "3d"}, "there is none"),
        ({"noise": "a lot"}, "not a quantity"),
        ({"steps": {"soon": "10%"}}, "not a quantity"),
        ({"per_release": "1e308"}, "beyond all numbers"),
    ],
)
def test_shapes_that_are_no_series_say_so(shape, said):
    with pytest.raises(ValueError, match=said):
        drawn(np.array([6.0, 8.0]) * DAY, **shape)


def test_releases_are_listed_or_come_in_a_rhythm():
    np.testing.assert_array_equal(release_times(["1d", "3d"], 10 * DAY), [7 * DAY, 9 * DAY])
    rhythm = Rhythm(every="7d", over="21d", ago="2d")
    np.testing.assert_array_equal(release_times(rhythm, 30 * DAY), [14 * DAY, 21 * DAY, 28 * DAY])
    with pytest.raises(NotAQuantity, match="positive steps"):
        release_times(Rhythm(every="0s"), 0.0)


def test_a_case_has_releases_markers_peers_and_an_approved_baseline():
    case = the_case(
        "{name: a, series: {duration: {level: 40m}}, releases: [3d], markers: [{ago: 1d, name: x}],"
        " peers: [{count: 2, labels: {zone: b}, series: {duration: {level: 41m, noise: 1%}}}],"
        " approved: {duration: 40m}, verdict: ok}"
    )
    now = AS_OF.timestamp()
    assert [(marker.at, str(marker)) for marker in case.snapshot.markers] == [
        (now - 3 * DAY, "release 1"),
        (now - DAY, "setting x"),
    ]
    one, two = (series for series in case.snapshot.series if series.subject.name != "example")
    assert one.subject.label("zone") == "b" and one.subject != two.subject
    assert (one.values != two.values).any()
    (approved,) = case.snapshot.facts
    assert (approved.view, approved.value) == (View.APPROVED, Quantity(2400.0, Unit.SECONDS))


@pytest.mark.parametrize(
    ("part", "said"),
    [
        ("releases: [soon]", "not a quantity"),
        ("markers: [{ago: soon, name: x}]", "not a quantity"),
        ("peers: [{series: {duratoin: {level: 1}}}]", "did you mean duration"),
        ("approved: {duration: 3Gi}", "not a quantity"),
        ("facts: {duration: 3h}", "is a series"),
    ],
)
def test_what_does_not_fit_in_a_case_is_told_at_its_place(part, said):
    with pytest.raises(AssertionError, match=said):
        the_case(f"{{name: a, {part}, verdict: ok}}")
