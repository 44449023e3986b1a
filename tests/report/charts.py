"""Charts to draw: one of each kind of answer, and odd ones; all from fixed seeds."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
from hypothesis import strategies as st

from driftbot.core.chart import Band, Chart, Flag
from driftbot.core.quantity import Unit
from tests.report.conftest import HOSTILE

DAY = 86400.0
START = datetime(2026, 1, 5, tzinfo=UTC).timestamp()


def floats(values: object) -> tuple[float, ...]:
    return tuple(np.round(np.asarray(values, dtype=float), 6).tolist())


def days(first: float, last: float, count: int) -> np.ndarray:
    return START + np.linspace(first, last, count) * DAY


def band(times: np.ndarray, middle: np.ndarray | float, width: float) -> Band:
    level = np.broadcast_to(np.asarray(middle, dtype=float), times.shape)
    return Band(floats(times), floats(level * (1 - width)), floats(level), floats(level * (1 + width)))


def noise(count: int, seed: int, scale: float = 0.03) -> np.ndarray:
    return 1 + scale * np.random.default_rng(seed).standard_t(4, count)


def step() -> Chart:
    times = days(0, 90, 270)
    level = np.where(times < START + 63 * DAY, 0.42, 0.5)
    season = 1 + 0.04 * np.sin((times - START) / DAY / 7 * 2 * np.pi)
    return Chart(
        "latency.p99", Unit.SECONDS, floats(times), floats(level * season * noise(270, 1)),
        baseline=band(days(0, 63, 40), 0.42, 0.06),
        changes=(Flag(START + 63 * DAY, "+19 % (17 to 21 %), it lasts"),),
        markers=(Flag(START + 20.4 * DAY, "release 2.3.0"), Flag(START + 62.9 * DAY, "release 2.4.1")),
    )  # fmt: skip


def creep() -> Chart:
    times = days(0, 90, 300)
    releases = START + np.arange(7, 90, 7) * DAY
    level = 120e6 * 1.015 ** np.searchsorted(releases, times)
    return Chart(
        "memory.used", Unit.BYTES, floats(times), floats(level * noise(300, 2, 0.015)),
        baseline=band(days(0, 28, 20), 120e6, 0.03),
        trend=band(days(7, 90, 30), 120e6 * np.linspace(1, 1.19, 30), 0.01),
        markers=tuple(Flag(at, f"release 1.{number}.0") for number, at in enumerate(releases.tolist())),
    )  # fmt: skip


def breach() -> Chart:
    times = days(0, 60, 60)
    ahead = days(60, 90, 31)
    growth = 3600 * 1.008 ** np.arange(60)
    expected = 3600 * 1.008 ** np.arange(60, 91)
    width = np.linspace(0.03, 0.12, 31)
    forecast = Band(floats(ahead), floats(expected * (1 - width)), floats(expected), floats(expected * (1 + width)))
    return Chart(
        "duration", Unit.SECONDS, floats(times), floats(growth * noise(60, 3)),
        trend=band(days(0, 60, 20), 3600 * 1.008 ** np.linspace(0, 59, 20), 0.02),
        forecast=forecast,
        limit=7200.0,
        changes=(Flag(START + 87 * DAY, "the limit is reached (80 %: 2026-03-24 to 2026-04-10)"),),
    )  # fmt: skip


def flat() -> Chart:
    times = days(0, 30, 120)
    return Chart("replicas.ready", Unit.COUNT, floats(times), (3.0,) * 120, baseline=band(times[:2], 3.0, 0.0))


def one_point() -> Chart:
    return Chart("pool.used", Unit.RATIO, (START,), (0.83,), limit=0.9)


def empty() -> Chart:
    return Chart("pool.used", Unit.RATIO, (), (), limit=0.9)


def huge() -> Chart:
    return replace(step(), key="rows", unit=Unit.COUNT, values=floats(np.array(step().values) * 1e19), baseline=None)


def tiny() -> Chart:
    return replace(step(), values=tuple(value * 1e-9 for value in step().values), baseline=None)


def gaps() -> Chart:
    chart = breach()
    day = (np.array(chart.times) - START) / DAY
    kept = (day < 12) | ((day > 25) & (day < 40)) | (day > 44)
    values = np.where((day > 50) & (day < 52), np.nan, chart.values)
    return replace(chart, times=floats(np.array(chart.times)[kept]), values=floats(values[kept]), forecast=None)


def far_limit() -> Chart:
    return replace(creep(), limit=16 * 2**30, trend=None)


def outlier() -> Chart:
    values = np.array(step().values)
    values[100] = 600.0
    return replace(step(), values=floats(values))


def negative() -> Chart:
    times = days(0, 3, 72)
    return Chart("clock.offset", Unit.SECONDS, floats(times), floats(0.02 * (noise(72, 4, 0.5) - 1.0)), limit=-0.05)


def busy() -> Chart:
    markers = tuple(Flag(START + day * DAY, f"release {day}.0") for day in range(1, 90))
    changes = tuple(Flag(START + day * DAY, f"{day} %") for day in range(5, 90, 9))
    return replace(step(), markers=markers, changes=changes)


def hostile() -> Chart:
    label = f"$\\frac{{1}}{{0}}$ {HOSTILE} 日本語"
    flags = (Flag(START + 10 * DAY, label), Flag(START + 30 * DAY, "x" * 5000), Flag(START + 50 * DAY, ""))
    return replace(step(), key=label, changes=flags, markers=flags)


CHARTS = {
    maker.__name__: maker
    for maker in (
        *(step, creep, breach, flat, one_point, empty, huge, tiny, gaps, far_limit, outlier, negative, busy),
        hostile,
    )
}


def crowded(points: int = 100_000) -> Chart:
    """More of everything than anybody should hand over."""
    times = days(0, 90, points)
    values = floats(noise(points, 5, 0.2))
    some = tuple(Flag(START + day * DAY, f"release {day}" * 20) for day in np.linspace(0, 90, 2000).tolist())
    around = band(days(0, 90, 5000), floats(noise(5000, 6, 0.2)), 0.1)
    return Chart(
        "rows", Unit.COUNT, floats(times), values, around, around, band(days(90, 120, 5000), 1.0, 0.3), 1.5, some, some
    )


NUMBERS = st.floats() | st.floats(0, 1e6) | st.just(1.0)
TIMES = NUMBERS | st.floats(START, START + 90 * DAY)
FLAGS = st.lists(st.builds(Flag, TIMES, st.text(max_size=80)), max_size=30).map(tuple)


def columns(count: int) -> st.SearchStrategy[list[tuple[float, ...]]]:
    """Times and this many columns of values, all of one length, the times in any order."""
    rows = st.lists(st.tuples(TIMES, *[NUMBERS] * count), max_size=60)
    return rows.map(lambda told: [tuple(row[index] for row in told) for index in range(count + 1)])


BANDS = st.none() | columns(3).map(lambda parts: Band(*parts))
ANY_CHART = st.builds(
    lambda key, unit, parts, bands, limit, changes, markers: Chart(key, unit, *parts, *bands, limit, changes, markers),
    st.text(max_size=80), st.sampled_from(Unit), columns(1), st.tuples(BANDS, BANDS, BANDS), st.none() | NUMBERS,
    FLAGS, FLAGS,
)  # fmt: skip
"""Charts of any numbers, times and labels."""
