"""What fits: groups of lines share a message, the urgent ones first, and what is left out is counted."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate

from driftbot.notifiers.slack.mrkdwn import NOTHING, Mrkdwn, mrkdwn

LEAST = 3
"""Lines that every group has before the first one has more (ours)."""
_AROUND = 50
"""Characters kept for what stands around a group's title and for the line that counts what is left out."""


@dataclass(frozen=True, slots=True)
class Group:
    """Lines under a title; ``count`` is how many things there are, whether or not their lines are written."""

    title: str
    lines: tuple[Mrkdwn, ...]
    count: int

    def shown(self, number: int) -> tuple[Mrkdwn, ...]:
        """The title, the first lines, and how many more there are."""
        rest = self.count - number
        more = mrkdwn("… and {} more", f"{rest:,}") if rest else NOTHING
        return tuple(filter(None, (mrkdwn("*{}* ({})", self.title, f"{self.count:,}"), *self.lines[:number], more)))


def shared(groups: Sequence[Group], room: int) -> tuple[tuple[Mrkdwn, ...], ...]:
    """Every group's lines as far as ``room`` characters hold them all, line ends counted.

    Each group first gets a line, then ``LEAST``, then the earlier ones get more. Titles and counts are always shown.
    """
    left = room - sum(len(group.title) + _AROUND for group in groups)
    numbers = [0] * len(groups)
    for most in (1, LEAST, room):
        for index, group in enumerate(groups):
            for line in group.lines[numbers[index] : most]:
                if len(line) >= left:
                    break
                left -= len(line) + 1
                numbers[index] += 1
    return tuple(group.shown(number) for group, number in zip(groups, numbers, strict=True))


def within(lines: Iterable[Mrkdwn], room: int, rest: Mrkdwn) -> tuple[Mrkdwn, ...]:
    """The lines, or the first of them that ``room`` characters hold with ``rest``, which says where the others are."""
    wanted = tuple(filter(None, lines))
    ends = list(accumulate(len(line) + 1 for line in wanted))
    if not ends or ends[-1] <= room:
        return wanted
    return (*wanted[: bisect_right(ends, room - len(rest) - 1)], rest)
