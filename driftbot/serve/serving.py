"""The process that stays awake: looks what is due, has it done by children, and knows how it is."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from driftbot.config import Config
from driftbot.core.failure import Failure
from driftbot.serve.agenda import Agenda, Memory, Sighted
from driftbot.serve.alarm import Alarm
from driftbot.serve.chat_link import ChatLink, Decided
from driftbot.serve.child import STOPPING, Ended, Ending, StopStep
from driftbot.serve.dead_man import DeadManPings
from driftbot.serve.errand import Due, Errand, ErrandKind, Lane
from driftbot.serve.event_log import EventLog
from driftbot.serve.memory import give_back
from driftbot.serve.night_metrics import Attempt
from driftbot.serve.nights import Timetable
from driftbot.serve.pages import ScanAnswer
from driftbot.serve.readiness import Check, CheckState, Situation, readiness
from driftbot.serve.sight import sighted
from driftbot.serve.tenure import Tenure
from driftbot.serve.workers import Workers
from driftbot.store.errors import StoreError
from driftbot.store.store import Store

LOOK = 15.0
"""Seconds between two looks at what is due, however the clock is set meanwhile (ours)."""
_STANDS_STILL = 8
"""After so many looks that did not come the process counts as dead."""
_REDELIVER = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class World:
    """What serving needs from outside: the clock, the command line of an errand, and how patient it is."""

    clock: Callable[[], datetime]
    command: Callable[[Errand], Sequence[str]]
    salt: str = ""
    look: float = LOOK
    stopping: Sequence[StopStep] = STOPPING


class Serving:
    """Everything that goes on between nights. Its methods belong to one event loop; ``run`` returns once ``stop`` was
    called and every child has ended.
    """

    def __init__(self, config: Config, store: Store, world: World, log: EventLog, night_now: bool = False) -> None:
        self._store, self._world, self._log = store, world, log
        self._memory = Memory(since=world.clock())
        if night_now:
            self._memory = replace(self._memory, asked=self._memory.since)
        self._tenure = Tenure(store, world.clock, log)
        self._workers = Workers(world.command, self._ended, log, world.stopping)
        self._pings = DeadManPings(config.serve.dead_man, log)
        self._chat = ChatLink(config, world.clock, self._decided, log)
        self._wake, self._stopping = asyncio.Event(), asyncio.Event()
        self._sighted: Sighted | None = None
        self._kept_unknown: list[datetime] = []
        self._ours, self._looked = False, time.monotonic()
        self._trouble = {"store": "", "configuration": ""}
        self.attempt: Attempt | None = None
        self._use(config)

    async def run(self) -> None:
        """Look, again and again, until it is stopped."""
        alarm = Alarm(self._wake.set)
        alarm.start()
        try:
            while not self._stopping.is_set():
                self._wake.clear()
                await self._look(alarm)
                await asyncio.to_thread(give_back)
                await self._rest()
        finally:
            alarm.stop()
            await self._close()

    def stop(self) -> None:
        """End: nothing more is begun, children are ended in steps, the nights are given back.

        Children are asked at once: a look under way may wait for a store or a Slack that does not answer, and there are
        only seconds until somebody kills everything.
        """
        self._stopping.set()
        self._workers.halt()
        self._wake.set()

    def reload(self, config: Config | None, problem: str = "") -> None:
        """Use another configuration from now on; with None the old one stays, and ``problem`` says why."""
        self._trouble["configuration"] = problem
        if config is not None:
            self._use(config)
        self._wake.set()

    def alive(self) -> bool:
        """Whether looks come as they should."""
        return time.monotonic() - self._looked < _STANDS_STILL * self._world.look

    def ready(self) -> tuple[Check, ...]:
        """Whether nights will begin as they should, check by check."""
        if self._stopping.is_set():
            return (Check("process", CheckState.FAILED, "it is stopping"),)
        situation = Situation(
            self._agenda,
            self._config.serve.longest_night,
            self._sighted,
            self._memory,
            self._ours,
            self._tenure.told,
            self._trouble["store"],
            self._trouble["configuration"],
            self._chat.check(),
        )
        return readiness(situation, self._world.clock())

    def scan(self) -> ScanAnswer:
        """Ask for a night now."""
        doing = self._workers.doing(Lane.ESTATE)
        if self._stopping.is_set():
            return ScanAnswer.STOPPING
        if not self._ours:
            return ScanAnswer.STANDING_BY
        if self._memory.asked or (doing and doing.kind is ErrandKind.NIGHT):
            return ScanAnswer.RUNNING
        self._memory = replace(self._memory, asked=self._world.clock())
        self._wake.set()
        return ScanAnswer.BEGUN

    @property
    def chat(self) -> ChatLink:
        """The way to Slack."""
        return self._chat

    def _use(self, config: Config) -> None:
        self._config = config
        self._pings.options = config.serve.dead_man
        self._chat.config = config
        channels = tuple(channel.options for channel in config.channels)
        self._agenda = Agenda(Timetable.of(config.serve, self._world.salt), channels)

    async def _look(self, alarm: Alarm) -> None:
        """One look at lease, store and clock; what is due is begun, and the alarm is set to what comes next."""
        self._ours = await asyncio.to_thread(self._tenure.look)
        now = self._world.clock()
        if await self._see(now) and self._ours and self._sighted is not None:
            waiting = self._begin(self._agenda.due(self._sighted, self._memory, now), now)
            if waiting:
                alarm.set(min(due.at for due in waiting), now)
        await self._chat.keep(self._ours and not self._stopping.is_set())
        self._looked = time.monotonic()

    async def _see(self, now: datetime) -> bool:
        """Read the store; whether that could be done."""
        try:
            self._sighted = await asyncio.to_thread(sighted, self._store, now)
        except StoreError as error:
            if error.message != self._trouble["store"]:
                self._log.failure("store.unreadable", error)
            self._trouble["store"] = error.message
            return False
        self._trouble["store"] = ""
        self._judge_kept(self._sighted, now)
        return True

    def _judge_kept(self, seen: Sighted, now: datetime) -> None:
        """Of planned nights that ended: whether they kept anything."""
        for planned in self._kept_unknown:
            if seen.last_night is None or seen.last_night < planned:
                self._memory = self._memory.night_failed(planned, now)
        self._kept_unknown.clear()

    def _begin(self, due: Sequence[Due], now: datetime) -> list[Due]:
        """Begin what is due and whose lane is free; what comes later."""
        for one in due:
            longest = self._config.serve.longest_night
            if one.at <= now and self._workers.begin(one.errand, longest):
                self._begun(one.errand, now)
        return [one for one in due if one.at > now]

    def _begun(self, errand: Errand, now: datetime) -> None:
        memory = self._memory
        match errand.kind:
            case ErrandKind.NIGHT:
                self._memory = replace(memory, asked=None)
                self.attempt = Attempt(now)
                self._pings.started()
            case ErrandKind.APPLY:
                self._memory = replace(memory, approved=memory.approved[1:])
            case ErrandKind.GO_ON:
                self._memory = replace(memory, went_on=now)
            case ErrandKind.DELIVER:
                self._memory = replace(memory, delivered=now, decided=None, redeliver=None)

    def _ended(self, errand: Errand, ended: Ended) -> None:
        now = self._world.clock()
        if errand.kind is ErrandKind.NIGHT:
            self._night_ended(errand, ended, now)
        elif errand.kind is ErrandKind.DELIVER:
            if ended.code and not self._memory.delivery_failed:
                self._memory = replace(self._memory, redeliver=now + _REDELIVER)
            self._memory = replace(self._memory, delivery_failed=bool(ended.code))
        elif ended.how is Ending.ENDED:
            self._memory = replace(self._memory, decided=now)
        self._wake.set()

    def _night_ended(self, errand: Errand, ended: Ended, now: datetime) -> None:
        if self.attempt is not None:
            self.attempt = Attempt(self.attempt.started, now, ended.code)
        if ended.how is Ending.STOPPED:
            return  # it was asked to; nobody has to be told, and it is caught up after the start
        self._pings.ended(ended.code)
        if errand.planned is not None:
            self._kept_unknown.append(errand.planned)

    def _decided(self, decided: Decided) -> None:
        """Somebody decided in a chat."""
        now = self._world.clock()
        self._memory = replace(self._memory, decided=now)
        if decided.apply is not None:
            self._memory = replace(self._memory, approved=(*self._memory.approved, decided.apply))
        self._wake.set()

    async def _rest(self) -> None:
        """Until something happens, or the next look is due."""
        try:
            await asyncio.wait_for(self._wake.wait(), self._world.look)
        except TimeoutError:
            return

    async def _close(self) -> None:
        self._log.info("serve.stopping", "nothing more is begun; what runs is ended")
        await asyncio.gather(self._workers.stop(), self._chat.keep(False))
        await self._pings.close(5.0)
        await asyncio.to_thread(self._tenure.end)


def unreadable(failure: Failure) -> str:
    """What readiness says of a configuration that cannot be used."""
    first = failure.message.partition("\n")[0]
    return f"the file is not valid any more, what was read before is used: {first}"
