"""Timing: freezes and working hours asked again between steps, for runs that wait long for the world."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from itertools import chain

from driftbot.core.hold import Hold
from driftbot.core.key import Vocabulary
from driftbot.core.remedy import Remedy
from driftbot.guards.circumstances import Circumstances, FactCounts, Population
from driftbot.guards.freezes import held_by_freeze
from driftbot.guards.options import GuardOptions
from driftbot.guards.working_hours import held_by_hours

Timing = Callable[[Remedy], Hold | None]
"""What holds a remedy's next step back by the time alone; None where nothing does."""


def timing(options: GuardOptions, clock: Callable[[], datetime]) -> Timing:
    """Freezes and working hours as they are whenever it is asked; the one that lasts longest."""
    return partial(_held, options, clock)


def _held(options: GuardOptions, clock: Callable[[], datetime], remedy: Remedy) -> Hold | None:
    now = clock()
    moment = Circumstances(now, options, {}, {}, Vocabulary([]), Population(), FactCounts(now, {}))
    holds = chain(held_by_freeze(remedy, moment), held_by_hours(remedy, moment))
    return max(holds, key=lambda hold: hold.until or now, default=None)
