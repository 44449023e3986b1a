"""Peers: who is odd in groups of known make, who is not, and when nobody can say."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.detectors.fleet import START, Story, fleet
from driftbot.detectors.lack import Lack
from driftbot.detectors.notice_budget import LOOSEST
from driftbot.detectors.panel import Panel
from driftbot.detectors.peers.peers import Apart, Differs, apart

DAYS, SERIES, STRICT = 14, 420, 0.0005


def hours(story: Story = Story.STILL, seed: int = 1, days: int = DAYS):
    """Samples of so many series and days that a test may change."""
    return fleet(SERIES, days + 7, story, seed).values[:, 7 * 24 :].copy()


def judged(values, size: int, allowance: float = STRICT) -> Apart:
    return apart(Panel(START, 3600.0, values), np.arange(len(values)) // size, allowance)


def firsts(size: int):
    return np.arange(0, SERIES - size + 1, size)


@pytest.mark.parametrize("size", [3, 5, 30, 200])
@pytest.mark.parametrize("factor", [1.5, 0.6])
def test_the_member_that_moved_is_told_and_no_other(size, factor):
    values, odd = hours(), firsts(size)
    values[odd, -48:] *= factor
    found = judged(values, size)
    assert found.told[odd].mean() > 0.9
    assert np.delete(found.told, odd).mean() <= 0.003
    assert np.nanmedian(found.ratio[odd]) == pytest.approx(factor, rel=0.1)
    assert (found.differs[odd[found.told[odd]]] == Differs.LEVEL).all()
    told = odd[found.told[odd]]
    assert (found.low < found.ratio)[told].all() and (found.ratio < found.high)[told].all()
    assert set(found.days[told]) <= {1.0, 2.0, 3.0, 5.0, 7.0}


def test_a_member_that_has_always_been_larger_is_not_told():
    values = hours()
    values[firsts(5)] *= 7.0
    found = judged(values, 5)
    assert not found.told.any()
    by_level = firsts(5)[found.differs[firsts(5)] == Differs.LEVEL]
    assert found.ratio[by_level] == pytest.approx(1.0, abs=0.1)


def test_what_all_do_together_is_not_told():
    values = hours()
    values[:, -30:] *= 0.3
    values[:, 100:160] *= 4.0
    assert not judged(values, 5).told.any()


@pytest.mark.parametrize("size", [7, 10, 30])
def test_two_odd_ones_make_no_other_odd(size):
    values, first = hours(), firsts(size)
    odd = np.concatenate((first, first + 1))
    values[odd, -48:] *= 3.0
    found = judged(values, size, LOOSEST)
    assert found.told[odd].mean() > 0.95
    assert np.delete(found.told, odd).mean() <= 0.003


@pytest.mark.parametrize("size", [4, 10])
def test_where_half_of_a_group_moved_nobody_is_odd_and_it_is_said(size):
    values = hours()
    values[np.arange(SERIES) % size < size // 2, -48:] *= 1.6
    found = judged(values, size, LOOSEST)
    divided = found.lack == Lack.GROUP_DIVIDED
    assert divided.mean() > 0.9 and not found.told[divided].any()
    assert np.isnan(found.ratio[divided]).all() and np.isnan(found.cost[divided]).all()
    assert not (judged(hours(), size).lack == Lack.GROUP_DIVIDED).any()


def test_a_trend_is_told_as_one():
    values, odd = hours(), firsts(5)
    values[odd] *= np.exp(0.06 * np.arange(DAYS * 24) / 24)
    found = judged(values, 5, LOOSEST)
    assert found.told[odd].mean() > 0.9
    assert (found.differs[odd] == Differs.TREND).mean() > 0.9


def test_a_member_that_strays_farther_is_told_by_its_spread():
    values, odd = hours(), firsts(30)
    values[odd, -5 * 24 :] = 100.0 + 25.0 * np.random.default_rng(3).normal(size=(len(odd), 5 * 24))
    found = judged(values, 30, LOOSEST)
    assert found.told[odd].mean() > 0.9
    assert (found.differs[odd] == Differs.SPREAD).mean() > 0.7
    assert (found.ratio[odd[found.differs[odd] == Differs.SPREAD]] > 1.5).all()


class TestNewcomers:
    """Members without history."""

    def canaries(self, values, size, factor):
        values[firsts(size), : -3 * 24] = np.nan
        values[firsts(size)] *= factor
        return judged(values, size, LOOSEST)

    @pytest.mark.parametrize("size", [5, 30])
    def test_one_at_another_level_is_told(self, size):
        found = self.canaries(hours(), size, 1.5)
        assert found.newcomer[firsts(size)].all() and found.newcomer.sum() == len(firsts(size))
        assert found.told[firsts(size)].mean() > 0.95 and np.delete(found.told, firsts(size)).sum() == 0

    def test_one_like_the_others_is_not(self):
        assert not self.canaries(hours(), 5, 1.0).told.any()

    def test_nor_one_where_the_others_are_of_all_sizes(self):
        values = hours() * np.exp(0.6 * np.random.default_rng(4).normal(size=(SERIES, 1)))
        assert not self.canaries(values, 30, 1.5).told.any()

    @pytest.mark.parametrize(("noise", "told"), [(1.0, 0.0), (3.0, 1.0)])
    @pytest.mark.parametrize("odd", [0, 3])
    def test_noise_is_held_against_that_of_members_of_its_size(self, noise, told, odd):
        """Larger members stray less; among them three times its noise is still below that of the smallest."""
        rng = np.random.default_rng(6)
        load = np.exp(0.8 * rng.normal(size=(60, 1)))
        load[0], load[1:3] = 5.0, 0.2
        stray = 0.04 / np.sqrt(load) * np.where(np.arange(60) == 0, noise, 1.0)[:, None]
        stray[10 : 10 + odd] *= 8.0
        values = 100.0 * load * np.maximum(1.0 + stray * rng.standard_t(3, (60, DAYS * 24)), 0.05)
        values[0, : -4 * 24] = np.nan
        found = judged(values, 60, LOOSEST)
        assert found.newcomer[0] and found.told[0] == bool(told)
        assert not told or (found.differs[0] == Differs.SPREAD and found.ratio[0] == pytest.approx(noise, rel=0.5))

    def test_of_a_group_of_newcomers_nothing_is_known(self):
        values = hours()
        values[:, : -3 * 24] = np.nan
        assert np.isin(judged(values, 5).lack, [Lack.NO_PEERS, Lack.TOO_SPARSE]).all()


def test_falling_below_zero_is_measured_in_the_group_s_size():
    values, odd = hours() - 90.0, firsts(30)
    before = judged(values, 30)
    values[odd, -48:] += 30.0
    found = judged(values, 30)
    assert found.told[odd].all() and (found.ratio[odd] > 1.5).all()
    assert not before.told.any()


def test_one_that_stands_still_at_zero_is_told_from_a_group_that_does_not():
    values, odd = hours(), firsts(5)
    values[odd, -24:] = 0.0
    found = judged(values, 5)
    assert found.told[odd].mean() > 0.9 and (found.ratio[odd] < 0.01).all()


def test_groups_without_noise_tell_a_change_and_nothing_else():
    values = np.full((60, DAYS * 24), 5.0)
    assert not judged(values, 6).told.any() and (judged(values, 6).ratio == 1.0).all()
    values[0, -24:] = 8.0
    assert np.flatnonzero(judged(values, 6).told).tolist() == [0]
    values[0, -24:] = 5.05
    assert not judged(values, 6).told.any()


def test_what_lacks_is_said():
    values = hours()[:12]
    values[3] = np.nan
    values[4, -30:] = np.nan
    groups = np.array([0, 0, 0, 0, 0, 1, 1, -1, 2, 2, 2, 2])
    found = apart(Panel(START, 3600.0, values), groups, STRICT)
    expected = [0, 0, 0, Lack.NO_SAMPLES, Lack.TOO_SPARSE, *[Lack.NO_PEERS] * 3, 0, 0, 0, 0]
    assert found.lack.tolist() == expected
    short = apart(Panel(START, 3600.0, values[:, : 10 * 24]), groups, STRICT)
    assert short.lack[:3].tolist() == [Lack.TOO_SHORT] * 3 and not short.told.any()


def test_a_panel_of_days_is_judged_as_well():
    values = np.exp(0.02 * np.random.default_rng(5).normal(size=(60, 20)))
    values[7, -2:] *= 1.6
    found = apart(Panel(START, 86400.0, values), np.arange(60) // 6, STRICT)
    assert np.flatnonzero(found.told).tolist() == [7]


@pytest.mark.parametrize("story", [Story.STILL, Story.SHIFTS])
@pytest.mark.parametrize("size", [5, 30, 200])
def test_false_notices_stay_within_the_allowance(story, size):
    """A sample of the benchmark: 400 series over 60 nights, about 3,400 weeks of a series."""
    values = fleet(SERIES, 75, story, 3).values
    nights = [judged(values[:, (day - DAYS) * 24 : day * 24], size, LOOSEST).told for day in range(DAYS, 75)]
    told = np.array(nights)
    notices = (told[1:] & ~told[:-1]).sum()
    assert notices <= 2 * LOOSEST * SERIES * (len(nights) - 1) / 7
