"""Freezes: times in which nothing is changed."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase

from driftbot.core.hold import Guard, Hold
from driftbot.core.remedy import Remedy
from driftbot.guards.circumstances import Circumstances


def held_by_freeze(remedy: Remedy, circumstances: Circumstances) -> Iterator[Hold]:
    """What is in a frozen environment, each freeze on its own."""
    for freeze in circumstances.options.freezes:
        if not freeze.begins <= circumstances.now < freeze.ends:
            continue
        frozen = [one for one in remedy.environments if any(fnmatchcase(one, glob) for glob in freeze.environments)]
        if frozen:
            reason = f"{', '.join(frozen)} is frozen until {freeze.ends:%Y-%m-%d %H:%M} UTC: {freeze.reason}"
            yield Hold(Guard.FREEZE, reason, freeze.ends)
