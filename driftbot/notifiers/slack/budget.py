"""What fits: groups of lines share a message, the urgent ones first, and what is left out is counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from driftbot.notifiers.slack.mrkdwn import Mrkdwn, mrkdwn

LEAST = 3
"""Lines that every group has before the first one has more."""
_REST = 80
"""Characters kept for the line that counts what a group leaves out."""


@dataclass(frozen=True, slots=True)
class Group:
    """Lines under a title, at most ``most`` of them shown; ``count`` is how many there are, built or not."""

    title: str
    lines: tuple[Mrkdwn, ...]
    count: int
    most: int

    def shown(self, number: int) -> tuple[Mrkdwn, ...]:
        """The title, the first lines, and how many more there are."""
        rest = self.count - number
        more = mrkdwn("… and {} more", f"{rest:,}") if rest else Mrkdwn("")
        return tuple(filter(None, (mrkdwn("*{}* ({})", self.title, f"{self.count:,}"), *self.lines[:number], more)))


def shared(groups: Sequence[Group], room: int) -> tuple[tuple[Mrkdwn, ...], ...]:
    """Every group's lines as far as ``room`` characters hold them all.

    Each group first gets up to ``LEAST`` lines, then the earlier groups get more.
    """
    left = room - sum(len(group.title) + _REST for group in groups)
    numbers = [0] * len(groups)
    for most in (LEAST, None):
        for index, group in enumerate(groups):
            limit = min(len(group.lines), group.most, most if most is not None else group.most)
            while numbers[index] < limit and left >= len(group.lines[numbers[index]]) + 1:
                left -= len(group.lines[numbers[index]]) + 1
                numbers[index] += 1
    return tuple(group.shown(number) for group, number in zip(groups, numbers, strict=True))
