"""Demands: what several rules ask of one key becomes one need."""

from __future__ import annotations

import pytest

from driftbot.core.demand import FEWEST_SAMPLES, Demand, MarkerNeed, SeriesNeed
from driftbot.engine.block import LONGEST_HOLE
from driftbot.engine.needs import step_of

HOUR, DAY = 3600.0, 86400.0


def asked(*windows: float) -> SeriesNeed:
    needs = [SeriesNeed("job", "duration", window, step_of(window), (f"r{window:.0f}",)) for window in windows]
    (need,) = Demand.of(needs).series
    assert Demand.of(reversed(needs)).series == (need,)
    return need


@pytest.mark.parametrize(
    ("windows", "step"),
    [
        ((HOUR,), 60.0),
        ((30 * DAY,), 300.0),
        ((30 * DAY, DAY), 300.0),
        ((30 * DAY, HOUR), 300.0),
        ((60 * DAY, HOUR), 300.0),
        ((365 * DAY, 7 * DAY), 3600.0),
        ((30 * DAY, HOUR / 2), 150.0),
        ((30 * DAY, HOUR / 60), 60.0),
    ],
)
def test_the_step_is_the_longest_windows_unless_the_shortest_needs_more(windows, step):
    need = asked(*windows)
    assert (need.window, need.step) == (max(windows), step)


@pytest.mark.parametrize("windows", [(365 * DAY, HOUR), (30 * DAY, HOUR / 4), (DAY, HOUR)])
def test_the_shortest_window_can_lose_samples_and_still_be_known(windows):
    step, shortest = asked(*windows).step, min(windows)
    assert shortest / step >= FEWEST_SAMPLES
    assert 6 * step < LONGEST_HOLE * shortest


def test_all_rules_that_ask_are_named_and_other_keys_are_their_own():
    needs = [
        SeriesNeed("job", "duration", DAY, 60.0, ("b",)),
        SeriesNeed("job", "duration", DAY, 60.0, ("a", "b")),
        SeriesNeed("job", "failures", HOUR, 60.0, ("a",)),
    ]
    assert Demand.of(needs).series == (
        SeriesNeed("job", "duration", DAY, 60.0, ("a", "b")),
        SeriesNeed("job", "failures", HOUR, 60.0, ("a",)),
    )


def test_markers_are_asked_for_by_kind_and_the_longest_window_counts_for_all():
    needs = [MarkerNeed("job", DAY, ("b",)), MarkerNeed("job", 2 * DAY, ("a",)), MarkerNeed("call", HOUR, ("c",))]
    demand = Demand.of(markers=needs)
    assert demand.markers == (MarkerNeed("call", HOUR, ("c",)), MarkerNeed("job", 2 * DAY, ("a", "b")))
    assert demand.marked_for == 2 * DAY
    assert demand
    assert not Demand.of()
    assert Demand.of().marked_for == 0.0
