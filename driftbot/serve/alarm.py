"""The alarm clock: wakes the process at a moment, by APScheduler."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.date import DateTrigger

_NAME = "next"


class Alarm:
    """One moment at which something is called in the event loop; a new one takes the place of the old one.

    APScheduler only fires: its cron trigger counts weekdays otherwise than cron, asks of a day that both its day fields
    allow it, and loses or doubles nights where clocks are changed (its issues 286, 529, 980 and 1021). A job that comes
    a second late would be dropped unless it is told otherwise.
    """

    def __init__(self, call: Callable[[], None]) -> None:
        self._call = call
        self._scheduler = AsyncIOScheduler(
            timezone=UTC, job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        )
        self._set: datetime | None = None

    def start(self) -> None:
        """Begin to watch the clock; in a running event loop."""
        self._scheduler.start()

    def set(self, moment: datetime, now: datetime) -> None:
        """Wake at ``moment``, as long after ``now`` as that is. What was set to the same moment is looked at again, for
        the scheduler sleeps for as long as it thought before somebody set the clock.
        """
        if moment == self._set:
            self._scheduler.wakeup()
            return
        self._set = moment
        fires = datetime.now(UTC) + max(moment - now, timedelta(0))
        self._scheduler.add_job(self._ring, DateTrigger(fires), id=_NAME, replace_existing=True)

    def stop(self) -> None:
        """Watch no more."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    async def _ring(self) -> None:
        self._set = None
        self._call()
