"""Thresholds against series of known shape: each verdict and its near misses, with and without lost samples."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from driftbot.detectors.fit.purpose import threshold_of
from driftbot.detectors.fit.threshold import Part, Rows, Samples, Threshold
from driftbot.detectors.fit.threshold_fit import Verdict, fit
from driftbot.promql.condition import Comparison
from driftbot.promql.reading import read_expression
from tests.detectors.recipe import START, STEP, Case, cases

CASES = {case.name: case for case in cases()}
LOST = 0.1
SEEDS = range(4)


def threshold(case: Case) -> Threshold:
    (condition,) = read_expression(case.expression).conditions
    return threshold_of(condition, Part.ALONE, case.hold, case.keep_firing)


def samples(values, rows=Rows.SERIES) -> Samples:
    return Samples(values, START, STEP, STEP, rows)


def lossy(values, seed):
    lost = np.random.default_rng(seed).random(values.shape) < LOST
    return np.where(lost, np.nan, values)


@pytest.mark.parametrize("name", CASES)
def test_each_series_has_its_verdict(name):
    case = CASES[name]
    found = fit(threshold(case), samples(case.values()))
    assert found.verdict == case.verdict, found.evidence
    if case.suggested:
        low, high = case.suggested
        assert found.suggested is not None and low <= found.suggested <= high, found.evidence
    else:
        assert case.verdict in {"flapping", "near_peak", "never_reached", "unit_mistake"} or found.suggested is None


@pytest.mark.parametrize("name", CASES)
def test_no_verdict_turns_on_other_noise_or_on_a_tenth_of_the_samples(name):
    case = CASES[name]
    for seed in SEEDS:
        found = fit(threshold(case), samples(lossy(case.values(seed), seed)))
        assert found.verdict == case.verdict, (seed, found.evidence)


def test_every_verdict_has_a_case():
    assert {case.verdict for case in CASES.values()} == set(Verdict)


@pytest.mark.parametrize("factor", [1e-3, 7.0, 2.0**20])
@pytest.mark.parametrize("name", CASES)
def test_another_unit_for_all_changes_no_verdict(name, factor):
    case = CASES[name]
    asked, values = threshold(case), case.values()
    scaled = replace(asked, value=asked.value * factor, low=asked.low * factor, high=asked.high * factor)
    if asked.comparison is Comparison.NOT_EQUAL and factor == 1e-3:
        values = np.round(values, 9)
    found, other = fit(asked, samples(values)), fit(scaled, samples(values * factor))
    assert (found.verdict, found.firings) == (other.verdict, other.firings)
    assert found.margin is None or other.margin == pytest.approx(found.margin, rel=1e-6)


MIRRORED = {
    Comparison.ABOVE: Comparison.BELOW,
    Comparison.BELOW: Comparison.ABOVE,
    Comparison.AT_LEAST: Comparison.AT_MOST,
    Comparison.AT_MOST: Comparison.AT_LEAST,
}


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if threshold(case).comparison in MIRRORED])
def test_below_mirrors_above(name):
    asked, values = threshold(CASES[name]), CASES[name].values()
    turned = replace(asked, comparison=MIRRORED[asked.comparison], value=-asked.value, low=-asked.high, high=-asked.low)
    found, other = fit(asked, samples(values)), fit(turned, samples(-values))
    assert (found.verdict, found.margin, found.firings) == (other.verdict, other.margin, other.firings)
    assert [(-one.threshold, one.firings) for one in reversed(found.neighbours)] == [
        (one.threshold, one.firings) for one in other.neighbours
    ]
    assert (found.suggested is None) == (other.suggested is None)
    assert found.suggested is None or other.suggested == -found.suggested


@pytest.mark.parametrize("name", CASES)
def test_quiet_data_alone_loosen_nothing(name):
    """Whatever is suggested for an alert that seldom fired is stricter than today's, or the same in another unit."""
    case = CASES[name]
    asked = threshold(case)
    found = fit(asked, samples(case.values()))
    if found.suggested is None or found.verdict in {Verdict.ALWAYS_TRUE, Verdict.UNIT_MISTAKE} or found.firings > 1:
        return
    assert found.verdict is Verdict.NEVER_REACHED
    below = asked.comparison in {Comparison.BELOW, Comparison.AT_MOST}
    assert found.suggested > asked.value if below else found.suggested < asked.value


