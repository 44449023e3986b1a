"""Escalation: since when the owner of a finding is asked in person, because nobody mended it in time."""

from __future__ import annotations

from datetime import datetime, timedelta

from driftbot.core.digest import Standing
from driftbot.core.history import FindingLife
from driftbot.notices.situation import Situation
from driftbot.notices.standing import DRIFTING


def unfixed_since(life: FindingLife, standing: Standing, situation: Situation) -> datetime | None:
    """Since when it waits to be mended; None while it is put aside, unread or fixed.

    That is the night that found it, the one that found it again after it was fixed, or the end of its last waiver.
    """
    if standing not in DRIFTING:
        return None
    name = life.finding.fingerprint
    since = situation.reopened.get(name, life.first_seen)
    waiver = situation.waivers.get(name)
    return waiver.expires if waiver is not None and since < waiver.expires <= situation.now else since


def escalated(since: datetime | None, after: timedelta | None, now: datetime) -> datetime | None:
    """Since when the owner is asked about what waits ``since`` then; None while there is time left."""
    if since is None or after is None:
        return None
    due = since + after
    return due if due <= now else None
