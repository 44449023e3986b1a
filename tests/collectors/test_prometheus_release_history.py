"""What ran when becomes releases: first sights, canaries, rollbacks, gaps, newcomers and labels that churn."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftbot.collectors.prometheus_release_history import FEWEST, releases_of
from driftbot.core.fact import Origin
from driftbot.core.series import Series
from driftbot.core.subject import Subject
from driftbot.signals.release import APART, ReleaseSignal

HOUR, DAY = 3600.0, 86400.0
START = 1_764_000_000.0
SIGNAL = ReleaseSignal("test/image", "workload", "Pods by image.", "x", "{ns}/{workload}", "{image}", "{container}")
WINDOW = 60 * 24
"""Points of an hour in sixty days."""


def ran(version: str, *spans: tuple[int, int], pods: float = 4, unit: str = "shop/cart", part: str = "app") -> Series:
    """A version that ran from the first to the last hour of each span."""
    points = np.concatenate([np.arange(first, last + 1) for first, last in spans])
    subject = Subject("workload", "production", APART.join((unit, part, version)))
    values = np.full(len(points), float(pods))
    return Series(subject, "release", START + points * HOUR, values, Origin("prometheus"))


OTHER = ran("1", (0, WINDOW), unit="shop/other")
"""Something that is there all the time, so that the signal as a whole has no gap."""


def found(*series: Series) -> list[tuple[int, str]]:
    releases = releases_of(series, SIGNAL, HOUR)
    assert not releases.churning
    assert all(marker.subject == Subject("workload", "production", "shop/cart") for marker in releases.markers)
    return sorted((round((marker.at - START) / HOUR), marker.name) for marker in releases.markers)


@pytest.mark.parametrize(
    ("series", "expected"),
    [
        pytest.param([ran("1", (0, WINDOW))], [], id="the left edge"),
        pytest.param([ran("1", (0, 99)), ran("2", (100, WINDOW))], [(100, "2")], id="one release"),
        pytest.param([ran("1", (0, 150)), ran("2", (100, WINDOW), pods=1)], [(100, "2")], id="a canary takes over"),
        pytest.param([ran("1", (0, WINDOW)), ran("2", (100, 130), pods=1)], [(100, "2")], id="a canary is withdrawn"),
        pytest.param(
            [ran("1", (0, WINDOW)), ran("2", (100, 130), (140, 150), (160, 170), pods=1)],
            [(100, "2")],
            id="a canary that flickers",
        ),
        pytest.param(
            [ran("1", (0, 99), (104, WINDOW)), ran("2", (100, 103))], [(100, "2"), (104, "1")], id="a rollback"
        ),
        pytest.param(
            [ran("1", (0, 99), (200, WINDOW)), ran("2", (100, 199)), ran("3", (150, 160), pods=1)],
            [(100, "2"), (150, "3"), (200, "1")],
            id="a rollback after a canary",
        ),
        pytest.param(
            [ran("1", (0, 99), (101, WINDOW)), ran("2", (100, WINDOW), pods=1)], [(100, "2")], id="a blink is no return"
        ),
        pytest.param(
            [ran("1", (0, 0), (24, 24), (48, 48), (96, 96)), ran("2", (120, 120), (144, 144))],
            [(120, "2")],
            id="a job that runs once a day",
        ),
        pytest.param([ran("1", *((n, n) for n in range(90, WINDOW, 168)))], [], id="a job that runs once a week"),
        pytest.param([ran("1", (20 * 24, 20 * 24))], [], id="a job that runs once a month"),
        pytest.param([ran("1", (20 * 24, WINDOW))], [(480, "1")], id="something new that stays"),
        pytest.param([ran("1", (3 * 24, WINDOW))], [], id="something that may have been there before"),
        pytest.param(
            [
                *(ran("1", (0, 99)), ran("2", (100, WINDOW))),
                *(ran("s", (0, 199), part="sidecar"), ran("t", (200, WINDOW), part="sidecar")),
            ],
            [(100, "2"), (200, "t")],
            id="each container by itself",
        ),
        pytest.param([ran("v" * 300, (0, 99)), ran("w" * 300, (100, WINDOW))], [(100, "w" * 200)], id="a long name"),
    ],
)  # fmt: skip
def test_releases(series: list[Series], expected: list[tuple[int, str]]):
    assert found(OTHER, *series) == expected


def test_a_short_gap_of_everything_makes_a_release_late_and_a_long_one_hides_it():
    for gap, expected in ((10, [(110, "2")]), (23, [(123, "2")]), (30, [])):
        series = [ran("1", (0, 99)), ran("2", (100 + gap, WINDOW))]
        assert found(*series) == expected
        late = [marker.late_by for marker in releases_of(series, SIGNAL, HOUR).markers]
        assert late == [(gap + 1) * HOUR] * len(expected)
    after = [ran("1", (0, 99), (300, WINDOW)), ran("2", (100, 150)), ran("3", (400, WINDOW))]
    assert found(*after) == [(100, "2"), (400, "3")]


def test_what_a_partial_answer_lacked_is_nothing_new():
    later = ran("1", (20 * 24, WINDOW))
    assert len(releases_of([OTHER, later], SIGNAL, HOUR).markers) == 1
    assert releases_of([OTHER, later], SIGNAL, HOUR, partial=True).markers == []
    replaced = [ran("1", (0, 99)), ran("2", (100, WINDOW))]
    assert [marker.name for marker in releases_of(replaced, SIGNAL, HOUR, partial=True).markers] == ["2"]


def test_nothing_told_is_nothing_released():
    assert releases_of([], SIGNAL, HOUR).markers == []


def test_a_label_that_changes_by_itself_is_told_and_makes_no_releases():
    churning = [ran(f"{n}", (n, n)) for n in range(WINDOW)]
    quiet = [ran("1", (0, 99), unit="shop/quiet"), ran("2", (100, WINDOW), unit="shop/quiet")]
    releases = releases_of([*churning, *quiet], SIGNAL, HOUR)
    assert [marker.name for marker in releases.markers] == ["2"]
    ((unit, count),) = releases.churning.items()
    assert (unit.subject.name, count) == ("shop/cart", WINDOW - 1)


def test_several_releases_a_day_are_no_churn():
    busy = [ran(f"{n}", (n * 8, n * 8 + 7)) for n in range(WINDOW // 8)]
    assert len(found(*busy)) == WINDOW // 8 - 1 > FEWEST


def test_a_label_that_holds_the_separator_is_left_alone():
    odd = replace(OTHER, subject=Subject("workload", "production", APART.join("abcd")))
    assert releases_of([odd], SIGNAL, HOUR).markers == []


SPANS = st.lists(st.tuples(st.integers(0, 300), st.integers(0, 40)), min_size=1, max_size=3)


@given(st.lists(SPANS, min_size=1, max_size=4), st.integers(1, 5))
def test_a_release_is_the_beginning_of_a_run_and_never_the_left_edge(spans: list[list[tuple[int, int]]], pods: int):
    series = []
    for number, own in enumerate(spans):
        points = np.unique(np.concatenate([np.arange(first, first + length + 1) for first, length in own]))
        series.append(ran(f"{number}", *((int(point), int(point)) for point in points), pods=pods))
    hours = {str(n): set(np.rint((one.times - START) / HOUR).astype(int)) for n, one in enumerate(series)}
    edge = min(min(points) for points in hours.values())
    for hour, version in found(*series):
        assert hour in hours[version] and hour - 1 not in hours[version]
        assert hour > edge
