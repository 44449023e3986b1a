"""Which channel of Slack's a configured one is: an id stays what it is, a name is looked up once and remembered."""

from __future__ import annotations

import hashlib
from datetime import datetime

from driftbot.core.message import Message, MessageState
from driftbot.notifiers.slack.client import SlackClient
from driftbot.notifiers.slack.failure import FailureKind, SlackFailure
from driftbot.notifiers.slack.ledger import Ledger
from driftbot.notifiers.slack.message_keys import PLACE
from driftbot.notifiers.slack.options import SlackOptions


def whereabouts(client: SlackClient, ledger: Ledger, options: SlackOptions, now: datetime) -> str:
    """The channel's id.

    A name that was looked up is not looked up again: a channel that is renamed in Slack stays the one that it was.

    Raises:
        SlackFailure: there is no channel of that name, or Slack cannot be asked.
    """
    remembered = ledger.messages.get(PLACE)
    if remembered is not None and remembered.reference == options.channel:
        return remembered.place
    place = _named(client, options.channel) if options.channel.startswith("#") else options.channel
    content = hashlib.sha256(options.channel.encode()).hexdigest()
    ledger.keep(Message(options.name, PLACE, place, content, now, MessageState.SENT, options.channel))
    return place


def _named(client: SlackClient, name: str) -> str:
    place = client.channel_named(name.removeprefix("#"))
    if place is None:
        raise SlackFailure(
            FailureKind.CHANNEL,
            "channel_not_found",
            f"there is no channel {name} that the app can see; it is archived, or private and the app is not in it",
            "Unarchive it, invite the app into it (/invite @driftbot), or write the channel's id in driftbot.yaml.",
        )
    return place
