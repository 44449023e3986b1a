"""What stands in a channel for all that the store knows: read once a delivery, written through."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from driftbot.core.message import Message, MessageState
from driftbot.notifiers.notifier import Memory
from driftbot.notifiers.slack.message_keys import LEFT, PLACE, key_left, left_key


@dataclass(slots=True)
class Ledger:
    """The messages of one channel, by key. ``left`` are those in places that were told before the present one."""

    memory: Memory
    messages: dict[str, Message] = field(default_factory=dict)
    left: dict[str, Message] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._read()

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
        self.left.pop(key, None)

    def turn_to(self, place: str) -> None:
        """Take up what was left in a place, and leave what stands in others; Slack is not asked for that."""
        others = [one for one in self.messages.values() if one.place != place and one.key != PLACE]
        self._rename({one.key: replace(one, key=left_key(one.place, one.key)) for one in others})
        back = [one for one in self.left.values() if one.place == place]
        self._rename({one.key: replace(one, key=key_left(one.key)) for one in back})

    def _rename(self, renamed: Mapping[str, Message]) -> None:
        """Under both keys for a moment: after a crash it is the same once more."""
        if renamed:
            self.memory.keep_all(tuple(renamed.values()))
            self.memory.drop_all(tuple(renamed))
            self._read()

    def _read(self) -> None:
        known = {message.key: message for message in self.memory.messages()}
        self.left = {key: one for key, one in known.items() if key.startswith(LEFT)}
        self.messages = {key: one for key, one in known.items() if key not in self.left}
