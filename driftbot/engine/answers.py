"""Answers: what a detector says of every subject of a table, as columns for expressions and reasons for people."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from driftbot.core.marker import Marker
from driftbot.core.series import FloatArray
from driftbot.detectors.lack import Lack, Lacks
from driftbot.engine.column import Column, Flags

if TYPE_CHECKING:
    from driftbot.detectors.drift.drift import Drifts
    from driftbot.detectors.limits.breach import Breaches
    from driftbot.detectors.peers.before_after import AfterRelease
    from driftbot.detectors.peers.peers import Apart

NOTHING_LACKS = Lack.NOTHING_LACKS


class Answer(ABC):
    """One question answered for every row of a table."""

    @abstractmethod
    def column(self, measure: str) -> Column:
        """The measure of that name; unknown where ``lack`` says why."""

    @abstractmethod
    def lack(self, row: int, measure: str) -> str:
        """Why the measure of a row is not known."""


@dataclass(frozen=True, slots=True, eq=False)
class Levels(Answer):
    """What is usual: ``level`` in the unit of the series, ``spread`` as a share of it."""

    level: FloatArray
    spread: FloatArray
    lacks: Lacks

    def column(self, measure: str) -> Column:
        """``baseline`` or ``spread``, both in the unit of the series."""
        values = self.level if measure == "baseline" else self.spread * np.abs(self.level)
        return known_where(self.lacks == NOTHING_LACKS, values)

    def lack(self, row: int, measure: str) -> str:  # noqa: ARG002 - a level and its spread lack the same
        """What the baseline lacks."""
        return Lack(int(self.lacks[row])).sentence


@dataclass(frozen=True, slots=True, eq=False)
class DriftAnswer(Answer):
    """Slow drift, and what it drifts from."""

    drifts: Drifts
    levels: Levels

    def column(self, measure: str) -> Column:
        """``drift`` over the whole window, per day or per release: a share of the level, 0 where none is told."""
        found = self.drifts
        shares = {"drift": found.total, "drift_per_day": found.per_day, "drift_per_release": found.per_release}
        return known_where(found.enough, np.where(found.told, shares[measure], 0.0))

    def lack(self, row: int, measure: str) -> str:
        """What the baseline lacks; else what the speed per release lacks."""
        if self.drifts.enough[row] and measure == "drift_per_release":
            return "it drifts, and no release is known since that began"
        return self.levels.lack(row, measure) or "there are samples on fewer than 21 days"


@dataclass(frozen=True, slots=True, eq=False)
class Steps:
    """The last lasting step of each row (``told``): when (Unix seconds), levels, and the change with its 80 % interval.

    Changes are relative: 0.15 is fifteen per cent more.
    """

    told: Flags
    at: FloatArray
    before: FloatArray
    after: FloatArray
    change: FloatArray
    low: FloatArray
    high: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class StepAnswer(Answer):
    """The last lasting step, and the marker beside it where there is one.

    ``unread`` are the rows whose markers were not all read: where none stands beside a step, nobody knows that none is.
    """

    steps: Steps
    levels: Levels
    causes: Sequence[Marker | None]
    unread: Flags

    def column(self, measure: str) -> Column:
        """``step`` as a share of the level before, when it was, and what was changed then.

        The share is 0 where no step is told, and infinite where there was nothing before it.
        """
        enough, told = self.levels.lacks == NOTHING_LACKS, self.steps.told
        match measure:
            case "step":
                change = np.where(told, self.steps.change, 0.0)
                return Column(np.nan_to_num(change, nan=0.0, posinf=np.inf), enough & ~np.isnan(change))
            case "step_at":
                return known_where(enough & told, self.steps.at)
            case _:
                texts = np.empty(len(told), dtype=object)
                texts[:] = [str(cause) if cause else "" for cause in self.causes]
                return Column(texts, enough & ~(told & self.unread & (texts == "")))

    def lack(self, row: int, measure: str) -> str:
        """What the baseline lacks; of the time of a step, that there is none."""
        if self.steps.told[row] and self.unread[row]:
            return "nothing that was read stands beside it, and not all that was changed could be read"
        return self.levels.lack(row, measure) or "there is no step"


@dataclass(frozen=True, slots=True, eq=False)
class PeerAnswer(Answer):
    """How far each is from its peers; ``groups`` numbers them, negative is none."""

    label: str
    apart: Apart
    groups: NDArray[np.int64]

    def column(self, measure: str) -> Column:  # noqa: ARG002 - it is one measure
        """``apart`` as a share; 0 where it is not told."""
        known = self.apart.lack == NOTHING_LACKS
        return known_where(known, np.where(self.apart.told, self.apart.ratio - 1.0, 0.0))

    def lack(self, row: int, measure: str) -> str:  # noqa: ARG002
        """What the comparison lacks."""
        if self.groups[row] < 0:
            return not_labelled(self.label)
        return Lack(int(self.apart.lack[row])).sentence


@dataclass(frozen=True, slots=True, eq=False)
class ReleaseAnswer(Answer):
    """The level after the last release against the one before, at equal hours of the week.

    Of a series that ended nobody knows whether it stayed so.
    """

    found: AfterRelease
    levels: Levels

    def column(self, measure: str) -> Column:  # noqa: ARG002
        """``after_release`` as a share; 0 where it is not told."""
        known = (self.found.lack == NOTHING_LACKS) & (self.levels.lacks != Lack.STALE)
        return known_where(known, np.where(self.found.told, self.found.ratio - 1.0, 0.0))

    def lack(self, row: int, measure: str) -> str:  # noqa: ARG002
        """What the comparison lacks."""
        return (Lack(int(self.found.lack[row])) or Lack.STALE).sentence


@dataclass(frozen=True, slots=True, eq=False)
class BreachAnswer(Answer):
    """How likely a limit above (``rising``) or below is passed, and when; ``limits`` is what it was held against."""

    breaches: Breaches
    limits: Column
    rising: bool

    def column(self, measure: str) -> Column:
        """The probability within the horizon, or the seconds until it is as likely as not (infinite: not within it)."""
        found = self.breaches
        values = found.median_in if measure.endswith("_in") else found.probability
        return Column(np.nan_to_num(values, nan=0.0, posinf=np.inf), self._known & ~np.isnan(values))

    @property
    def _known(self) -> Flags:
        known: Flags = (self.breaches.lack == NOTHING_LACKS) & self.limits.known
        return known

    def lack(self, row: int, measure: str) -> str:  # noqa: ARG002
        """What the forecast lacks; a limit that was not read says so itself."""
        if not self.limits.known[row]:
            return "the limit is not known"
        return Lack(int(self.breaches.lack[row])).sentence


@dataclass(frozen=True, slots=True, eq=False)
class Nothing(Answer):
    """The answer of a table in which no series can be asked, and the reason."""

    rows: int
    reason: str = Lack.NO_SAMPLES.sentence

    def column(self, measure: str) -> Column:
        """Unknown everywhere."""
        values: NDArray[Any] = np.full(self.rows, "", object) if measure == "step_cause" else np.zeros(self.rows)
        return Column(values, np.zeros(self.rows, dtype=np.bool_))

    def lack(self, row: int, measure: str) -> str:  # noqa: ARG002 - there is nothing anywhere
        """That there is nothing."""
        return self.reason


def not_labelled(label: str) -> str:
    """Why one that does not carry the label has no peers."""
    return f"the label {label} was not read"


def known_where(known: Flags, values: FloatArray) -> Column:
    """A column of numbers; one that is not finite is not known either."""
    finite = known & np.isfinite(values)
    return Column(np.where(finite, values, 0.0), finite)
