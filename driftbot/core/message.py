"""Messages: what is out there in a channel about which thing, as the store knows it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class MessageState(StrEnum):
    """``INTENDED`` is on disk before the channel is asked, ``SENT`` once it answered; after a crash an intended one may
    be out there, and the channel is read before it is sent again.
    """

    INTENDED = "intended"
    SENT = "sent"


@dataclass(frozen=True, slots=True)
class Message:
    """One message of ours.

    ``channel`` is the channel's name in the configuration, ``key`` says what the message is about (``digest``,
    ``finding:3f9c2a71b0de``); together they are its idempotency key. ``place`` is where it was sent (a Slack channel's
    id, a URL), ``reference`` what the place calls it (a Slack timestamp), ``thread`` the reference of the message that
    it answers. ``content`` is the SHA-256 of what was (or is to be) said, in hexadecimal.
    """

    channel: str
    key: str
    place: str
    content: str
    at: datetime
    state: MessageState = MessageState.INTENDED
    reference: str = ""
    thread: str = ""


@dataclass(frozen=True, slots=True)
class ChannelHealth:
    """How delivering to a channel went: ``failing_since`` is None while it works; counts are over the store's life."""

    channel: str
    tried: datetime
    delivered: datetime | None = None
    failing_since: datetime | None = None
    failure: str = ""
    posted: int = 0
    edited: int = 0
    failed: int = 0
