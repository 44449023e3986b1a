"""The messages of one channel, read from and written into the store by whoever holds the right to deliver."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from threading import Event

from driftbot.core.message import Message, MessageState
from driftbot.delivery.telling import refuse_when
from driftbot.notifiers.notifier import DeliveryFailed
from driftbot.store.lease import Lease
from driftbot.store.store import Store

TOO_LATE = "its time is over, and nothing more is sent"


@dataclass(frozen=True, slots=True)
class ChannelMemory:
    """What a notifier remembers of its channel.

    Nothing is written once the lease is somebody else's, or the channel's time is ``over``: what was not written down
    as intended is not sent, so a deliverer that was forgotten sends nothing beside the next one. Once somebody stops
    the process (``stopped`` says why) nothing more can be intended; what was sent by then is still written down.
    """

    store: Store
    channel: str
    held: Lease
    over: Event = field(default_factory=Event)
    stopped: Callable[[], str] = str

    def messages(self) -> tuple[Message, ...]:
        """All of them, by key."""
        return self.store.messages(self.channel)

    def keep(self, message: Message) -> None:
        """Write one down; another of the same key gives way to it.

        Raises:
            ValueError: it is another channel's.
            DeliveryFailed: the channel's time is over, or somebody stops the process and it is only intended.
            StoreError: it cannot be written, or somebody else delivers since.
        """
        self.keep_all((message,))

    def keep_all(self, messages: Collection[Message]) -> None:
        """Write several down in one transaction, all or none; raises what ``keep`` does."""
        if not messages:
            return
        for message in messages:
            if message.channel != self.channel:
                raise ValueError(f"a message of {message.channel!r} is not kept for {self.channel!r}")
        self._refuse_late()
        if any(message.state is MessageState.INTENDED for message in messages):
            refuse_when(self.stopped)
        self.store.keep_messages(messages, self.held)

    def drop(self, key: str) -> None:
        """Forget one.

        Raises:
            DeliveryFailed: the channel's time is over.
            StoreError: it cannot be forgotten, or somebody else delivers since.
        """
        self.drop_all((key,))

    def drop_all(self, keys: Collection[str]) -> None:
        """Forget several in one transaction, all or none; raises what ``drop`` does."""
        if not keys:
            return
        self._refuse_late()
        self.store.drop_messages(self.channel, keys, self.held)

    def _refuse_late(self) -> None:
        if self.over.is_set():
            raise DeliveryFailed(TOO_LATE, "The next delivery goes on from here.")
