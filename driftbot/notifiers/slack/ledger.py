"""What stands in a channel for all that the store knows: read once a delivery, written through."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from driftbot.core.message import Message, MessageState
from driftbot.notifiers.notifier import Memory


@dataclass(slots=True)
class Ledger:
    """The messages of one channel, by key."""

    memory: Memory
    messages: dict[str, Message] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.messages = {message.key: message for message in self.memory.messages()}

    @property
    def sent(self) -> Mapping[str, Message]:
        """Those that surely stand."""
        return {key: one for key, one in self.messages.items() if one.state is MessageState.SENT}

    @property
    def intended(self) -> tuple[Message, ...]:
        """Those of which nobody knows whether they stand, in the order in which they were begun."""
        unsure = [one for one in self.messages.values() if one.state is MessageState.INTENDED]
        return tuple(sorted(unsure, key=lambda one: (one.at, one.key)))

    def keep(self, message: Message) -> None:
        """Write one down."""
        self.memory.keep(message)
        self.messages[message.key] = message

    def drop(self, key: str) -> None:
        """Forget one."""
        self.memory.drop(key)
        self.messages.pop(key, None)
