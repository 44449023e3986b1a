"""Waivers and approvals: what people decided about findings and values, with owner, reason and time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from driftbot.core.fact import Value
from driftbot.core.subject import SubjectId


@dataclass(frozen=True, slots=True)
class Waiver:
    """A finding somebody answers for until ``expires`` (timezone-aware)."""

    fingerprint: str
    rule: str
    subject: SubjectId
    owner: str
    reason: str
    created: datetime
    expires: datetime

    def holds(self, as_of: datetime) -> bool:
        """Whether it excuses a finding at that time."""
        return self.created <= as_of < self.expires


@dataclass(frozen=True, slots=True)
class Approval:
    """A value somebody approved as the baseline that rules compare with (the view ``approved``)."""

    subject: SubjectId
    key: str
    value: Value
    approved_by: str
    reason: str
    at: datetime
