"""A delivery that can be killed: ``python -m tests.campaigns.slack.doomed``.

Reads one order a line, delivers in a child of its own, kills that child where the order says so, and answers with one
line about it. A process of its own, so that no thread of a test is there when it forks.
"""

from __future__ import annotations

import gc
import json
import os
import select
import signal
import sys
import time
import traceback
from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta

from driftbot.core.chart import Chart
from driftbot.core.digest import Entry
from driftbot.core.message import Message
from driftbot.credential import Credential
from driftbot.notifiers.notifier import DeliveryTools
from driftbot.notifiers.slack import sending
from driftbot.notifiers.slack.options import SlackOptions
from driftbot.notifiers.slack.workspace import SlackWorkspace
from driftbot.store.access import Access
from driftbot.store.store import Store
from tests.campaigns.slack.mutants import MUTANTS
from tests.campaigns.slack.nights import ENTRIES, NIGHTS

HASTE = 100
"""How much faster than in earnest waiting goes: here everything is near."""
LATEST = 60.0
"""Seconds after which a child is taken to hang."""


@dataclass(frozen=True)
class Order:
    """Which night to deliver into which channel, and when to kill: at a boundary (counted from 0), or so many seconds
    after the first one.
    """

    night: str
    channel: str
    store: str
    url: str
    token: str
    at: int | None = None
    after: float | None = None
    mutant: str = ""


@dataclass(frozen=True)
class Ended:
    """How it ended: killed or with which exit code, the boundaries that it came by, and seconds since the first one."""

    killed: bool
    code: int
    passed: tuple[str, ...]
    seconds: float


@dataclass
class Hurry:
    """A clock on which waiting takes as long as it should, and hardly any time."""

    ahead: timedelta = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds / HASTE)
        self.ahead += timedelta(seconds=seconds)


@dataclass(frozen=True)
class StoreMemory:
    """The store's own table, as a delivery has it, for a channel of the configuration."""

    store: Store

    def messages(self) -> tuple[Message, ...]:
        return self.store.messages("sre")

    def keep(self, message: Message) -> None:
        self.store.keep_message(message)

    def keep_all(self, messages: Collection[Message]) -> None:
        self.store.keep_messages(messages)

    def drop(self, key: str) -> None:
        self.store.drop_message("sre", key)

    def drop_all(self, keys: Collection[str]) -> None:
        self.store.drop_messages("sre", keys)


class Boundary:
    """Tells each boundary that it comes by, and dies at one of them."""

    def __init__(self, pipe: int, at: int | None) -> None:
        self._pipe, self._left = pipe, at

    def __call__(self, name: str) -> None:
        os.write(self._pipe, f"{name}\n".encode())
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        if self._left is not None:
            self._left -= 1


def drawn(entry: Entry, charts: tuple[Chart, ...]) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + repr((entry.fingerprint, charts)).encode()


def _deliver(order: Order, boundary: Boundary) -> None:
    if order.mutant:
        MUTANTS[order.mutant]()
    clock = Hurry()
    workspace = SlackWorkspace(token=Credential(file=order.token), url=order.url)
    options = SlackOptions(name="sre", channel=f"#{order.channel}", entries=ENTRIES)
    with Store.open(order.store, Access.WRITE) as store:
        deadline = clock() + timedelta(hours=1)
        tools = DeliveryTools(clock, StoreMemory(store), clock.sleep, deadline, drawn, boundary)
        sending.sent(NIGHTS[order.night], options, tools, workspace, 30)


def _child(order: Order, pipe: int) -> None:
    code = 1
    try:
        _deliver(order, Boundary(pipe, order.at))
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


def carried_out(order: Order) -> Ended:
    """Do what an order says."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _child(order, writing)
    os.close(writing)
    heard, first, began, killing = b"", 0.0, time.monotonic(), True
    while True:
        until = first + order.after if first and order.after is not None and killing else began + LATEST
        ready, _, _ = select.select([reading], [], [], max(0.0, until - time.monotonic()))
        if not ready:
            os.kill(child, signal.SIGKILL)
            killing = False
            continue
        if not (part := os.read(reading, 65_536)):
            break
        first = first or time.monotonic()
        heard += part
    _, status = os.waitpid(child, 0)
    os.close(reading)
    killed = os.WIFSIGNALED(status)
    code = os.WTERMSIG(status) if killed else os.WEXITSTATUS(status)
    seconds = time.monotonic() - first if first else 0.0
    return Ended(killed, code, tuple(heard.decode().split("\n")[:-1]), seconds)


def main() -> None:
    """Carry out orders until there are no more."""
    gc.freeze()
    for line in sys.stdin:
        sys.stdout.write(json.dumps(asdict(carried_out(Order(**json.loads(line))))) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