@pytest.mark.parametrize(
    ("part", "name", "verdict"),
    [
        (Part.JOINED, "always-true", "fits"),
        (Part.JOINED, "flapping-square", "fits"),
        (Part.JOINED, "never-reached", "never_reached"),
        (Part.JOINED, "unit-milliseconds", "unit_mistake"),
        (Part.ALTERNATIVE, "always-true", "always_true"),
        (Part.SUPPRESSING, "always-true", "left_alone"),
    ],
)
def test_a_part_of_an_alert_is_judged_by_what_it_alone_can_do(part, name, verdict):
    asked = replace(threshold(CASES[name]), part=part)
    found = fit(asked, samples(CASES[name].values()))
    assert found.verdict == verdict
    assert ("at most" in found.evidence[0]) is (part is Part.JOINED)
    assert part is Part.ALTERNATIVE or found.suggested is None or verdict == "unit_mistake"


def test_of_too_many_series_the_extremes_say_what_can_be_said():
    quiet = 20 + np.random.default_rng(1).normal(size=43200)
    asked = Threshold(Comparison.ABOVE, 40.0, hold=300.0)
    busy = np.where(np.arange(43200) % 120 < 30, quiet + 40, quiet)
    assert fit(asked, samples(np.array([quiet + 50, quiet]), Rows.ENVELOPE)).verdict == "near_peak", "not all of them"
    assert fit(asked, samples(np.array([quiet + 50, quiet + 30]), Rows.ENVELOPE)).verdict == "always_true"
    flapping = fit(asked, samples(np.array([busy, quiet]), Rows.ENVELOPE))
    assert flapping.verdict != "flapping" and flapping.firings is None, "whose samples these are is not known"


def test_samples_too_far_apart_for_the_hold_count_no_firings():
    values = CASES["flapping-square"].values()[:, ::10]
    asked = Threshold(Comparison.ABOVE, 10.0, hold=600.0)
    assert fit(asked, Samples(values, START, 600.0, 60.0)).firings is None
    assert fit(replace(asked, hold=1800.0), Samples(values, START, 600.0, 60.0)).firings is not None
    assert fit(asked, Samples(values, START, 600.0, 600.0)).firings is not None, "they are the evaluations"


levels_of = st.one_of(st.floats(-1e6, 1e6), st.sampled_from([0.0, 1.0, float("nan"), float("inf"), float("-inf")]))


@settings(max_examples=150)
@given(
    st.lists(st.lists(levels_of, min_size=6, max_size=6), min_size=1, max_size=4),
    st.sampled_from([*MIRRORED, Comparison.EQUAL, Comparison.NOT_EQUAL]),
    levels_of.filter(np.isfinite),
    st.sampled_from([0.0, 3600.0, 1e7]),
    st.sampled_from(Part),
    st.sampled_from([(), (100.0, 0.01)]),
)
def test_whatever_is_measured_has_a_verdict(rows, comparison, value, hold, part, factors):
    """Six levels, each for a day and more: none, constant, infinite, and a hold longer than the samples."""
    asked = Threshold(comparison, value, hold=hold, part=part, factors=factors)
    values = np.repeat(np.array(rows), 30, axis=1)
    found = fit(asked, Samples(values, START, 3600.0, 3600.0))
    numbers = [found.margin, found.firings, found.suggested, *(one.firings for one in found.neighbours)]
    assert all(number is None or np.isfinite(number) for number in numbers)
    assert found.evidence and all(np.isfinite(one.threshold) for one in found.neighbours)


def test_an_infinite_quotient_fires_as_any_number_beyond_does():
    values = np.full((1, 43200), 0.2)
    values[0, 20000:20010] = np.inf
    found = fit(Threshold(Comparison.ABOVE, 0.5), samples(values))
    assert found.firings == pytest.approx(7 / 30) and "highest inf" in found.evidence[1]
