"""The sandbox's workspace: channels, people, messages, files, views. Touched by the server's own thread only."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from driftbot.sandbox.channel import Channel
from driftbot.sandbox.people import PEOPLE, Person
from driftbot.sandbox.post import Json, Post, Upload
from driftbot.sandbox.refusal import Refused

TEAM = "T0000SANDBOX"
APP = "A0000SANDBOX"
BOT = "B0000SANDBOX"
BOT_USER = "U0000SANDBOX"
TRIGGER_LIFE = timedelta(seconds=3)
"""How long a ``trigger_id`` opens a view (https://docs.slack.dev/interactivity/handling-user-interaction)."""
RESPONSE_LIFE = timedelta(minutes=30)
RESPONSE_USES = 5
"""How often, and how long, a ``response_url`` works (same page)."""
_MICROSECONDS = 1_000_000


@dataclass(slots=True)
class Trigger:
    """The right to open one view for a person."""

    user: str
    until: datetime


@dataclass(slots=True)
class ResponseTo:
    """Where a ``response_url`` answers to."""

    channel: str
    ts: str
    user: str
    until: datetime
    left: int = RESPONSE_USES


@dataclass(slots=True)
class View:
    """A modal that is open for a person; ``hash`` changes with its content. ``root`` is the one under all others."""

    id: str
    user: str
    hash: str
    content: Json
    root: str
    previous: str = ""
    errors: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Workspace:
    """Everything that the sandbox knows; ``clock`` is its time, ``changes`` counts what happened to it."""

    clock: Callable[[], datetime]
    people: dict[str, Person] = field(default_factory=lambda: {person.id: person for person in PEOPLE})
    channels: dict[str, Channel] = field(default_factory=dict)
    uploads: dict[str, Upload] = field(default_factory=dict)
    views: dict[str, View] = field(default_factory=dict)
    triggers: dict[str, Trigger] = field(default_factory=dict)
    responses: dict[str, ResponseTo] = field(default_factory=dict)
    tickets: set[str] = field(default_factory=set)
    base_url: str = ""
    changes: int = 0
    minted: int = 0
    last_ts: int = 0

    def changed(self) -> None:
        """Something happened that a page would show."""
        self.changes += 1

    def mint(self, prefix: str) -> str:
        """A new id: a prefix and a number that no other id here has."""
        self.minted += 1
        return f"{prefix}{self.minted:010d}"

    def now_ts(self) -> str:
        """A timestamp that no message has: the clock's, or a microsecond after the last one."""
        self.last_ts = max(self.last_ts + 1, int(self.clock().timestamp() * _MICROSECONDS))
        return f"{self.last_ts // _MICROSECONDS}.{self.last_ts % _MICROSECONDS:06d}"

    def add_channels(self, names: Iterable[str]) -> None:
        """Public channels of these names, with the bot in them."""
        for name in names:
            channel = Channel(self.mint("C"), name)
            self.channels[channel.id] = channel

    def named(self, name: str) -> Channel | None:
        """The channel of that name, with or without ``#``."""
        return next((one for one in self.channels.values() if one.name == name.removeprefix("#")), None)

    def channel(self, id_: str) -> Channel:
        """The channel of that id, if the bot can know of it.

        Raises:
            Refused: there is none, or it is private and the bot is not in it.
        """
        channel = self.channels.get(id_)
        if channel is None or (channel.private and not channel.member):
            raise Refused("channel_not_found")
        return channel

    def post(self, channel: Channel, ts: str) -> Post:
        """A message that is there.

        Raises:
            Refused: it is not, or no longer.
        """
        post = channel.posts.get(ts)
        if post is None or post.tombstone:
            raise Refused("message_not_found")
        return post

    def trigger(self, user: str) -> str:
        """A new ``trigger_id`` for a person."""
        id_ = f"{self.mint('')}.{TEAM}"
        self.triggers[id_] = Trigger(user, self.clock() + TRIGGER_LIFE)
        return id_

    def spend_trigger(self, id_: str) -> str:
        """Whose trigger it is; it cannot be used again.

        Raises:
            Refused: it is unknown, used or too old.
        """
        trigger = self.triggers.pop(id_, None)
        if trigger is None:
            raise Refused("exchanged_trigger_id" if id_.endswith(f".{TEAM}") else "invalid_trigger_id")
        if self.clock() > trigger.until:
            raise Refused("expired_trigger_id")
        return trigger.user

    def response_url(self, channel: str, ts: str, user: str) -> str:
        """A new address that answers to a message."""
        id_ = self.mint("R")
        self.responses[id_] = ResponseTo(channel, ts, user, self.clock() + RESPONSE_LIFE)
        return f"{self.base_url}/actions/{TEAM}/{id_}"

    def open_views(self, user: str) -> list[View]:
        """A person's open modals, the one on top last."""
        return [view for view in self.views.values() if view.user == user]
