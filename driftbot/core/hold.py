"""Holds: why a remedy is not done now, and until when."""

from __future__ import annotations

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


@dataclass(frozen=True, slots=True, order=True)
class Hold:
    """Why something is held back, with what to do about it; ``until`` is when it ends by itself, if it does."""

    guard: Guard
    reason: str
    until: datetime | None = None
