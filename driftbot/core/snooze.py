"""Snoozes and feedback: what people say about a finding where they are told of it; no verdict is changed by it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Snooze:
    """A finding that somebody does not want to be told of until ``until``; it is judged and counted as before."""

    fingerprint: str
    until: datetime
    by: str
    at: datetime

    def holds(self, now: datetime) -> bool:
        """Whether it still is snoozed."""
        return self.at <= now < self.until


@dataclass(frozen=True, slots=True)
class NotUseful:
    """Somebody found it not useful to be told of a finding; counted per rule, one a person and finding."""

    fingerprint: str
    rule: str
    by: str
    at: datetime
