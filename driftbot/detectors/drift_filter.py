"""The drift filter: what speaks for a slow drift of a series, and how fast it is, while releases may shift its level.

Each hypothesis says since when a series drifts and by what: by the day, or by the release. Under it the level stands
still but for the drift, for rare shifts on any day, for shifts at releases, and for odd days that mean nothing. A
Kalman filter with mixtures of these runs over the days (R. E. Kalman, J. Basic Eng. 82 (1960), 35-45; mixtures are
collapsed to their moments, Y. Bar-Shalom, X. R. Li, T. Kirubarajan, Estimation with Applications to Tracking and
Navigation (2001), section 11.6). Whether the last release shifted the level stays open until the next one: both stories
are followed, and a week of samples decides. How often releases shift this series is learned on the way.

A drift's rate has a normal prior about zero, so that a likelihood is that of the drift as a whole: what a hypothesis
gains over the still one is a Bayes factor, which chance rarely makes large (R. E. Kass, A. E. Raftery, JASA 90 (1995),
773-795).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

import numpy as np

from driftbot.core.series import FloatArray
from driftbot.detectors.daily_levels import DailyLevels
from driftbot.detectors.medians import medians
from driftbot.detectors.week_grid import DAYS_A_WEEK, Indices


class Growth(Enum):
    """By what a series drifts."""

    NONE = "not at all"
    BY_DAY = "by the day"
    BY_RELEASE = "by the release"


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """A series drifts for so many days, by the day or by the release."""

    growth: Growth
    days: int


BY_DAY = tuple(Hypothesis(Growth.BY_DAY, days) for days in (7, 9, 12, 16, 22, 30, 42, 60))
BY_RELEASE = tuple(Hypothesis(Growth.BY_RELEASE, days) for days in (12, 16, 22, 30, 42, 60))
"""Onsets a factor of 4/3 apart; two releases at least have to lie behind a drift by the release."""

RATE = 3.0
"""The prior's standard deviation of a rate, in standard errors of a line through that many steady days."""
RATE_BESIDE_SHIFTS = 0.2
"""The same where releases shift the level, in a day's noise: there only steeper ones can show."""
SHIFT_ON_ANY_DAY = 1 / 180
SHIFTS_AT_RELEASES = (1.0, 1.0)
"""Releases that did and did not shift the level, before any was seen."""
SHIFTS = ((4.0, 0.7), (25.0, 0.3))
"""Standard deviations of shifts (in a day's noise) and how many shifts are such."""
ODD_DAY, ODD_DEVIATION = 0.02, 10.0
LONGEST = 180
"""Days that the filter looks back on; older ones tell nothing of a drift of today."""

_LEAST_SHARE = 0.15
_UNKNOWN = 1e6
_FARTHEST = 200.0
_NEVER = -50.0
_MOST_RELEASES = 3
_SHIFTING = (0.1, 0.4)
_WIDTHS = (0.0, ODD_DEVIATION**2, *(width**2 for width, _ in SHIFTS))
_ODD = 1


@dataclass(frozen=True, slots=True, eq=False)
class Weighed:
    """What the filter found, of each hypothesis (rows; the still one first) and series (columns).

    ``likelihood`` is a logarithm; ``rate`` is by day or by release on the levels' scale, ``deviation`` its standard
    deviation; ``shifting`` (series,) is the share of releases that shift the level.
    """

    hypotheses: tuple[Hypothesis, ...]
    likelihood: FloatArray
    rate: FloatArray
    deviation: FloatArray
    shifting: FloatArray


def weigh(levels: DailyLevels) -> Weighed:
    """Run every hypothesis over the levels of all series."""
    released = bool(levels.passed.any())
    hypotheses = (Hypothesis(Growth.NONE, 0), *BY_DAY, *(BY_RELEASE if released else ()))
    bank = _Bank(hypotheses, len(levels.values), 2 if released else 1)
    for day in _days(levels):
        bank.begin(day.left, len(levels.values[0]))
        bank.follow(day)
    return bank.weighed(levels.noise)


