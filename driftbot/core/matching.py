"""Matching: which of these is which of those, one to one, from the same in everything to the merely similar."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Generic, TypeVar

Item = TypeVar("Item")

MOST_COMPARED = 10_000
"""Pairs compared within one group of look-alikes; larger groups are paired in their order."""


class Crowd(Enum):
    """What a stage does where several on one side look alike: pair the most similar ones, or leave them alone."""

    PAIR = auto()
    LEAVE = auto()


@dataclass(frozen=True, slots=True)
class Stage(Generic[Item]):
    """One look at the items: those with equal keys belong together; without a key an item takes no part."""

    key: Callable[[Item], Hashable | None]
    crowd: Crowd = Crowd.PAIR


def match(
    new: Sequence[Item],
    old: Sequence[Item],
    stages: Iterable[Stage[Item]],
    similarity: Callable[[Item, Item], float],
    least: float,
) -> Mapping[int, int]:
    """Which position in ``new`` is which in ``old``; each at most once.

    Both sequences come in an order of their own content, so that the result depends on nothing else. Later stages see
    only what earlier ones left. Within a crowd only pairs at least ``least`` similar (0 to 1) are taken, the most
    similar first; a crowd of one and one needs no similarity.
    """
    found: dict[int, int] = {}
    free_new, free_old = dict.fromkeys(range(len(new))), dict.fromkeys(range(len(old)))
    for stage in stages:
        groups = _groups(new, free_new, stage), _groups(old, free_old, stage)
        for key, ours in groups[0].items():
            theirs = groups[1].get(key)
            for mine, other in _pairs(ours, theirs, new, old, stage.crowd, similarity, least) if theirs else ():
                found[mine] = other
                del free_new[mine], free_old[other]
    return found


def _groups(items: Sequence[Item], free: Iterable[int], stage: Stage[Item]) -> dict[Hashable, list[int]]:
    groups: dict[Hashable, list[int]] = defaultdict(list)
    for position in free:
        key = stage.key(items[position])
        if key is not None:
            groups[key].append(position)
    return groups


def _pairs(
    ours: Sequence[int],
    theirs: Sequence[int],
    new: Sequence[Item],
    old: Sequence[Item],
    crowd: Crowd,
    similarity: Callable[[Item, Item], float],
    least: float,
) -> Iterable[tuple[int, int]]:
    if len(ours) == len(theirs) == 1:
        return [(ours[0], theirs[0])]
    if crowd is Crowd.LEAVE:
        return []
    if len(ours) * len(theirs) > MOST_COMPARED:
        return list(zip(ours, theirs, strict=False))
    scored = [(-similarity(new[mine], old[other]), mine, other) for mine in ours for other in theirs]
    taken_new: set[int] = set()
    taken_old: set[int] = set()
    pairs = []
    for score, mine, other in sorted(scored):
        if -score >= least and mine not in taken_new and other not in taken_old:
            pairs.append((mine, other))
            taken_new.add(mine)
            taken_old.add(other)
    return pairs
