"""Quiet hours: until when nothing new is announced in a channel, and how bad a finding has to be to break them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from driftbot.core.rule import Severity
from driftbot.guards.working_hours import closes, is_open
from driftbot.notices.options import QuietHours


@dataclass(frozen=True, slots=True)
class Quiet:
    """It is quiet until ``until``, but for findings of severity ``except_severity`` or worse (None: for all)."""

    until: datetime
    except_severity: Severity | None = None


def quiet(hours: Sequence[QuietHours], now: datetime) -> Quiet | None:
    """Whether it is quiet now and until when; None where it is not.

    Hours that follow each other are one. A finding breaks them if it may break all of those that hold now.
    """
    holding = [one for one in hours if is_open(one.window, now)]
    until = closes([one.window for one in hours], now) if holding else None
    if until is None:
        return None
    exempt = [one.except_severity for one in holding]
    told = [one for one in exempt if one is not None]
    return Quiet(until, min(told, key=lambda one: one.rank) if len(told) == len(exempt) else None)


def held_until(hours: Sequence[QuietHours], now: datetime) -> datetime | None:
    """When the quiet hours end that hold now; None where none do."""
    held = quiet(hours, now)
    return held.until if held else None
