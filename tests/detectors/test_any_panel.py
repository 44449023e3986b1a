"""Any panel: whatever is measured, released and limited, every detector answers, each row for itself, and alike twice.

Warnings are errors here as everywhere, so that a division by zero is seen.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from driftbot.core.series import FloatArray
from driftbot.detectors.drift.drift import drifts
from driftbot.detectors.lack import Lack
from driftbot.detectors.limits.breach import breaches
from driftbot.detectors.limits.daily_panel import daily_panel
from driftbot.detectors.notice_budget import LOOSEST
from driftbot.detectors.panel import Panel
from driftbot.detectors.peers.before_after import after_release
from driftbot.detectors.peers.peers import apart
from driftbot.detectors.steps.change_points import change_points
from driftbot.detectors.usual.baseline import baselines

START, HOUR, DAY = 1_704_067_200.0, 3600.0, 86400.0
HORIZON = 30


@dataclass(frozen=True)
class Estate:
    """What a detector may be given: samples, each row's releases, limit and group."""

    panel: Panel
    releases: tuple[FloatArray, ...]
    limits: FloatArray
    groups: np.ndarray

    @property
    def rows(self) -> int:
        return len(self.panel.values)

    def taken(self, order) -> Estate:
        panel = replace(self.panel, values=self.panel.values[order])
        return Estate(panel, tuple(self.releases[row] for row in order), self.limits[order], self.groups[order])

    def times(self, factor: float) -> Estate:
        panel = replace(self.panel, values=self.panel.values * factor)
        return replace(self, panel=panel, limits=self.limits * factor)


def breached(estate: Estate, *, rising: bool):
    return breaches(daily_panel(estate.panel, rising=rising), estate.limits, HORIZON, rising=rising)


DETECTORS: Mapping[str, Callable[[Estate], object]] = {
    "baselines": lambda one: baselines(one.panel),
    "drifts": lambda one: drifts(one.panel, baselines(one.panel), one.releases, LOOSEST),
    "change_points": lambda one: change_points(one.panel, baselines(one.panel), LOOSEST),
    "breaches": lambda one: breached(one, rising=True),
    "breaches below": lambda one: breached(one, rising=False),
    "apart": lambda one: apart(one.panel, one.groups, LOOSEST),
    "after_release": lambda one: after_release(one.panel, baselines(one.panel), one.releases, LOOSEST),
}
UNBOUNDED = frozenset({"median_in", "earliest_in", "latest_in"})
"""Results that may be infinite: not within the horizon."""
IN_UNIT = frozenset({"level", "before", "after", "lower", "middle", "upper"})
"""Results in the unit of the series."""
ON_SCALE = frozenset({"adjusted", "scale"})
"""Results on a scale of their own, which another unit moves."""

INTERVALS, ROUNDING = frozenset({"low", "high"}), 2e-3
"""Edges of intervals, which where nothing strays at all are as wide as the rounding of a logarithm makes them."""

