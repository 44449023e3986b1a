"""Telling: one channel within its own time, whatever its notifier does; then what it came to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event, Thread
from time import monotonic

from driftbot.config import Channel
from driftbot.core.digest import Digest
from driftbot.core.failure import Failure
from driftbot.delivery.outcome import ChannelOutcome
from driftbot.notifiers.notifier import Delivered, DeliveryFailed, DeliveryTools

SLICE = 0.5
"""Seconds after which a sleeping delivery looks whether it is to end."""

GRACE = timedelta(seconds=30)
"""How long after its deadline a delivery may still end by itself (ours: the time-out of one request)."""

_DEFECT = "Update or report the package that has it."


@dataclass(slots=True)
class _Result:
    """What a delivery in its thread came to; nothing while it runs."""

    delivered: Delivered | None = None
    error: BaseException | None = None


class Telling:
    """One delivery in a thread of its own, so that a channel that hangs keeps neither the others nor the night.

    Threads of deliveries that did not end in time are left behind: ``over`` keeps them from writing, and so from
    sending, and they end with the process.
    """

    def __init__(self, channel: Channel, digest: Digest, tools: DeliveryTools, over: Event) -> None:
        self._channel, self._digest, self._tools, self._over = channel, digest, tools, over
        self._result = _Result()
        self._thread = Thread(target=self._deliver, name=f"deliver {channel.name}", daemon=True)
        self._thread.start()

    def outcome(self, ends: float) -> ChannelOutcome:
        """What it came to, waited for until the monotonic clock says ``ends``."""
        self._thread.join(max(0.0, ends - monotonic()))
        if self._thread.is_alive():
            self._over.set()
            look = "Look at its server and the network; the next delivery goes on from here."
            return self._outcome(failure="it did not end in time", next_step=look)
        error, done = self._result.error, self._result.delivered
        if error is not None:
            return self._outcome(failure=_reason(error, self._channel.notifier.kind), next_step=_next_step(error))
        if not isinstance(done, Delivered):
            defect = f"a defect in the notifier {self._channel.notifier.kind}: it does not say what it delivered"
            return self._outcome(failure=defect, next_step=_DEFECT)
        return self._outcome(delivered=done)

    def _deliver(self) -> None:
        try:
            self._result.delivered = self._channel.notifier.deliver(self._digest, self._channel.options, self._tools)
        except BaseException as error:  # a plugin is foreign code: whatever it raises is this channel's failure
            self._result.error = error

    def _outcome(self, delivered: Delivered | None = None, failure: str = "", next_step: str = "") -> ChannelOutcome:
        digest, kind = self._digest, self._channel.notifier.kind
        held, unrouted = digest.held_until, digest.unrouted
        return ChannelOutcome(self._channel.name, kind, delivered, failure, next_step, held, unrouted)


def sleeper(sleep: Callable[[float], None], stopped: Callable[[], str]) -> Callable[[float], None]:
    """Sleeping that ends early when somebody stops the process.

    The function raises ``DeliveryFailed`` then: what was sent is remembered, the rest waits for the next delivery.
    """

    def sleeping(seconds: float) -> None:
        left = seconds
        while True:
            refuse_when(stopped)
            if left <= 0:
                return
            sleep(min(SLICE, left))
            left -= SLICE

    return sleeping


def refuse_when(stopped: Callable[[], str]) -> None:
    """End a delivery where somebody stops the process.

    Raises:
        DeliveryFailed: somebody does.
    """
    if why := stopped():
        raise DeliveryFailed(f"it was stopped ({why})", "`driftbot deliver` goes on from here.")


def ends_after(budget: timedelta) -> float:
    """The reading of the monotonic clock at which a delivery that began now is given up."""
    return monotonic() + (budget + GRACE).total_seconds()


def deadline(now: datetime, budget: timedelta) -> datetime:
    """Until when a delivery that began now may send."""
    return now + budget


def _reason(error: BaseException, kind: str) -> str:
    if isinstance(error, DeliveryFailed):
        return error.reason
    if isinstance(error, Failure):
        return error.message
    return f"a defect in the notifier {kind}: {type(error).__name__}: {error}"


def _next_step(error: BaseException) -> str:
    if isinstance(error, DeliveryFailed | Failure):
        return error.next_step or ""
    return _DEFECT
