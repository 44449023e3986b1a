"""Measures of series: each against its plain definition, and how little data is too little."""

from __future__ import annotations

import statistics
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftbot.core.finding import Verdict
from driftbot.core.series import Series
from driftbot.engine import block as block_module
from driftbot.engine.statistics import Statistics
from driftbot.rules import expression as ex
from tests.engine.estate import DAY, NOW, complete, fact, finding, hourly, job, rule, verdict

JOB = job(tier="1")
SECONDS = ex.Type(ex.Sort.QUANTITY)
VALUES = st.floats(-1e6, 1e6, allow_subnormal=False)


def increase(values: list[float]) -> float:
    return sum(after - before if after >= before else after for before, after in pairwise(values))


PLAIN = {
    "max": max,
    "min": min,
    "mean": statistics.fmean,
    "median": statistics.median,
    "stddev": statistics.pstdev,
    "sum": sum,
    "first": lambda values: values[0],
    "last": lambda values: values[-1],
    "count": len,
    "increase": increase,
}


def measured(name: str, estate: list[list[float]], window: float = 30 * DAY, *arguments: ex.Node) -> list[float | None]:
    found = Statistics(len(estate), NOW)
    for row, values in enumerate(estate):
        if values:
            times = NOW - window + window * (np.arange(len(values)) + 1) / len(values)
            found.add(row, Series(JOB, "duration", times, np.array(values, dtype=np.float64)))
    node = ex.Measure("duration", name, window, arguments, SECONDS)
    share = arguments[0].value if arguments and isinstance(arguments[0], ex.Literal) else None
    column = found.column(node, (name, share))  # type: ignore[arg-type]
    return [float(value) if known else None for value, known in zip(column.values, column.known, strict=True)]


@pytest.mark.parametrize("name", sorted(PLAIN))
@given(st.lists(st.lists(VALUES, min_size=3, max_size=30), min_size=1, max_size=6))
def test_each_measure_is_its_definition(name, estate):
    assert measured(name, estate) == pytest.approx([PLAIN[name](values) for values in estate], rel=1e-9, abs=1e-3)


@given(st.lists(VALUES, min_size=3, max_size=40), st.floats(0, 1))
def test_quantiles_are_those_of_numpy(values, share):
    (found,) = measured("quantile", [values], 30 * DAY, ex.Literal(share, ex.NUMBER))
    assert found == pytest.approx(float(np.quantile(values, share)), rel=1e-9, abs=1e-6)


@given(
    st.lists(st.lists(VALUES, max_size=9), min_size=1, max_size=12),
    st.integers(1, 40),
    st.sampled_from(["max", "stddev", "last"]),
)
def test_blocks_of_any_size_give_the_same(estate, cells, name):
    whole = measured(name, estate)
    before, block_module.CELLS = block_module.CELLS, cells
    try:
        for found, expected in zip(measured(name, estate), whole, strict=True):
            assert found == (pytest.approx(expected) if expected is not None else None)
    finally:
        block_module.CELLS = before


def test_a_rate_is_the_increase_by_the_time_between_the_samples():
    series = hourly(JOB, "failures", np.arange(49.0) * 36)
    assert verdict(rule('self.failures.rate("2d") == per_second("0.01/s")'), series) is Verdict.OK


def test_a_counter_that_restarts_goes_on_from_zero():
    series = hourly(JOB, "failures", np.array([5.0, 9, 2, 4]))
    assert verdict(rule('self.failures.increase("4h") == 8'), series) is Verdict.OK


def test_a_window_holds_its_edges_and_nothing_outside():
    series = hourly(JOB, "duration", np.array([9.0, 1, 1, 1, 7, 1, 1, 1]))
    assert verdict(rule('self.duration.max("2h") == duration("7s")'), series) is Verdict.DRIFT
    assert verdict(rule('self.duration.max("3h") == duration("1s")'), series) is Verdict.DRIFT
    assert verdict(rule('self.duration.max("6h") == duration("7s")'), series) is Verdict.OK
    assert verdict(rule('self.duration.max("7h") == duration("9s")'), series) is Verdict.OK


