"""``driftbot runs verify``: judge now, from fresh facts, what fixes came to."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from driftbot.cli.acting_session import tell

if TYPE_CHECKING:
    from driftbot.cli.acting_session import Scene
    from driftbot.core.run import Run


def verified(at: Scene, numbers: Collection[int]) -> tuple[Run, ...]:
    """Judge the runs that are due (of those numbers, where some are named); those that changed, each told."""
    from driftbot.cli.scan_session import now, shown_progress
    from driftbot.remedies.judging import due_runs, judge
    from driftbot.remedies.verifying import exhausted_by, verify
    from driftbot.remedies.world import outlook
    from driftbot.tape import LiveTape

    due = due_runs(at.store, now(), numbers)
    if not due:
        return ()
    with shown_progress() as progress:
        judged = judge(due, at.config, at.store, LiveTape(at.config.root), now, progress)
    circumstances = outlook(at.config, at.store, now(), at.stopped()).world.circumstances
    exhausted = exhausted_by(circumstances)
    changed = verify(at.runner, at.store, due, judged.findings, judged.at, exhausted, judged.gone)
    for run in changed:
        tell(run)
    return changed
