"""Plans: what would be done about tonight's findings, what is held back and why; approved by their digest."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from driftbot.core.canonical import canonical
from driftbot.core.hold import Guard, Hold
from driftbot.core.remedy import Covered, Remedy

FORMAT = 1
"""The version of a plan's text; another one is refused, not guessed at."""


@dataclass(frozen=True, slots=True)
class Held:
    """What is not done, and why: every reason, not the first. ``remedy`` is None where no steps could be proposed."""

    playbook: str
    covers: tuple[Covered, ...]
    holds: tuple[Hold, ...]
    remedy: Remedy | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """Remedies in the order in which they are applied, and what is held back.

    ``made`` is when it was made, ``night`` the ``as_of`` of the scan whose findings it is for.
    """

    made: datetime
    night: datetime
    remedies: tuple[Remedy, ...] = ()
    held: tuple[Held, ...] = ()

    @property
    def digest(self) -> str:
        """SHA-256 of what would be done, in hexadecimal: equal for plans that do the same, whenever they were made."""
        return plan_digest(one.digest for one in self.remedies)


def limited(plan: Plan) -> int:
    """How many remedies a limit of numbers holds back, all of them together."""
    return sum(any(hold.guard is Guard.RUN_LIMIT for hold in held.holds) for held in plan.held)


def plan_digest(remedies: Iterable[str]) -> str:
    """The digest of a plan whose remedies, in their order, have these digests."""
    return hashlib.sha256(canonical((FORMAT, tuple(remedies))).encode()).hexdigest()
