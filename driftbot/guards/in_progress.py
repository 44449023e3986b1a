"""In progress: what another run still works on."""

from __future__ import annotations

from collections.abc import Iterator

from driftbot.core.hold import Guard, Hold
from driftbot.core.remedy import Remedy
from driftbot.guards.circumstances import Circumstances


def held_by_progress(remedy: Remedy, circumstances: Circumstances) -> Iterator[Hold]:
    """What a run is about that has not ended: the same finding, the same setting, or the same target.

    A run that only waits to be judged keeps its findings and settings, but lets others at the targets they share: a
    file has many settings.
    """
    for run, shared in circumstances.ledger.under_way(remedy):
        reason = f"run {run.number} is {run.state} and works on {shared}"
        yield Hold(Guard.IN_PROGRESS, f"{reason}; `driftbot runs show {run.number}`")
