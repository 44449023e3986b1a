"""Pairing: which condition of one expression is which of another, by what they measure and never by their position."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from driftbot.alerts.meaning import Leaf
from driftbot.alerts.term import Operation, Term, metrics, skeleton, spelled
from driftbot.core.matching import Crowd, Stage, match


@dataclass(frozen=True)
class _Side:
    """A condition of one expression with what it is recognised by."""

    leaf: Leaf

    @cached_property
    def text(self) -> str:
        return spelled(self.leaf.term)

    @cached_property
    def measured(self) -> str:
        return spelled(self._measured)

    @cached_property
    def shape(self) -> str:
        return skeleton(self._measured)

    @cached_property
    def metrics(self) -> frozenset[str]:
        return metrics(self.leaf.term)

    @cached_property
    def way(self) -> str:
        term = self.leaf.term
        return term.operator[0] if isinstance(term, Operation) and term.compares else ""

    @property
    def _measured(self) -> Term:
        term = self.leaf.term
        return term.left if isinstance(term, Operation) and term.compares else term


_STAGES: tuple[Stage[_Side], ...] = (
    Stage(lambda one: one.text),
    Stage(lambda one: (one.measured, one.way)),
    Stage(lambda one: one.measured),
    Stage(lambda one: (one.shape, one.way)),
    Stage(lambda one: one.shape),
    Stage(lambda one: (one.metrics, one.way) if one.metrics else None),
    Stage(lambda one: one.metrics or None),
    Stage(lambda _: True, Crowd.LEAVE),
)
"""The same; tuned; turned; other series; another of the same metrics; the only one that is left."""


def pairs(old: Sequence[Leaf], new: Sequence[Leaf]) -> dict[int, int]:
    """The position among the new conditions of each old one that is still there; the way back is the same pairs."""
    ours, theirs = [_Side(leaf) for leaf in old], [_Side(leaf) for leaf in new]
    if [one.text for one in theirs] < [one.text for one in ours]:
        found = {mine: other for other, mine in _matched(theirs, ours).items()}
    else:
        found = _matched(ours, theirs)
    return dict(sorted(found.items()))


def _matched(first: Sequence[_Side], second: Sequence[_Side]) -> dict[int, int]:
    orders = [sorted(range(len(sides)), key=lambda at, of=sides: of[at].text) for sides in (first, second)]  # type: ignore[misc]
    found = match([first[at] for at in orders[0]], [second[at] for at in orders[1]], _STAGES, _similarity, 0.0)
    return {orders[0][mine]: orders[1][other] for mine, other in found.items()}


def _similarity(one: _Side, other: _Side) -> float:
    """Share of common characters in runs of three: matchers and numbers decide between conditions of one shape."""
    ours, theirs = _runs(one.text), _runs(other.text)
    return 2.0 * len(ours & theirs) / (len(ours) + len(theirs)) if ours or theirs else 1.0


def _runs(text: str) -> frozenset[str]:
    return frozenset(text[at : at + 3] for at in range(max(len(text) - 2, 1)))