KINDS: Mapping[str, Callable[[np.random.Generator, int], FloatArray]] = {
    "noise": lambda rng, length: 100.0 * np.exp(0.1 * rng.normal(size=length)),
    "ramp": lambda rng, length: np.exp(np.linspace(0.0, 1.0, length) + 0.05 * rng.normal(size=length)),
    "step": lambda rng, length: (
        np.where(np.arange(length) < rng.integers(0, length), 7.0, 9.0) + 0.1 * rng.random(length)
    ),
    "retries": lambda rng, length: 60.0 * np.where(rng.random(length) < 0.2, 8.0, 1.0) * rng.uniform(0.9, 1.1, length),
    "two levels": lambda rng, length: rng.choice([1.0, 2.0], length),
    "constant": lambda _, length: np.full(length, 3.0),
    "one step and no noise": lambda _, length: np.where(np.arange(length) < length // 2, 3.0, 4.0),
}
"""Positive series."""

WILD: Mapping[str, Callable[[np.random.Generator, int], FloatArray]] = {
    "zeros": lambda _, length: np.zeros(length),
    "missing": lambda _, length: np.full(length, np.nan),
    "one sample": lambda rng, length: np.where(np.arange(length) == rng.integers(0, length), 5.0, np.nan),
    "signs": lambda rng, length: rng.normal(size=length),
    "negative": lambda rng, length: -50.0 + rng.normal(size=length),
    "seldom above zero": lambda rng, length: np.where(rng.random(length) < 0.03, 40.0, 0.0),
    "counter": lambda rng, length: np.cumsum(rng.random(length)) % 40.0,
    "rising": lambda rng, length: 1e6 + np.cumsum(rng.random(length)),
    "another unit": lambda rng, length: rng.uniform(1, 2, length) * np.where(np.arange(length) < length // 2, 1, 1000),
    "huge": lambda rng, length: 1e306 * rng.uniform(0.5, 1.0, length),
    "huge signs": lambda rng, length: 1e306 * rng.normal(size=length),
    "tiny": lambda rng, length: 1e-306 * rng.uniform(0.5, 1.0, length),
    "of all sizes": lambda rng, length: 10.0 ** rng.uniform(-300, 300, length),
    "infinite": lambda rng, length: rng.choice([np.inf, -np.inf, 1.0, 2.0], length),
}


@st.composite
def estates(draw, kinds=tuple(KINDS), extra=tuple(WILD)):
    rows = draw(st.integers(1, 8))
    step = draw(st.sampled_from([HOUR, HOUR, DAY]))
    lengths = [1, 2, 23, 24, 25, 168, 14 * 24, 20 * 24 + 7, 35 * 24] if step == HOUR else [1, 2, 7, 14, 30, 90]
    length = draw(st.sampled_from(lengths))
    chosen = draw(st.lists(st.sampled_from([*kinds, *extra]), min_size=rows, max_size=rows))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    makers = {**KINDS, **WILD}
    values = np.stack([makers[name](rng, length) for name in chosen])
    values[rng.random(values.shape) < draw(st.sampled_from([0.0, 0.05, 0.5, 0.95]))] = np.nan
    begin, end = sorted(rng.integers(0, length + 1, 2).tolist())
    if draw(st.booleans()):
        values[rng.integers(0, rows), begin:end] = np.nan
    span = length * step
    counts = rng.integers(0, draw(st.sampled_from([1, 3, 12])), rows)
    releases = tuple(START + np.sort(rng.uniform(-0.2 * span, 1.2 * span, count)) for count in counts)
    of_all = st.sampled_from([np.nan, np.inf, -np.inf, 0.0, -1.0, 1.0, 3.0, 8.0, 150.0, 2e5, 1e307])
    limits = np.array(draw(st.lists(of_all, min_size=rows, max_size=rows)))
    if not extra:
        limits[np.abs(limits) > 1e300] = np.nan
    return Estate(Panel(START, step, values), releases, limits, rng.integers(-1, 2, rows))


def told(found) -> dict[str, np.ndarray]:
    """The results by name; of ragged ones each row's apart, so that rows can be compared."""
    return {one.name: np.asarray(getattr(found, one.name)) for one in fields(found)}


def same(one: np.ndarray, other: np.ndarray, exactly: bool = True, within: float = 1e-9) -> bool:
    if one.shape != other.shape:
        return False
    if exactly or one.dtype.kind != "f":
        return bool(np.array_equal(one, other, equal_nan=one.dtype.kind == "f"))
    return bool(np.allclose(one, other, rtol=1e-6, atol=within, equal_nan=True))


@pytest.mark.parametrize("name", DETECTORS)
@settings(max_examples=60, deadline=None)
@given(estate=estates())
def test_whatever_is_measured_has_an_answer(name, estate):
    before = estate.panel.values.copy()
    found = told(DETECTORS[name](estate))
    assert same(before, estate.panel.values), "what was given is not written to"
    again = told(DETECTORS[name](estate))
    for field, values in found.items():
        assert same(values, again[field]), field
        if values.dtype.kind == "f":
            assert (field in UNBOUNDED and not np.isneginf(values).any()) or not np.isinf(values).any(), field
        if name != "change_points":
            assert len(values) == estate.rows, field
    if "lack" in found:
        assert all(Lack(lack).sentence or lack == Lack.NOTHING_LACKS for lack in found["lack"].tolist())
    if "lack" in found and "told" in found:
        assert not found["told"][found["lack"] != Lack.NOTHING_LACKS].any()
    if name == "change_points":
        assert {len(values) for values in found.values()} == {len(found["series"])}
        assert ((found["series"] >= 0) & (found["series"] < estate.rows)).all()
        assert ((found["at"] >= START) & (found["at"] <= estate.panel.end)).all()


@pytest.mark.parametrize("name", DETECTORS)
@settings(max_examples=40, deadline=None)
@given(estate=estates(), seed=st.integers(0, 1000))
def test_no_answer_depends_on_the_order_of_the_rows(name, estate, seed):
    order = np.random.default_rng(seed).permutation(estate.rows)
    found, other = told(DETECTORS[name](estate)), told(DETECTORS[name](estate.taken(order)))
    if name == "change_points":
        other["series"] = order[other["series"]]
        for part in (found, other):
            places = np.lexsort((part["at"], part["series"]))
            part.update({field: values[places] for field, values in part.items()})
    else:
        found = {field: values[order] for field, values in found.items()}
    for field, values in found.items():
        assert same(values, other[field], exactly=False), field


@pytest.mark.parametrize("name", DETECTORS)
@settings(max_examples=40, deadline=None)
@given(estate=estates(extra=()))
def test_another_unit_of_positive_series_changes_no_answer(name, estate):
    found, other = told(DETECTORS[name](estate)), told(DETECTORS[name](estate.times(1000.0)))
    for field, values in found.items():
        if field not in ON_SCALE:
            expected = values * 1000.0 if field in IN_UNIT else values
            within = ROUNDING if field in INTERVALS else 1e-9
            assert same(expected, other[field], exactly=False, within=within), field
