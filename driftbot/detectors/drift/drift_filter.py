"""The drift filter: what speaks for a slow drift of a series, and how fast it is, while releases may shift its level.

Under each hypothesis (``drift_hypothesis.py``) the level stands still but for the drift, for shifts at releases, for
shifts on any day, and for odd days that mean nothing. A Kalman filter runs over the days (R. E. Kalman, J. Basic Eng.
82 (1960), 35-45) with a mixture of such stories: whether the level shifted on a day stays open for the next few days,
whose levels decide, and older stories are merged to their moments (generalised pseudo-Bayes; Y. Bar-Shalom, X. R. Li,
T. Kirubarajan, Estimation with Applications to Tracking and Navigation (2001), section 11.6). Deciding on the day
itself takes shifts for drift. How often releases shift this series, and other days, is learned on the way.

A drift's rate has a normal prior about zero, so that a likelihood is that of the drift as a whole: what a hypothesis
gains over the still one is a Bayes factor, which chance rarely makes large (R. E. Kass, A. E. Raftery, JASA 90 (1995),
773-795).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from driftbot.core.series import FloatArray
from driftbot.detectors.drift.daily_levels import DailyLevels
from driftbot.detectors.drift.drift_hypothesis import Growth, Hypothesis, hypotheses
from driftbot.detectors.drift.filter_day import BOUNDLESS, Day, days
from driftbot.detectors.drift.normal_mixture import likelihoods, mean, merged, two_merged

Flags = NDArray[np.bool_]

OPEN_DAYS = 3
"""Days for which it stays open whether the level shifted. Ours: with one, unannounced shifts pass for drift."""

SHIFTS_AT_RELEASES = (1.0, 1.0)
"""Releases that did and did not shift the level, before any was seen (the prior of their share)."""
SHIFTS_ON_OTHER_DAYS = (1.0, 180.0)
"""The same of days without a release, where releases are known."""
SHIFTS_ON_ANY_DAY = (1.0, 60.0)
"""The same where none is known: shifts come unannounced."""

SMALL_SHIFTS, LARGE_SHIFTS = (4.0, 0.7), (25.0, 0.3)
"""Standard deviations of shifts (in a day's noise), and how many of the shifts are such. Ours."""
ODD_DAYS, ODD_DEVIATION = 0.02, 10.0
"""How many days are odd, and the standard deviation (in a day's noise) of such a level. Ours."""

NIGHTS = 8
"""Nights whose likelihoods are kept: tonight's and those of the week before."""

_FARTHEST = 200.0
_TINY = 1e-300
_EVEN = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Weighed:
    """What the filter found, of each hypothesis (rows; the still one first) and series (columns).

    ``likelihood`` (nights, hypotheses, series) is a logarithm, as of each of the last nights, tonight last; ``rate`` is
    by day or by release on the levels' scale, ``deviation`` its standard deviation.
    """

    hypotheses: tuple[Hypothesis, ...]
    likelihood: FloatArray
    rate: FloatArray
    deviation: FloatArray


def weigh(levels: DailyLevels) -> Weighed:
    """Run every hypothesis over the levels of all series."""
    released = bool(levels.passed.any())
    bank = _Bank(
        hypotheses(released=released), len(levels.values), SHIFTS_ON_OTHER_DAYS if released else SHIFTS_ON_ANY_DAY
    )
    for day in days(levels):
        bank.begin(day.left)
        bank.predict(day)
        bank.branch(day)
        bank.learn(day)
        bank.remember(day.left)
    return bank.weighed(levels.noise)


@dataclass(frozen=True, slots=True, eq=False)
class _Kinds:
    """What the two kinds of a day make of each story: a usual and an odd day, or a small and a large shift.

    With S the predicted variance of the level under a kind and N its noise, the gains are 1 - N/S and joint/S. Of what
    has two values the mean is the second and the first's share of their difference, and a covariance both shares and
    both differences. ``inverse`` is the mean of 1/S and ``kept`` that of N/S, ``inverse_apart`` and ``kept_apart`` are
    their differences; ``variance`` is the mean of N (1 - N/S), and ``odds`` both shares times the squared error.
    """

    likelihood: FloatArray
    odds: FloatArray
    inverse_apart: FloatArray
    inverse: FloatArray
    kept_apart: FloatArray
    kept: FloatArray
    variance: FloatArray


class _Bank:
    """The filters of all hypotheses and series, each with several stories of the last days.

    Arrays are (stories, hypotheses, series). In the first story the level shifted on none of the open days, in story k
    it did k - 1 days ago. Until a hypothesis begins it is the still one, so that only begun ones are followed.
    """

    def __init__(self, chosen: tuple[Hypothesis, ...], series: int, shifts: tuple[float, float]) -> None:
        self.hypotheses, self.begun = chosen, 1
        self._states = np.zeros((6, OPEN_DAYS + 1, len(chosen), series))
        self._states[_LEVELS] = BOUNDLESS
        self._states[_SHARE, 0] = 1.0
        self._counts = np.zeros((5, len(chosen), series))
        self._nights: list[FloatArray] = []
        for number, count in enumerate((*SHIFTS_AT_RELEASES, *shifts), start=1):
            self._counts[number] = count
        self._by_release = np.array([each.growth is Growth.BY_RELEASE for each in chosen])[:, None]
        self._drifting = np.array([each.growth is not Growth.NONE for each in chosen])[:, None]
        self._released, self._waited = np.zeros((2, OPEN_DAYS, series))
        small, large = SMALL_SHIFTS, LARGE_SHIFTS
        self._widths = np.zeros((2, OPEN_DAYS + 1, 1, 1))
        self._widths[1] = ODD_DEVIATION**2
        self._widths[:, 1, 0, 0] = small[0] ** 2, large[0] ** 2
        self._often = np.full((2, OPEN_DAYS + 1, 1, 1), 1.0 - ODD_DAYS)
        self._often[1] = ODD_DAYS
        self._often[:, 1, 0, 0] = small[1], large[1]
        self._oddness = self._widths[1].copy()
        self._oddness[1] = 0.0

    @property
    def _state(self) -> FloatArray:
        """Level, rate, the level's variance, its covariance with the rate, the rate's variance, the story's share."""
        return self._states[:, :, : self.begun]

    @property
    def _count(self) -> FloatArray:
        """The likelihood, releases that shifted and did not, other days that shifted and did not."""
        return self._counts[:, : self.begun]

    def begin(self, left: int) -> None:
        """Let the hypotheses begin that drift from now on, as the still one stands."""
        while self.begun < len(self.hypotheses) and left <= self.hypotheses[self.begun].days:
            self._states[:, :, self.begun] = self._states[:, :, 0]
            self._counts[:, self.begun] = self._counts[:, 0]
            self._states[_RATES, :, self.begun] = self.hypotheses[self.begun].prior ** 2
            self.begun += 1

    def predict(self, day: Day) -> None:
        """Let the levels drift by one day, or by the releases of the day."""
        passed = np.where(self._by_release, day.releases, 1.0)[: self.begun] * self._drifting[: self.begun]
        level, rate, levels, joint, rates, _ = self._state
        level += passed * rate
        moved = passed * rates
        doubled = joint.copy()
        joint += moved
        doubled += joint
        doubled *= passed
        levels += doubled

    def branch(self, day: Day) -> None:
        """Close the oldest story, count what it says, and open one in which the level shifts today."""
        state = self._state
        chance = self._chance(day)
        settled = state[_SHARE, 0] + state[_SHARE, -1]
        ends = two_merged(state[:-1, 0], state[:-1, -1], state[_SHARE, 0] / np.maximum(settled, _TINY))
        state[:-1, 0], state[_SHARE, 0] = ends, settled
        fresh = merged(state[:, :-1])
        for story in range(OPEN_DAYS, 1, -1):
            state[:, story] = state[:, story - 1]
        state[:-1, 1] = fresh
        unshifted = 1.0 - chance
        state[_SHARE, 0] *= unshifted
        state[_SHARE, 2:] *= unshifted
        state[_SHARE, 1] = chance

    def _chance(self, day: Day) -> FloatArray:
        """How likely the level shifts today, from what the closing stories say of other days like it."""
        last = self._state[_SHARE, -1]
        _, shifted, unshifted, jumped, calm = self._count
        released, waited = self._released[-1], self._waited[-1]
        shifted += last * released
        unshifted += (1.0 - last) * released
        jumped += last * waited
        calm += (1.0 - last) * waited
        release = day.releases > 0
        for array, today in ((self._released, release), (self._waited, ~release & (day.waited > 0))):
            array[1:] = array[:-1].copy()
            array[0] = today
        on_any = np.minimum(jumped / (jumped + calm) * day.waited, _EVEN)
        chance: FloatArray = np.where(release, shifted / (shifted + unshifted), on_any)
        return chance

    def learn(self, day: Day) -> None:
        """Bayes' rule for the day's level, of two kinds in each story, collapsed to one normal distribution."""
        level, rate, levels, joint, rates, share = self._state
        wrong = day.level - level
        far = _FARTHEST * day.seen
        np.clip(wrong, -far, far, out=wrong)
        kinds = self._kinds(day, levels, wrong)
        share *= kinds.likelihood
        whole = share.sum(axis=0)
        share /= whole
        self._count[0] += np.log(whole)
        slant = wrong * joint
        slant *= kinds.inverse
        rate += slant
        level += wrong
        wrong *= kinds.kept
        level -= wrong
        by_inverse = kinds.odds * kinds.inverse_apart
        turned = by_inverse * kinds.inverse_apart
        turned -= kinds.inverse
        turned *= joint
        turned *= joint
        rates += turned
        by_inverse *= kinds.kept_apart
        joint *= np.subtract(kinds.kept, by_inverse, out=by_inverse)
        spread = kinds.odds
        spread *= kinds.kept_apart
        spread *= kinds.kept_apart
        np.add(kinds.variance, spread, out=levels)

    def _kinds(self, day: Day, levels: FloatArray, wrong: FloatArray) -> _Kinds:
        """What both kinds of each story make of a day, as the moments that are learned from."""
        noise, other_noise = day.variance, day.variance + self._oddness
        often = np.where(day.seen, self._often, np.array([1.0, 0.0])[:, None, None, None])
        squared = wrong * wrong
        one, inverse = likelihoods(levels + (noise + self._widths[0]), squared, often[0])
        total, other_inverse = likelihoods(levels + (noise + self._widths[1]), squared, often[1])
        total += one
        share = np.divide(one, total, out=one)
        ratio, other_ratio = inverse * noise, other_inverse * other_noise
        left, other_left = noise * (1.0 - ratio), other_noise * (1.0 - other_ratio)
        odds = squared
        odds *= share
        odds *= 1.0 - share
        ratio -= other_ratio
        inverse -= other_inverse
        return _Kinds(
            total,
            odds,
            inverse_apart=inverse,
            inverse=mean(share, inverse, other_inverse),
            kept_apart=ratio,
            kept=mean(share, ratio, other_ratio),
            variance=mean(share, np.subtract(left, other_left, out=left), other_left),
        )

    def remember(self, left: int) -> None:
        """Keep the likelihoods of the last nights."""
        if left <= NIGHTS:
            self._nights.append(self._counts[0].copy())

    def weighed(self, noise: FloatArray) -> Weighed:
        """What was found, in the units of the levels."""
        _, rate, _, _, rates = merged(self._state)
        deviation = np.sqrt(np.maximum(rates, 0.0))
        return Weighed(self.hypotheses, np.stack(self._nights), rate * noise, deviation * noise)


_LEVELS, _RATES, _SHARE = 2, 4, 5
