"""Errands: which stretches of time a key has to be fetched for tonight, given what is held of it. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from driftbot.core.demand import SeriesNeed
from driftbot.core.span import Span
from driftbot.signals.signal import Signal

ALIKE = 1.5
"""Steps that differ by no more than this factor count as one: a rule that comes or goes then fetches nothing anew."""


class Direction(StrEnum):
    """Which end of a stretch is fetched first."""

    FORWARD = "forward"
    BACKWARD = "backward"


@dataclass(frozen=True, slots=True)
class Stretch:
    """Times from ``start`` to ``end`` (Unix seconds) to be fetched, and from which end."""

    start: float
    end: float
    direction: Direction

    @property
    def far_end(self) -> float:
        """Where a fetch arrives that fetches everything."""
        return self.end if self.direction is Direction.FORWARD else self.start


@dataclass(frozen=True, slots=True)
class Errand:
    """A key to be fetched tonight. ``held`` is what is held of it and may be added to, None where nothing may.

    ``known_until`` is up to when anything is known of the key, whatever its step; ``signals`` are the ones that measure
    it and ``replaced`` says that what is held was measured by others.
    """

    need: SeriesNeed
    signals: tuple[Signal, ...]
    step: float
    start: float
    now: float
    held: Span | None
    known_until: float | None
    replaced: bool

    def __str__(self) -> str:
        return f"{self.need.key} of a {self.need.kind}"

    @property
    def nothing(self) -> Span:
        """A span of this errand that holds nothing yet."""
        return Span.nothing(self.now, self.step, definition(self.signals))

    def stretches(self, overlap: float) -> tuple[Stretch, ...]:
        """What is new with the overlap (seconds) that catches late samples, then what is older than what is held.

        The older stretch is fetched from its young end, so that what was fetched is one span whenever the budget ends.
        """
        if self.held is None:
            return (Stretch(self.start, self.now, Direction.BACKWARD),)
        new = Stretch(max(self.start, min(self.held.until, self.now) - overlap), self.now, Direction.FORWARD)
        if self.start >= self.held.since - self.step:
            return (new,)
        return new, Stretch(self.start, self.held.since, Direction.BACKWARD)

    def holding(self, span: Span | None, stretch: Stretch, reached: float) -> Span:
        """What is held once a stretch has been fetched from its first end as far as ``reached``."""
        if span is None:
            return replace(self.nothing, since=reached)
        if stretch.direction is Direction.BACKWARD:
            return replace(span, since=min(span.since, reached))
        return replace(span, until=max(span.until, reached))


def errand(need: SeriesNeed, signals: Sequence[Signal], now: float, held: Span | None, overlap: float) -> Errand:
    """What is to be done for a need, given what is held.

    What is held cannot be added to, and everything is fetched, where it was measured by other signals or in clearly
    coarser steps, or where it does not reach into the window; the samples of coarser steps stay in use meanwhile.
    """
    wanted = max(need.step, min(signal.step for signal in signals))
    start = now - need.window
    mine = Span.nothing(now, wanted, definition(signals))
    replaced = mine.replaces(held)
    usable = held is not None and not replaced and held.step <= wanted * ALIKE
    if held is None or not usable or not _joins(held, start, now, overlap):
        known = None if held is None or replaced or held.since == held.until else held.until
        return Errand(need, tuple(signals), wanted, start, now, None, known, replaced)
    step = held.step if wanted <= held.step * ALIKE else wanted
    span = replace(held, step=step, signals=mine.signals)
    return Errand(need, tuple(signals), step, start, now, span, held.until, replaced)


def _joins(held: Span, start: float, now: float, overlap: float) -> bool:
    """Whether what is new follows what is held without a hole, and is not all of it anyway."""
    return held.until >= start and held.since < min(held.until, now) - overlap


def definition(signals: Sequence[Signal]) -> str:
    """The digest of what makes the samples of signals what they are: queries, subjects, and how they are combined."""
    parts = [part for signal in signals for part in (signal.query, signal.subject, signal.aggregation.value)]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]
