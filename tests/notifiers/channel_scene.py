"""What channels are delivered with in tests: a memory, a clock that a test moves, boundaries that can end it all."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from driftbot.core.message import Message
from driftbot.notifiers.notifier import DeliveryTools


@dataclass
class BookMemory:
    """A channel's messages; ``written`` are the keys in the order in which they were kept or dropped."""

    book: dict[str, Message] = field(default_factory=dict)
    written: list[str] = field(default_factory=list)

    def messages(self) -> tuple[Message, ...]:
        return tuple(self.book[key] for key in sorted(self.book))

    def keep(self, message: Message) -> None:
        self.book[message.key] = message
        self.written.append(f"{message.key} {message.state}")

    def keep_all(self, messages: Collection[Message]) -> None:
        for message in messages:
            self.keep(message)

    def drop(self, key: str) -> None:
        self.book.pop(key, None)
        self.written.append(f"{key} dropped")

    def drop_all(self, keys: Collection[str]) -> None:
        for key in keys:
            self.drop(key)


class Killed(BaseException):
    """The process ends here, as `kill -9` would end it: nothing may clean up after it."""


@dataclass
class Moment:
    """A clock that goes on when somebody sleeps; ``slept`` says for how long each time."""

    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    slept: list[float] = field(default_factory=list)

    def __call__(self) -> datetime:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += timedelta(seconds=seconds)


def tools(
    memory: BookMemory,
    moment: Moment | None = None,
    boundary: Callable[[str], None] = lambda _: None,
    seconds: float = 300,
) -> DeliveryTools:
    """Tools of a delivery that may last so many seconds."""
    moment = moment or Moment()
    return DeliveryTools(
        clock=moment,
        memory=memory,
        sleep=moment.sleep,
        deadline=moment.now + timedelta(seconds=seconds),
        picture=lambda _entry, _charts: b"",
        boundary=boundary,
    )


def kill_at(number: int) -> Callable[[str], None]:
    """A boundary that ends the process when it is reached for the ``number``-th time (from 1)."""
    passed: list[str] = []

    def boundary(name: str) -> None:
        passed.append(name)
        if len(passed) == number:
            raise Killed(name)

    return boundary