@dataclass(frozen=True, slots=True, eq=False)
class _Day:
    """One day of all series, in units of their noise: ``left`` days of the window with this one, the level (zero where
    none is), its variance, releases since the last level, and the chances of a shift and of an odd day."""

    left: int
    level: FloatArray
    variance: FloatArray
    releases: FloatArray
    shift: FloatArray
    odd: FloatArray


def _days(levels: DailyLevels) -> Iterator[_Day]:
    """The days in order; a day without a level has a boundless variance, and what it hid is due on the next one."""
    columns = levels.values.shape[1]
    seen = ~np.isnan(levels.values)
    centre = medians(levels.values)[:, None]
    scaled = np.where(seen, (levels.values - centre) / levels.noise[:, None], 0.0)
    variance = np.where(seen, 1.0 / np.maximum(levels.share, _LEAST_SHARE), _UNKNOWN)
    place = np.where(seen, np.arange(columns), -1)
    before = np.pad(np.maximum.accumulate(place, axis=1), ((0, 0), (1, 0)), constant_values=-1)[:, :-1]
    passed = np.take_along_axis(levels.passed, np.maximum(before, 0), axis=1)
    due = seen & (before >= 0)
    releases = np.where(due, np.minimum(levels.passed - passed, _MOST_RELEASES), 0).astype(np.float64)
    shift = np.where(due, 1.0 - (1.0 - SHIFT_ON_ANY_DAY) ** (np.arange(columns) - before), 0.0)
    odd = np.where(due, ODD_DAY, 0.0)
    for day in range(columns):
        each = (array[:, day] for array in (scaled, variance, releases, shift, odd))
        yield _Day(columns - day, *each)


