"""What channels were told and what people said in chats, written down and asked for."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

from driftbot.core.chat_decision import ChatDecision, ChatEffect
from driftbot.core.message import ChannelHealth, Message
from driftbot.core.snooze import NotUseful, Snooze
from driftbot.store import chat_effects, chat_log, lease, messages
from driftbot.store.database import Database
from driftbot.store.lease import Lease


class ChatRecords:
    """Messages, snoozes, feedback and chat decisions of a database; every method may raise ``StoreError``.

    What a method wrote is on disk when it returns.
    """

    _database: Database

    def messages(self, channel: str) -> tuple[Message, ...]:
        """What is out there in a channel of the configuration, by key."""
        with self._database.reading() as connection:
            return messages.messages(connection, channel)

    def keep_message(self, message: Message, held: Lease | None = None) -> None:
        """Write a message down; another of the same channel and key gives way to it.

        Raises:
            LeaseLost: somebody took the lease ``held`` over; nothing is written.
        """
        with self._telling(held) as connection:
            messages.keep_message(connection, message)

    def keep_messages(self, many: Collection[Message], held: Lease | None = None) -> None:
        """Write messages down in one transaction, as ``keep_message`` does each.

        Raises:
            LeaseLost: somebody took the lease ``held`` over; nothing is written.
        """
        with self._telling(held) as connection:
            for message in many:
                messages.keep_message(connection, message)

    def drop_messages(self, channel: str, keys: Collection[str], held: Lease | None = None) -> None:
        """Forget messages of a channel in one transaction.

        Raises:
            LeaseLost: somebody took the lease ``held`` over; nothing is forgotten.
        """
        with self._telling(held) as connection:
            for key in keys:
                messages.drop_message(connection, channel, key)

    def drop_message(self, channel: str, key: str, held: Lease | None = None) -> None:
        """Forget a message.

        Raises:
            LeaseLost: somebody took the lease ``held`` over; nothing is forgotten.
        """
        with self._telling(held) as connection:
            messages.drop_message(connection, channel, key)

    def channel_health(self) -> tuple[ChannelHealth, ...]:
        """How every channel that was ever tried fares, by name."""
        with self._database.reading() as connection:
            return messages.channel_health(connection)

    def keep_channel_health(self, health: ChannelHealth) -> None:
        """Write down how a channel fares."""
        with self._database.writing() as connection:
            messages.keep_health(connection, health)

    def snoozes(self) -> tuple[Snooze, ...]:
        """The last snooze of every finding, ended ones too, by fingerprint."""
        with self._database.reading() as connection:
            return chat_log.snoozes(connection)

    def keep_snooze(self, snooze: Snooze) -> None:
        """Write a snooze down; the finding's older one gives way to it."""
        with self._database.writing() as connection:
            chat_log.keep_snooze(connection, snooze)

    def not_useful(self) -> tuple[NotUseful, ...]:
        """Who did not find which finding useful, by finding and person."""
        with self._database.reading() as connection:
            return chat_log.not_useful(connection)

    def add_not_useful(self, said: NotUseful) -> bool:
        """Write down that somebody did not find it useful; False where that person said so before."""
        with self._database.writing() as connection:
            return chat_log.add_not_useful(connection, said)

    def add_chat_decision(self, decision: ChatDecision) -> bool:
        """Write down what was asked for in a chat; False, and nothing written, where the same request was there."""
        with self._database.writing() as connection:
            return chat_log.add_decision(connection, decision)

    def decide_in_chat(self, decision: ChatDecision, effect: ChatEffect | None = None) -> bool:
        """Write down what was asked for with all that it changes, both or neither.

        False, and nothing written, where the same request was there.
        """
        with self._database.writing() as connection:
            if not chat_log.add_decision(connection, decision):
                return False
            if effect is not None:
                chat_effects.write_effect(connection, effect)
            return True

    def chat_request_known(self, request: str) -> bool:
        """Whether a request of that name was decided before; an empty name is no name."""
        with self._database.reading() as connection:
            return chat_log.is_known(connection, request)

    def chat_decisions(self, about: Collection[str] = ()) -> tuple[ChatDecision, ...]:
        """What was asked for about these findings and digests (none: about anything), the oldest first."""
        with self._database.reading() as connection:
            return chat_log.decisions(connection, about)

    @contextmanager
    def _telling(self, held: Lease | None) -> Iterator[Connection]:
        with self._database.writing() as connection:
            if held is not None:
                lease.check(connection, held)
            yield connection
