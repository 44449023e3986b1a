"""What a channel is: how a digest is delivered so that each thing is told once, whatever happens in between."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, runtime_checkable

from driftbot.core.chart import Chart
from driftbot.core.digest import Digest, Entry
from driftbot.core.message import Message
from driftbot.notices.options import ChannelOptions


class DeliveryFailed(Exception):
    """A channel could not be told (all of it); what was told already is remembered.

    ``reason`` is a sentence with place and value, ``next_step`` what a person can do.
    """

    def __init__(self, reason: str, next_step: str = "") -> None:
        super().__init__(reason)
        self.reason, self.next_step = reason, next_step


@dataclass(frozen=True, slots=True)
class Delivered:
    """What delivering came to: how many messages were sent, edited, and as they should be already.

    ``left`` waits for the next delivery (quiet hours, a rate limit); ``problems`` are sentences about single messages
    that could not be told although the channel works.
    """

    posted: int = 0
    edited: int = 0
    unchanged: int = 0
    left: int = 0
    problems: tuple[str, ...] = ()


class Memory(Protocol):
    """The messages of one channel, as the store knows them; what a method wrote is on disk when it returns."""

    def messages(self) -> tuple[Message, ...]:
        """All of them, by key."""
        ...

    def keep(self, message: Message) -> None:
        """Write one down; another of the same key gives way to it."""
        ...

    def keep_all(self, messages: Collection[Message]) -> None:
        """Write many down in one transaction, all or none."""
        ...

    def drop(self, key: str) -> None:
        """Forget one."""
        ...

    def drop_all(self, keys: Collection[str]) -> None:
        """Forget many in one transaction, all or none."""
        ...


@dataclass(frozen=True, slots=True)
class DeliveryTools:
    """What delivering needs from outside.

    ``picture`` draws the charts of an entry as PNG; ``boundary`` is called with a stable name around each effect (tests
    end the process there); ``sleep`` waits for seconds; ``deadline`` is when delivering to the channel has to end.
    """

    clock: Callable[[], datetime]
    memory: Memory
    sleep: Callable[[float], None]
    deadline: datetime
    picture: Callable[[Entry, tuple[Chart, ...]], bytes]
    boundary: Callable[[str], None]


@runtime_checkable
class Notifier(Protocol):
    """One kind of channel: its name in ``driftbot.yaml``, its options, and how it is told."""

    @property
    def kind(self) -> str:
        """As ``driftbot.yaml`` writes it."""
        ...

    @property
    def options(self) -> type[ChannelOptions]:
        """What it needs to know."""
        ...

    def deliver(self, digest: Digest, options: Any, tools: DeliveryTools) -> Delivered:
        """Bring the channel to what the digest says: what is missing is sent, what changed is edited, all else stays.

        Raises:
            DeliveryFailed: the channel cannot be told.
        """
        ...


@runtime_checkable
class SharesSection(Notifier, Protocol):
    """A kind of channel whose channels share a section of ``driftbot.yaml``, such as the workspace they are all in."""

    @property
    def section(self) -> str:
        """The section's name there."""
        ...

    def with_section(self, section: Any) -> Notifier:
        """The same notifier, which knows now what the section says."""
        ...
