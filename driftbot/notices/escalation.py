"""Escalation: since when the owner of a finding is asked in person, because nobody mended it in time."""

from __future__ import annotations

from datetime import datetime, timedelta

from driftbot.core.digest import Entry, Standing
from driftbot.notices.situation import Situation

_UNFIXED = frozenset({Standing.NEW, Standing.WORSE, Standing.CHANGED, Standing.STANDING})


def escalated(entry: Entry, after: timedelta | None, situation: Situation) -> datetime | None:
    """Since when; None while there is time left, while it is put aside, unread or fixed, and where ``after`` is None.

    The time runs from the night that found it, that found it again after it was fixed, or from the end of its last
    waiver.
    """
    if after is None or entry.standing not in _UNFIXED:
        return None
    since = situation.reopened.get(entry.fingerprint, entry.life.first_seen)
    waiver = situation.waivers.get(entry.fingerprint)
    if waiver is not None and since < waiver.expires <= situation.now:
        since = waiver.expires
    due = since + after
    return due if due <= situation.now else None
