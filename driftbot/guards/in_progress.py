"""In progress: what another run still works on."""

from __future__ import annotations

from collections.abc import Iterator

from driftbot.core.hold import Guard, Hold
from driftbot.core.remedy import Remedy
from driftbot.guards.circumstances import Circumstances


def held_by_progress(remedy: Remedy, circumstances: Circumstances) -> Iterator[Hold]:
    """What a run is about that has not ended: the same finding or setting, or a target at which it is just now.

    A run that has not ended and cannot be read may be about anything.
    """
    for lost in (one for one in circumstances.unreadable if not one.ended):
        reason = f"run {lost.number} is {lost.state} and may be about anything, for it cannot be read ({lost.reason})"
        settle = f"`driftbot runs settle {lost.number} --done` or `--not-done` ends it"
        yield Hold(Guard.IN_PROGRESS, f"{reason}; restore a backup, or look what it did, then {settle}")
    for run, shared in circumstances.ledger.under_way(remedy):
        reason = f"run {run.number} is {run.state} and works on {shared}"
        yield Hold(Guard.IN_PROGRESS, f"{reason}; `driftbot runs show {run.number}`")
