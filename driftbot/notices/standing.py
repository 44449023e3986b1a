"""Standing: where a finding stands for those who are told of it."""

from __future__ import annotations

from datetime import datetime

from driftbot.core.digest import Standing
from driftbot.core.excuse import Waiver
from driftbot.core.finding import Finding, Verdict
from driftbot.core.history import FindingLife, Life
from driftbot.core.snooze import Snooze
from driftbot.notices.movement import Movement, movement
from driftbot.notices.situation import Situation

DRIFTING = frozenset({Standing.NEW, Standing.WORSE, Standing.CHANGED, Standing.STANDING})
"""What drifts, and nobody put aside."""
_APPEARED = frozenset({Life.NEW, Life.REOPENED, Life.RULE_CHANGED})
_MOVED = {Movement.NONE: Standing.STANDING, Movement.AWAY: Standing.WORSE}


def standing(life: FindingLife, situation: Situation) -> Standing | None:
    """Where it stands now; None where nobody needs to hear of it: it was resolved before that night, or never was one.

    What people decided holds now, not only at night. A waiver that ended since lets its finding be new. What is put
    aside stays so while it cannot be read.
    """
    finding = life.finding
    if life.resolved is not None:
        return Standing.FIXED if life.resolved == situation.night and life.times_opened else None
    name, now = finding.fingerprint, situation.now
    if holds(situation.waivers.get(name), now) and finding.verdict is not Verdict.UNKNOWN:
        return Standing.WAIVED
    if holds(situation.snoozes.get(name), now):
        return Standing.SNOOZED
    if finding.verdict is Verdict.UNKNOWN:
        return Standing.UNREAD
    if finding.verdict is Verdict.WAIVED:
        return Standing.NEW
    return _drifting(life, situation.before.get(name), situation.night)


def holds(excuse: Waiver | Snooze | None, now: datetime) -> bool:
    """Whether there is one, and it is in force."""
    return excuse is not None and excuse.holds(now)


def _drifting(life: FindingLife, before: Finding | None, night: datetime) -> Standing:
    if life.last_seen != night:
        return Standing.STANDING
    ended_waiver = before is not None and before.verdict is Verdict.WAIVED
    if life.life in _APPEARED or ended_waiver:
        return Standing.NEW
    if before is None:
        return Standing.CHANGED if life.changed == night else Standing.STANDING
    if life.finding.severity.rank < before.severity.rank:
        return Standing.WORSE
    return _MOVED.get(movement(before, life.finding), Standing.CHANGED)
