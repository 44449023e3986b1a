"""Delivering: each channel is brought to what it should be told now; what one does never touches the others."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from threading import Event
from zoneinfo import ZoneInfo

from driftbot.config import Channel, Config
from driftbot.core.digest import Digest
from driftbot.core.failure import Failure
from driftbot.core.rule import Rule
from driftbot.delivery.channel_memory import ChannelMemory
from driftbot.delivery.channel_secrets import channel_secrets
from driftbot.delivery.last_night import last_night
from driftbot.delivery.notices_told import mark_told
from driftbot.delivery.outcome import ChannelOutcome, health_after
from driftbot.delivery.picture import picture
from driftbot.delivery.telling import GRACE, Telling, deadline, ends_after, sleeper
from driftbot.notices.digests import Told, digests
from driftbot.notifiers.notifier import DeliveryTools
from driftbot.scan import rare_collection
from driftbot.schedule.cron import read_cron
from driftbot.schedule.occurrences import next_after
from driftbot.store.errors import StoreError, Work
from driftbot.store.lease import Lease
from driftbot.store.store import Store

BUDGET = timedelta(minutes=10)
"""How long one channel may take (ours: fifty entries with a chart each, at Slack's message a second, take three)."""

Clock = Callable[[], datetime]


def _nobody() -> str:
    return ""


def _nothing(_: str) -> None:
    """Nothing happens at a boundary."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How a delivery is done.

    ``stopped`` says why to end early, ``boundary`` is called around each effect with its name, ``budget`` is how long
    one channel may take. ``rules`` are the enabled ones where somebody read them already (None: they are read).
    """

    stopped: Callable[[], str] = _nobody
    boundary: Callable[[str], None] = _nothing
    sleep: Callable[[float], None] = time.sleep
    budget: timedelta = BUDGET
    rules: Sequence[Rule] | None = None


def told_now(
    config: Config,
    store: Store,
    now: datetime,
    next_night: datetime | None = None,
    rules: Sequence[Rule] | None = None,
) -> Told:
    """What each channel should be told now; nothing is sent. ``rules`` are as in ``Manner``.

    Raises:
        Failure: nothing was scanned yet, or the store or the file of decisions cannot be read.
    """
    coming = next_night or _coming_night(config, now)
    with rare_collection():
        situation = last_night(config, store, now, coming, rules)
        return digests(situation, [channel.options for channel in config.channels])


def deliver(
    config: Config,
    store: Store,
    clock: Clock,
    only: Collection[str] = (),
    next_night: datetime | None = None,
    manner: Manner | None = None,
) -> tuple[ChannelOutcome, ...]:
    """Bring every channel (or ``only`` these) to what it should be told now; an outcome each, in the order of the
    configuration. Channels are told side by side, each within its own time.

    Raises:
        LeaseHeld: somebody else delivers.
        Failure: nothing was scanned yet, there is no such channel, or the store cannot be read or written; what was
            told by then is remembered.
    """
    chosen = channels_named(config, only)
    if not chosen:
        return ()
    how = manner or Manner()
    holder = f"process {os.getpid()} on {socket.gethostname()}"
    with store.lease(holder, clock(), how.budget + 2 * GRACE + timedelta(minutes=1), Work.DELIVER) as held:
        told = told_now(config, store, clock(), next_night, how.rules)
        by_name = {digest.channel: digest for digest in told.digests}
        outcomes = _told(config, store, clock, [(one, by_name[one.name]) for one in chosen], held, how)
        try:
            _keep_health(store, outcomes, clock())
            mark_told(store, told.digests, outcomes, clock())
        except StoreError as error:
            outcomes = tuple(_not_written_down(outcome, error) for outcome in outcomes)
    return outcomes


def channels_named(config: Config, names: Collection[str]) -> tuple[Channel, ...]:
    """The channels of these names, all where none is named.

    Raises:
        Failure: there is none of that name.
    """
    known = {channel.name for channel in config.channels}
    if strangers := sorted(set(names) - known):
        there = f"There are: {', '.join(sorted(known))}." if known else "Write one under channels: in driftbot.yaml."
        raise Failure(f"no channel is called {', '.join(strangers)}", there)
    return tuple(channel for channel in config.channels if not names or channel.name in names)


def _coming_night(config: Config, now: datetime) -> datetime | None:
    """When the next night begins, where the configuration says when nights do."""
    if "cron" not in config.serve.model_fields_set:
        return None
    return next_after(read_cron(config.serve.cron), ZoneInfo(config.serve.zone), now)


def _told(
    config: Config,
    store: Store,
    clock: Clock,
    chosen: Sequence[tuple[Channel, Digest]],
    held: Lease,
    how: Manner,
) -> tuple[ChannelOutcome, ...]:
    ends = ends_after(how.budget)
    tellings = []
    for channel, digest in chosen:
        over = Event()
        tools = DeliveryTools(
            clock=clock,
            memory=ChannelMemory(store, channel.name, held, over, how.stopped),
            sleep=sleeper(how.sleep, how.stopped),
            deadline=deadline(clock(), how.budget),
            picture=picture,
            boundary=how.boundary,
        )
        tellings.append(Telling(channel, digest, tools, over))
    outcomes = (telling.outcome(ends) for telling in tellings)
    return tuple(_masked(config, channel, one) for (channel, _), one in zip(chosen, outcomes, strict=True))


def _masked(config: Config, channel: Channel, outcome: ChannelOutcome) -> ChannelOutcome:
    """The outcome without any secret that a server or a library repeats."""
    secrets = channel_secrets((channel.options, config.slack))
    done = outcome.delivered
    if done is not None and done.problems:
        done = replace(done, problems=tuple(secrets.masked(problem) for problem in done.problems))
    failure, next_step = secrets.masked(outcome.failure), secrets.masked(outcome.next_step)
    return replace(outcome, delivered=done, failure=failure, next_step=next_step)


def _keep_health(store: Store, outcomes: Sequence[ChannelOutcome], at: datetime) -> None:
    known = {health.channel: health for health in store.channel_health()}
    for outcome in outcomes:
        store.keep_channel_health(health_after(known.get(outcome.channel), outcome, at))


def _not_written_down(outcome: ChannelOutcome, error: StoreError) -> ChannelOutcome:
    if outcome.failed:
        return outcome
    failure = f"what it was told could not be written down: {error.message}"
    return replace(outcome, delivered=None, failure=failure, next_step=error.next_step)