class _Bank:
    """The filters of all hypotheses and series: two stories (the last release shifted nothing, it did) of each.

    State arrays are (stories, hypotheses, series): level, rate, and their variances and covariance.
    """

    def __init__(self, hypotheses: tuple[Hypothesis, ...], series: int, stories: int) -> None:
        self.hypotheses = hypotheses
        shape = (stories, len(hypotheses), series)
        self.level, self.rate, self.joint, self.rates = (np.zeros(shape) for _ in range(4))
        self.levels = np.full(shape, _UNKNOWN)
        self.weight = np.zeros(shape)
        self.weight[1:] = _NEVER
        self.shifted, self.unshifted = (np.full(shape[1:], count) for count in SHIFTS_AT_RELEASES)
        self.released = np.zeros(series)
        self.by_release = np.array([each.growth is Growth.BY_RELEASE for each in hypotheses])[:, None]
        self.begun = np.zeros((len(hypotheses), 1))

    def begin(self, left: int, columns: int) -> None:
        """Let the hypotheses begin that drift for the days that are left."""
        for row, each in enumerate(self.hypotheses):
            if each.days and left == min(each.days, columns):
                self.begun[row] = 1.0
                self.rates[:, row] = np.square(self._prior(each))

    def _prior(self, hypothesis: Hypothesis) -> FloatArray:
        """The prior's standard deviation of the rate, of each series; wider where its releases shift its level."""
        steady = RATE * np.sqrt(3.0 / hypothesis.days**3)
        if hypothesis.growth is Growth.BY_RELEASE:
            return np.full(len(self.released), steady * DAYS_A_WEEK)
        low, high = _SHIFTING
        share = np.clip((self._shifting()[0] - low) / (high - low), 0.0, 1.0)
        prior: FloatArray = np.maximum(steady, RATE_BESIDE_SHIFTS * share)
        return prior

    def _shifting(self) -> FloatArray:
        share: FloatArray = self.shifted / (self.shifted + self.unshifted)
        return share

    def follow(self, day: _Day) -> None:
        """Predict the day's level under every hypothesis, and learn from it."""
        released = np.flatnonzero(day.releases)
        if released.size:
            self._part(released)
        passed = self.begun * np.where(self.by_release, day.releases, 1.0)
        self.level += passed * self.rate
        self.levels += passed * (2.0 * self.joint + passed * self.rates)
        self.joint += passed * self.rates
        self._learn(day)

    def _part(self, chosen: Indices) -> None:
        """Make one of the two stories of these series, and open the next two: this release shifts nothing, or does."""
        weight = self.weight[:, :, chosen]
        top = weight.max(axis=0)
        share = np.exp(weight - top)
        total = share.sum(axis=0)
        share /= total
        known = self.released[chosen]
        self.shifted[:, chosen] += known * share[1]
        self.unshifted[:, chosen] += known * share[0]
        self.released[chosen] = 1.0
        for array, value in zip(self._state(), self._merged(chosen, share), strict=True):
            array[:, :, chosen] = value
        shifting = self._shifting()[:, chosen]
        likelihood = top + np.log(total)
        self.weight[0][:, chosen] = likelihood + np.log1p(-shifting)
        self.weight[1][:, chosen] = likelihood + np.log(shifting)

    def _state(self) -> tuple[FloatArray, ...]:
        return self.level, self.rate, self.levels, self.joint, self.rates

    def _merged(self, chosen: Indices | slice, share: FloatArray) -> tuple[FloatArray, ...]:
        """The moments of the mixture of the stories, in the order of ``_state``."""
        level, rate, levels, joint, rates = (array[:, :, chosen] for array in self._state())
        middle, speed = (share * level).sum(axis=0), (share * rate).sum(axis=0)
        off, faster = level - middle, rate - speed
        return (
            middle,
            speed,
            (share * (levels + off * off)).sum(axis=0),
            (share * (joint + off * faster)).sum(axis=0),
            (share * (rates + faster * faster)).sum(axis=0),
        )

    def _chances(self, day: _Day) -> FloatArray:
        """How likely a day is usual, odd, or shifted by each kind of shift: (kinds, stories, 1, series)."""
        shifted, quiet = day.shift, 1.0 - day.shift
        usual = [quiet * (1.0 - day.odd), quiet * day.odd, *(shifted * often for _, often in SHIFTS)]
        if len(self.level) == 1:
            return np.stack(usual)[:, None, None, :]
        due = day.releases > 0
        other = [0.0, 0.0, *(often for _, often in SHIFTS)]
        second = [np.where(due, release, each) for release, each in zip(other, usual, strict=True)]
        return np.stack([usual, second], axis=1)[:, :, None, :]

    def _learn(self, day: _Day) -> None:
        """Bayes' rule for a mixture of kinds of days, collapsed to one normal distribution of level and rate.

        With S the predicted variance of the day's level under a kind and N its noise, the gains are 1 - N/S and
        joint/S; the sums below are their means and second moments over the kinds.
        """
        wrong = np.clip(day.level - self.level, -_FARTHEST, _FARTHEST)
        wrong *= day.variance < _UNKNOWN
        squared = wrong * wrong
        odd = ODD_DEVIATION**2
        total, first, second = (np.zeros_like(wrong) for _ in range(3))
        for kind, (chance, width) in enumerate(zip(self._chances(day), _WIDTHS, strict=True)):
            inverse = 1.0 / (self.levels + (day.variance + width))
            likely = chance * np.sqrt(inverse) * np.exp(-0.5 * squared * inverse)
            total += likely
            each = likely * inverse
            first += each
            second += each * inverse
            if kind == _ODD:
                oddly, oddly_first, oddly_second = likely, each, each * inverse
        for array in (first, second, oddly, oddly_first, oddly_second):
            array /= total
        self.weight += np.log(total)
        noise = day.variance
        ratio = noise * first + odd * oddly_first
        both = (2.0 * noise + odd) * odd
        self.level += wrong * (1.0 - ratio)
        self.rate += wrong * self.joint * first
        self.rates += self.joint**2 * (squared * (second - first * first) - first)
        crossed = ratio - squared * (noise * second + odd * oddly_second - ratio * first)
        spread = noise**2 * second + both * oddly_second - ratio * ratio
        self.levels = noise + odd * oddly - noise**2 * first - both * oddly_first + squared * spread
        self.joint = self.joint * crossed

    def weighed(self, noise: FloatArray) -> Weighed:
        """What was found, in the units of the levels."""
        top = self.weight.max(axis=0)
        share = np.exp(self.weight - top)
        total = share.sum(axis=0)
        _, rate, _, _, rates = self._merged(slice(None), share / total)
        deviation = np.sqrt(np.maximum(rates, 0.0))
        likelihood = top + np.log(total)
        return Weighed(self.hypotheses, likelihood, rate * noise, deviation * noise, self._shifting()[0])
