"""Looks whether a message of which nobody knows stands in Slack: by our metadata, or by a file's name.

Slack has no idempotency key. So each message is written down before it is posted, and one whose answer was lost is
looked for before it is posted again: among what came after the messages that surely stood there before it, by Slack's
own timestamps, so that it hardly matters how our clock goes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from driftbot.core.message import Message, MessageState
from driftbot.notifiers.slack.client import Found, Mark, SlackClient
from driftbot.notifiers.slack.failure import FailureKind, SlackFailure
from driftbot.notifiers.slack.ledger import Ledger
from driftbot.notifiers.slack.message_keys import CHART, fingerprint_of
from driftbot.notifiers.slack.patience import Patience

SETTLED = timedelta(seconds=5)
"""How long a request may be under way after whoever sent it has ended (ours)."""
CLOCKS = timedelta(days=1)
"""How far our clock may be ahead of Slack's where no message stands yet that could tell (ours)."""

_HIDDEN = "Slack does not show the metadata of our messages, so nobody can tell which of them stand"
_SHOW = "Give the app the scope metadata.message:read, or see the app's manifest in driftbot's documentation."


def recover(client: SlackClient, ledger: Ledger, patience: Patience) -> None:
    """Conclude what an earlier delivery left unsure: what is found stands, what is not will be posted anew.

    Raises:
        SlackFailure: Slack cannot be read.
    """
    unsure = ledger.intended
    if not unsure:
        return
    _settle(max(one.at for one in unsure), patience)
    for message in unsure:
        try:
            reference = look(client, ledger, message)
        except SlackFailure as failure:
            if failure.kind is not FailureKind.CHANNEL:
                raise
            reference = None
        if reference is None:
            ledger.drop(message.key)
        else:
            ledger.keep(replace(message, state=MessageState.SENT, reference=reference))


def look(client: SlackClient, ledger: Ledger, message: Message) -> str | None:
    """What Slack calls a message that may stand, None if it does not; of several the first stays, others are deleted.

    Raises:
        SlackFailure: Slack cannot be read.
    """
    found = tuple(client.messages(message.place, message.thread, _since(ledger.sent.values(), message)))
    if any(one.hidden for one in found):
        raise SlackFailure(FailureKind.ACCESS, "metadata_hidden", _HIDDEN, _SHOW)
    standing = [one for one in found if _is(one, message)]
    standing.sort(key=lambda one: _seconds(one.reference))
    for twin in standing[1:]:
        client.delete(message.place, twin.reference)
    return standing[0].reference if standing else None


def file_name(message: Message) -> str:
    """The name of a chart's file: the finding's and what it shows."""
    return f"driftbot-{fingerprint_of(message.key)}-{message.content[:12]}.png"


def mark_of(message: Message) -> Mark:
    """What the metadata of a message that is about to be posted carry: no other one has it, of the same key neither."""
    return Mark(message.channel, message.key, f"{message.at.timestamp():.6f}")


def _is(found: Found, message: Message) -> bool:
    if message.key.startswith(CHART):
        return file_name(message) in found.files
    return found.mark == mark_of(message)


def _since(sent: Iterable[Message], message: Message) -> float:
    """After all that surely stood when the message was begun (Unix seconds)."""
    before = [_seconds(one.reference) for one in sent if one.place == message.place and one.at < message.at]
    return max([_seconds(message.thread), *before]) or (message.at - CLOCKS).timestamp()


def _settle(last: datetime, patience: Patience) -> None:
    left = SETTLED - (patience.clock() - last)
    if timedelta() < left <= SETTLED:
        patience.sleep(left.total_seconds())


def _seconds(reference: str) -> float:
    """A timestamp of Slack's; 0 for what is none, a file's id."""
    try:
        return float(reference)
    except ValueError:
        return 0.0
