"""Workers: errands done by children, in each lane one after another."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import timedelta

from driftbot.serve.child import STOPPING, Child, Ended, Ending, StopStep
from driftbot.serve.errand import Errand, Lane
from driftbot.serve.event_log import EventLog

CANNOT_START = 127
"""Exit code where a child could not be started, as shells say it."""


class Workers:
    """At most one child in each lane. ``ended`` is called in the event loop with what came of each errand."""

    def __init__(
        self,
        command: Callable[[Errand], Sequence[str]],
        ended: Callable[[Errand, Ended], None],
        log: EventLog,
        stopping: Sequence[StopStep] = STOPPING,
    ) -> None:
        self._command, self._ended, self._log, self._stopping = command, ended, log, stopping
        self._tasks: dict[Lane, asyncio.Task[None]] = {}
        self._errands: dict[Lane, Errand] = {}
        self._children: dict[Lane, Child] = {}
        self._stopped = False

    def doing(self, lane: Lane) -> Errand | None:
        """What is done in the lane now."""
        return self._errands.get(lane)

    def begin(self, errand: Errand, longest: timedelta | None = None) -> bool:
        """Begin an errand; False where its lane is busy, or everything stops."""
        lane = errand.kind.lane
        if self._stopped or lane in self._errands:
            return False
        self._errands[lane] = errand
        self._tasks[lane] = asyncio.ensure_future(self._do(errand, longest))
        return True

    def halt(self) -> None:
        """Begin to end all children, in steps, and begin no more; asking twice does no harm."""
        self._stopped = True
        for child in self._children.values():
            child.stop()

    async def stop(self) -> None:
        """End all children and begin no more; returns when they have ended."""
        self.halt()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def _do(self, errand: Errand, longest: timedelta | None) -> None:
        lane = errand.kind.lane
        try:
            ended = await self._run(errand, longest)
        finally:
            self._errands.pop(lane, None)
            self._children.pop(lane, None)
        tell = self._log.info if ended.how is Ending.ENDED and ended.code in (0, 2) else self._log.warning
        tell(f"{errand.kind}.ended", _told(ended), code=ended.code, seconds=round(ended.took.total_seconds(), 1))
        self._ended(errand, ended)

    async def _run(self, errand: Errand, longest: timedelta | None) -> Ended:
        def tell(output: str, line: str) -> None:
            self._log.info(f"{errand.kind}.{output}", line)

        try:
            child = await Child.begin(self._command(errand), tell, self._stopping)
        except (OSError, ValueError) as error:  # a zero byte in an argument is a ValueError
            reason = error.strerror if isinstance(error, OSError) else None
            self._log.error(f"{errand.kind}.lost", f"no child can be started: {reason or error}")
            return Ended(CANNOT_START, Ending.ENDED, timedelta())
        self._children[errand.kind.lane] = child
        if self._stopped:
            child.stop()
        self._log.info(f"{errand.kind}.begun", errand.why, pid=child.pid, planned=errand.planned or "")
        return await child.ended(longest)


def _told(ended: Ended) -> str:
    match ended.how:
        case Ending.STOPPED:
            return "stopped, because this process ends"
        case Ending.TOO_LONG:
            return "stopped, because it took longer than it may (serve.longest_night)"
        case Ending.ENDED:
            return "ended"
