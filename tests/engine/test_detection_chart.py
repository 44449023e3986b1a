"""Charts and sentences of series that no factor describes: from nothing, to nothing, below zero."""

from __future__ import annotations

import numpy as np
import pytest

from driftbot.core.finding import Verdict
from driftbot.core.marker import Marker
from driftbot.core.series import Series
from driftbot.engine import charted_series
from driftbot.engine.detection_sentence import share
from tests.engine.estate import DAY, NOW, Origin, job, rule
from tests.engine.test_detections import STEP, judged, note, shaped

HOURS = NOW - 3600.0 * np.arange(90 * 24.0)[::-1]
LATE = HOURS > NOW - 20 * DAY
MOVED = rule('self.duration.step("90d") == 0.0', message='{self.duration.step("90d")}')


def measured(values: np.ndarray, name: str = "one") -> Series:
    return Series(job(name), "duration", HOURS, np.asarray(values, np.float64), Origin("prometheus"))


def noise(seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).standard_t(3, len(HOURS))


def test_a_step_from_nothing_is_more_than_any_bound():
    (found,) = judged(STEP, measured(np.where(LATE, 100.0 + noise(), 0.0)))
    assert (found.verdict, found.evidence[0].value) == (Verdict.DRIFT, "endlessly")
    assert note(found).startswith("from 0s to 1m40s, 2025-12-12")


@pytest.mark.parametrize(
    ("values", "before"),
    [
        (np.where(LATE, 1e-300, 100.0 + noise()), 100.0),
        (np.where(LATE, 0.0, 100.0 + noise()), 100.0),
        (np.where(LATE, 100.0 + noise(), 0.0), 0.0),
        (np.where(LATE, -50.0, -100.0) + noise(), -100.0),
        (np.where(LATE, -100.0, 100.0) + noise(), 100.0),
        (np.where(LATE, 5.0, 0.0) + noise(), 0.0),
    ],
    ids=["to hardly anything", "to nothing", "from nothing", "below zero", "through zero", "about zero"],
)
def test_a_chart_shows_the_level_before_a_step_whatever_its_sign(values, before):
    (found,) = judged(MOVED, measured(values))
    assert found.verdict is Verdict.DRIFT
    (chart,) = found.charts
    assert chart.baseline is not None
    assert np.nanmedian(chart.baseline.middle) == pytest.approx(before, abs=0.5)
    assert np.nanmedian(np.subtract(chart.baseline.upper, chart.baseline.lower)) < 6.0


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_the_trend_of_what_passes_zero_is_a_line(sign):
    values = sign * np.linspace(-10.0, 100.0, len(HOURS)) + noise()
    (found,) = judged(rule('self.duration.drift("90d") == 0.0'), measured(values))
    (chart,) = found.charts
    assert chart.trend is not None
    slopes = np.diff(chart.trend.middle) / np.diff(chart.trend.times)
    assert slopes == pytest.approx(slopes[0])
    assert slopes[0] * 90 * DAY == pytest.approx(sign * 110.0, rel=0.2)


def test_a_chart_names_images_by_their_tags():
    names = (20, "r.example/shop/one:3.8.0"), (10, "r.example/shop/one:3.9.0")
    markers = tuple(Marker(job("one"), NOW - ago * DAY, name) for ago, name in names)
    (found,) = judged(STEP, measured(np.where(LATE, 150.0, 100.0) + noise()), markers=markers)
    assert [flag.label for flag in found.charts[0].markers] == ["release 3.8.0", "release 3.9.0"]


def test_each_of_many_findings_has_the_chart_of_its_own_series(monkeypatch):
    levels = {f"j{number}": 50.0 + 10.0 * number for number in range(6)}
    series = [measured(np.where(LATE, 1.3, 1.0) * level + noise(), name) for name, level in levels.items()]
    together = judged(MOVED, *series)
    assert [chart for found in together for chart in found.charts] == [
        chart for one in series for found in judged(MOVED, one) for chart in found.charts
    ]
    monkeypatch.setattr(charted_series, "MOST_CHARTED", 2)
    monkeypatch.setattr("driftbot.engine.detection_chart.MOST_CHARTED", 2)
    assert [len(found.charts) for found in judged(MOVED, *series)] == [1, 1, 0, 0, 0, 0]


def test_a_label_that_nobody_measured_carries_is_named():
    apart = rule('self.duration.apart("zone", "14d") <= 0.1')
    (found,) = judged(apart, shaped(job()))
    assert "the label zone was not read" in found.reasons[0]


@pytest.mark.parametrize(
    ("change", "said"),
    [(0.014, "+1.4%"), (-0.2, "-20%"), (9.99, "+999%"), (60.0, "+6,000%"), (-35.0, "-3,500%"), (3e9, "+3e+11%")],
)
def test_a_change_is_said_in_per_cent(change, said):
    assert share(change) == said
