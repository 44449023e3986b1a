"""Creating something once, although answers get lost: look before, look after, and say where nobody can tell."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import TypeVar

from driftbot.forges.failure import FailureKind, ForgeFailure
from driftbot.forges.patience import Patience, passing, surely_undone

T = TypeVar("T")

LOOKS = (1.0, 2.0, 4.0)
"""Seconds before each look for what may have been created: a slow forge finishes after it stopped answering us."""

STANDS_THERE = frozenset({FailureKind.CONFLICT, FailureKind.REFUSED})
"""Refusals that a forge gives where the thing stands there already, among other reasons."""


class Twice(StrEnum):
    """What the forge makes of a second creation: a request it refuses itself, a notice it creates again."""

    REFUSED = "refused"
    CREATED = "created"


def create_once(create: Callable[[], T], look: Callable[[], T | None], twice: Twice, patience: Patience) -> T:
    """Create, and find instead where an answer was lost or the forge says that it stands there already.

    It is created again only where that is safe: the forge refuses a second one, or it answered that it failed (5xx)
    and nothing was found after several looks.

    Raises:
        ForgeFailure: as the forge refused, or ``uncertain`` where no answer came and nothing was found.
    """
    for attempt in range(patience.attempts):
        try:
            return patience.repeat(create, surely_undone)
        except ForgeFailure as failure:
            if not failure.uncertain and failure.kind not in STANDS_THERE:
                raise
            found = _found(look, failure, patience)
            if found is not None:
                return found
            again = twice is Twice.REFUSED or failure.kind is FailureKind.UNAVAILABLE
            if not failure.uncertain or not again or attempt + 1 == patience.attempts:
                raise
    raise AssertionError("unreachable")


def _found(look: Callable[[], T | None], failure: ForgeFailure, patience: Patience) -> T | None:
    """What was created after all; where it cannot be looked for, the failure stays as it is."""
    pauses = LOOKS if failure.uncertain else (0.0,)
    for pause in pauses:
        if not patience.wait(pause):
            return None
        try:
            found = patience.repeat(look, passing)
        except ForgeFailure:
            raise failure from None
        if found is not None:
            return found
    return None
