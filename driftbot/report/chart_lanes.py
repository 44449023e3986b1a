"""Where the labels of moments stand above a plot: change points first, then what stands beside them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from driftbot.report.chart_flags import Named, Sort
from driftbot.report.chart_font import drawable

LANES = 3
_CHARACTER = {Sort.CHANGE: 7.0, Sort.EXPECTED: 7.0, Sort.MARKER: 6.1}
"""Pixels of a character of the bold and of the plain label, rather too many than too few."""
_GAP = 8.0
_LENGTHS = (60, 32, 14)
"""Characters of a label, from what is wished to what is still of use; then it is left out."""


@dataclass(frozen=True, slots=True)
class Label:
    """A moment's label: its text, in which lane from below, and on which side of the moment's line."""

    named: Named
    across: float
    lane: int
    text: str
    leftwards: bool


def lanes(named: Sequence[Named], width: int) -> tuple[Label, ...]:
    """The labels that have room above a plot of so many pixels, each in the lowest lane that has it."""
    taken: list[list[tuple[float, float]]] = [[] for _ in range(LANES)]
    beside = _beside(named)
    wanted = sorted(named, key=lambda one: (one.sort is Sort.MARKER, one not in beside, -one.flag.at))
    return tuple(label for one in wanted if (label := _placed(one, width, taken)) is not None)


def _beside(named: Sequence[Named]) -> set[Named]:
    """The nearest marker of each change: of all markers those that a reader looks for."""
    markers = [one for one in named if one.sort is Sort.MARKER]
    changes = [one.flag.at for one in named if one.sort is Sort.CHANGE] if markers else []
    return {min(markers, key=lambda marker: abs(marker.flag.at - at)) for at in changes}


def _placed(named: Named, width: int, taken: list[list[tuple[float, float]]]) -> Label | None:
    if named.across is None:
        return None
    line = named.across * width
    for text in _texts(named):
        long = len(text) * _CHARACTER[named.sort]
        leftwards = line + long > width
        start = line - long if leftwards else line
        for lane, others in enumerate(taken):
            if start >= 0 and all(start + long + _GAP <= left or right + _GAP <= start for left, right in others):
                others.append((start, start + long))
                return Label(named, named.across, lane, text, leftwards)
    return None


def _texts(named: Named) -> Iterator[str]:
    """The label, shorter and shorter."""
    whole = drawable(named.flag.label, max(_LENGTHS))
    for length in _LENGTHS:
        yield whole if len(whole) <= length else f"{whole[: length - 1]}…"
