"""Readiness: whether nights will begin as they should, check by check, in words. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from driftbot.serve.agenda import Agenda, Memory, Sighted


class CheckState(StrEnum):
    """``DEGRADED`` is told and keeps nobody waiting; ``FAILED`` means not ready."""

    FINE = "fine"
    DEGRADED = "degraded"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at."""

    name: str
    state: CheckState
    told: str


@dataclass(frozen=True, slots=True)
class Situation:
    """What readiness is judged from.

    ``store`` and ``configuration`` say what is wrong, empty where nothing is; ``chat`` is None where there is none.
    ``sighted`` is None where the store was never read.
    """

    agenda: Agenda
    longest_night: timedelta
    sighted: Sighted | None
    memory: Memory
    ours: bool
    whose: str
    store: str = ""
    configuration: str = ""
    chat: Check | None = None


def is_ready(checks: tuple[Check, ...]) -> bool:
    """Whether none failed."""
    return all(check.state is not CheckState.FAILED for check in checks)


def readiness(situation: Situation, now: datetime) -> tuple[Check, ...]:
    """Every check, in a fixed order."""
    store = Check("store", CheckState.FAILED, situation.store) if situation.store else _fine("store", "it can be read")
    told = situation.configuration
    configuration = Check("configuration", CheckState.FAILED, told) if told else _fine("configuration", "it is valid")
    whose = Check("nights", CheckState.FINE if situation.ours else CheckState.FAILED, situation.whose)
    chat = (situation.chat,) if situation.chat else ()
    return store, configuration, whose, _last_night(situation, now), *chat


def _fine(name: str, told: str) -> Check:
    return Check(name, CheckState.FINE, told)


def _last_night(situation: Situation, now: datetime) -> Check:
    """Overdue is a night that was planned long enough ago to have ended, and is not kept."""
    sighted, memory = situation.sighted, situation.memory
    if sighted is None:
        return Check("last_night", CheckState.FAILED, "the store was not read yet")
    last = sighted.last_night
    told = f"the last night is of {last:%Y-%m-%dT%H:%MZ}" if last else "no night is kept yet"
    if last and last - now > timedelta(minutes=10):
        return Check("last_night", CheckState.FAILED, f"{told}, which lies in the future: no night can follow it yet")
    coming = situation.agenda.coming(sighted, memory, now)
    overdue = situation.agenda.timetable.overdue(last or memory.since, now, situation.longest_night)
    if overdue is not None:
        return Check("last_night", CheckState.FAILED, f"{told}, and the one of {overdue:%Y-%m-%dT%H:%MZ} is overdue")
    return _fine("last_night", f"{told}, the next one begins {coming.begins:%Y-%m-%dT%H:%MZ}")
