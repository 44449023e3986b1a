"""The moments between two effects: where the kill switch is asked, and where the crash campaign ends the process."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum


class Boundary(StrEnum):
    """What was just done when a boundary is called."""

    LOOKED = "git: looked at the remote"
    FETCHED = "git: fetched"
    BUILT = "git: commits built, nothing points to them"
    KEPT = "git: commits kept under refs/driftbot"
    PUSHED = "git: pushed"
    DELETED = "git: deleted at the remote"
    FORGOTTEN = "git: own references deleted"


def unbounded(_name: str) -> None:
    """Nothing happens at a boundary."""


AtBoundary = Callable[[str], None]
