"""Notices that were told: out of the outbox goes what every channel has that should have it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from driftbot.core.digest import Digest
from driftbot.core.message import Message, MessageState
from driftbot.core.outbox_notice import OutboxNotice
from driftbot.delivery.outcome import ChannelOutcome
from driftbot.store.store import Store


def mark_told(store: Store, told: Sequence[Digest], outcomes: Sequence[ChannelOutcome], at: datetime) -> None:
    """Mark what all of its channels have; what some lack, and what was put anew meanwhile, waits.

    Raises:
        StoreError: the store cannot be read or written.
    """
    waiting: dict[OutboxNotice, list[str]] = {}
    for digest in told:
        for notice in digest.notices:
            waiting.setdefault(notice, []).append(digest.channel)
    by_name = {outcome.channel: outcome for outcome in outcomes}
    sent = {name: _sent(store, name) for name in by_name} if waiting else {}
    for notice, names in sorted(waiting.items(), key=lambda one: (one[0].at, one[0].fingerprint, one[0].kind)):
        if all(name in by_name and _has(notice, by_name[name], sent[name]) for name in names):
            store.notice_delivered(notice, at)


def _sent(store: Store, channel: str) -> dict[str, Message]:
    return {one.key: one for one in store.messages(channel) if one.state is MessageState.SENT}


def _has(notice: OutboxNotice, outcome: ChannelOutcome, sent: Mapping[str, Message]) -> bool:
    """Whether a channel has a notice: it remembers a message with these words, or it was told everything."""
    done = outcome.delivered
    if done is None:
        return False
    message = sent.get(notice.message_key)
    return (message is not None and message.at >= notice.at) or not (done.left or done.problems)