@pytest.mark.parametrize(
    ("days", "known"),
    [
        ((range(30)), True),
        ((range(13, 30)), True),
        ((range(0, 30, 7)), True),
        ((0, 29), False),
        ((29,), False),
        ((range(20, 30)), False),
        ((range(10)), False),
        ((15,), True),
    ],
)
def test_a_window_with_too_long_a_hole_is_unknown(days, known):
    times = np.array([NOW - 30 * DAY + (day + 0.5) * DAY for day in days])
    series = Series(JOB, "duration", times, np.ones(len(times)))
    found = verdict(rule('self.duration.max("30d") == duration("1s")'), series)
    assert found is (Verdict.OK if known else Verdict.UNKNOWN)


def test_too_little_data_is_said():
    found = finding(rule('self.duration.max("30d") == duration("1s")'), hourly(JOB, "duration", np.ones(3)))
    assert found.reasons == ("duration has too little data for max over 30d: 3 samples",)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("self.duration.last() == duration(\"3s\")", Verdict.UNKNOWN),
        ("self.duration.last(\"3d\") == duration(\"3s\")", Verdict.OK),
        ("self.duration.age() == duration(\"2d\")", Verdict.OK),
        ("self.duration.age(\"1d\") == duration(\"2d\")", Verdict.UNKNOWN),
        ("self.duration.count(\"3d\") == 3", Verdict.OK),
    ],
)  # fmt: skip
def test_the_newest_sample_counts_only_while_it_is_fresh(text, expected):
    series = hourly(JOB, "duration", np.array([1.0, 2, 3]), ago=2 * DAY)
    assert verdict(rule(text), series) is expected


def test_parts_that_follow_each_other_are_one_series():
    parts = hourly(JOB, "duration", np.ones(24), ago=DAY), hourly(JOB, "duration", np.full(24, 5.0))
    assert verdict(rule('self.duration.count("3d") == 48 && self.duration.max("2d") == duration("5s")'), *parts) is (
        Verdict.OK
    )


def test_two_series_over_the_same_time_are_a_conflict():
    parts = hourly(JOB, "duration", np.ones(24), file="first"), hourly(JOB, "duration", np.ones(24), file="second")
    found = finding(rule('self.duration.max("1d") < duration("5s")'), *parts)
    assert found.verdict is Verdict.UNKNOWN
    assert found.reasons == ("duration is measured twice over the same time: first and second",)


def test_two_series_that_share_one_sample_time_are_a_conflict():
    earlier, later = hourly(JOB, "duration", np.ones(24), ago=23 * 3600.0), hourly(JOB, "duration", np.ones(24))
    assert earlier.times[-1] == later.times[0]
    assert verdict(rule('self.duration.max("1d") < duration("5s")'), earlier, later) is Verdict.UNKNOWN


@pytest.mark.parametrize("question", ['present(self.duration.max("1d"))', 'self.duration.count("1d") > 0'])
def test_two_series_that_conflict_are_not_nothing(question):
    parts = hourly(JOB, "duration", np.ones(24), file="first"), hourly(JOB, "duration", np.ones(24), file="second")
    assert verdict(rule(question), *parts, complete()) is Verdict.UNKNOWN


def test_an_empty_series_is_no_measurement():
    empty = Series(JOB, "duration", np.empty(0), np.empty(0))
    assert verdict(rule('self.duration.max("1d") < duration("5s")'), empty) is Verdict.UNKNOWN


def test_no_warning_and_no_infinity_come_out_of_extreme_values():
    series = hourly(JOB, "duration", np.array([1e308, 1e308, -1e308] * 20))
    assert verdict(rule('self.duration.sum("2d") > duration("1s")'), series) is Verdict.UNKNOWN
    assert verdict(rule('self.duration.stddev("2d") > duration("1s")'), series) is Verdict.UNKNOWN
    assert verdict(rule('self.duration.max("2d") > duration("1s")'), series, fact(JOB, "retries", 1)) is Verdict.OK
