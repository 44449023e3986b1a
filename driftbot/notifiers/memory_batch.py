"""Many messages remembered at once: a commit for a batch where the memory can, one for each where it cannot."""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol, runtime_checkable

from driftbot.core.message import Message
from driftbot.notifiers.notifier import Memory


@runtime_checkable
class BatchMemory(Protocol):
    """A memory that writes many in one transaction, all or none; on disk when a method returns."""

    def keep_all(self, messages: Collection[Message]) -> None:
        """Write them down; others of the same keys give way to them."""
        ...

    def drop_all(self, keys: Collection[str]) -> None:
        """Forget them."""
        ...


def keep_all(memory: Memory, messages: Collection[Message]) -> None:
    """Write messages down, together where the memory can."""
    if isinstance(memory, BatchMemory):
        if messages:
            memory.keep_all(messages)
        return
    for message in messages:
        memory.keep(message)


def drop_all(memory: Memory, keys: Collection[str]) -> None:
    """Forget messages, together where the memory can."""
    if isinstance(memory, BatchMemory):
        if keys:
            memory.drop_all(keys)
        return
    for key in keys:
        memory.drop(key)
