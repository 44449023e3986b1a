"""Before and after a release: effects of known size, those that went away, and when nothing can be said."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.detectors.fleet import DAY, START, Story, fleet
from driftbot.detectors.lack import Lack
from driftbot.detectors.notice_budget import LOOSEST
from driftbot.detectors.panel import Panel
from driftbot.detectors.peers.before_after import AfterRelease, after_release
from driftbot.detectors.usual.baseline import baselines

SERIES, DAYS, STRICT = 300, 21, 0.0005


def hours(seed: int = 1):
    """Three weeks of samples that a test may change."""
    return fleet(SERIES, DAYS, Story.STILL, seed).values.copy()


def judged(values, *releases: float, allowance: float = STRICT) -> AfterRelease:
    """Days since the panel's start at which every series had a release."""
    panel = Panel(START, 3600.0, values)
    times = START + np.array(releases, dtype=float) * DAY
    return after_release(panel, baselines(panel), [times] * len(values), allowance)


@pytest.mark.parametrize("factor", [1.15, 0.87])
@pytest.mark.parametrize("release", [15.3, 17.5])
def test_an_effect_is_told_with_its_size(factor, release):
    values = hours()
    values[:, round(release * 24) :] *= factor
    found = judged(values, 3.0, release)
    assert found.told.mean() > 0.95 and found.lasts.mean() > 0.95
    assert np.median(found.ratio) == pytest.approx(factor, rel=0.01)
    assert (found.release == START + release * DAY).all()
    covered = ((found.low <= factor) & (factor <= found.high)).mean()
    assert 0.7 <= covered <= 0.92


def test_without_an_effect_nothing_is_told_whatever_the_weekend_does():
    found = judged(hours(), 19.5)
    assert not found.told.any() and (found.lack == Lack.NOTHING_LACKS).mean() > 0.75
    assert np.nanmedian(found.ratio) == pytest.approx(1.0, abs=0.005)


def test_an_effect_that_went_away_is_not_told():
    values = hours()
    values[:, 14 * 24 : 18 * 24] *= 1.4
    found = judged(values, 14.0, allowance=LOOSEST)
    assert not found.told.any()
    assert not found.lasts[np.abs(np.log(found.ratio)) > 0.1].any()


def test_one_bad_day_is_no_effect():
    values = hours()
    values[:, 17 * 24 : 18 * 24] *= 3.0
    assert not judged(values, 15.0).told.any()


def test_what_an_earlier_release_did_is_not_the_last_one_s():
    values = hours()
    values[:, 10 * 24 :] *= 1.3
    assert judged(values, 10.0, 17.0).told.mean() < 0.02
    assert np.median(judged(values, 10.0, 17.0).ratio) == pytest.approx(1.0, abs=0.01)


@pytest.mark.parametrize(
    ("releases", "lack"),
    [
        ((), Lack.NO_RELEASE),
        ((-3.0,), Lack.NO_RELEASE),
        ((40.0,), Lack.NO_RELEASE),
        ((12.0, 20.5), Lack.RELEASE_TOO_YOUNG),
        ((0.1,), Lack.RELEASE_TOO_YOUNG),
        ((14.0, float("nan")), Lack.NOTHING_LACKS),
    ],
)
def test_when_nothing_can_be_said_it_is_said_why(releases, lack):
    found = judged(hours(), *releases)
    assert (found.lack == lack).mean() > 0.95
    unknown = found.lack != Lack.NOTHING_LACKS
    assert np.isnan(found.ratio[unknown]).all() and not found.told[unknown].any()


def test_counters_and_changed_units_have_no_level():
    values = hours()[:3]
    values[0] = np.arange(DAYS * 24) % 200
    values[1, 15 * 24 :] *= 1000.0
    found = judged(values, 15.0)
    assert found.lack.tolist() == [Lack.COUNTER, Lack.UNIT_CHANGED, Lack.NOTHING_LACKS]


def test_what_began_days_before_the_release_is_not_its_doing():
    values = hours()
    values[:, 14 * 24 :] *= 1.4
    assert judged(values, 17.0).told.mean() < 0.02


def test_each_series_is_held_against_its_own_releases():
    values = hours()[:2]
    values[:, 16 * 24 :] *= 1.4
    panel = Panel(START, 3600.0, values)
    releases = [START + np.array([16 * DAY]), START + np.array([10 * DAY])]
    found = after_release(panel, baselines(panel), releases, STRICT)
    assert found.release.tolist() == [START + 16 * DAY, START + 10 * DAY]
    assert found.told[0] and found.ratio[0] == pytest.approx(1.4, rel=0.05)


def test_series_without_noise_tell_a_change_and_nothing_else():
    values = np.full((3, DAYS * 24), 5.0)
    values[1, 16 * 24 :] = 6.0
    values[2, 16 * 24 :] = 5.05
    found = judged(values, 16.0)
    assert found.told.tolist() == [False, True, False]
    assert found.ratio[1] == pytest.approx(1.2)
