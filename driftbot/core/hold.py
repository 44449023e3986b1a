"""Holds: why a remedy is not done now, and until when."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Guard(StrEnum):
    """What can hold a remedy back."""

    LEVEL = "level"
    VERDICT = "verdict"
    REFUSED = "refused"
    IRREVERSIBLE = "irreversible"
    RUN_LIMIT = "run_limit"
    STEP_LIMIT = "step_limit"
    FREEZE = "freeze"
    HOURS = "hours"
    COOLDOWN = "cooldown"
    ATTEMPTS = "attempts"
    CONFLICT = "conflict"
    DUPLICATE = "duplicate"
    TUG_OF_WAR = "tug_of_war"
    FEWER_FACTS = "fewer_facts"
    IN_PROGRESS = "in_progress"
    DECLINED = "declined"
    KILL_SWITCH = "kill_switch"


PASSING = frozenset(
    {
        Guard.FREEZE,
        Guard.HOURS,
        Guard.COOLDOWN,
        Guard.DUPLICATE,
        Guard.FEWER_FACTS,
        Guard.IN_PROGRESS,
        Guard.KILL_SWITCH,
    }
)
"""Guards whose holds pass without anybody changing what is to be done or how much may be; of others only ``until``."""


@dataclass(frozen=True, slots=True, order=True)
class Hold:
    """Why something is held back, with what to do about it; ``until`` is when it ends by itself, if it does."""

    guard: Guard
    reason: str
    until: datetime | None = None

    def passes_by(self, moment: datetime) -> bool:
        """Whether it may be over by then though nobody changes a playbook, an option or what is observed."""
        return self.guard in PASSING if self.until is None else self.until <= moment


def lasting(holds: Iterable[Hold], moment: datetime, limited: int) -> tuple[Hold, ...]:
    """Those for which waiting until then is in vain.

    ``limited`` is how many remedies of their plan a limit of numbers holds: one of several may fit it when it is chosen
    alone, as an approval does.
    """
    vain = (hold for hold in holds if not hold.passes_by(moment))
    return tuple(hold for hold in vain if hold.guard is not Guard.RUN_LIMIT or limited <= 1)
