"""Ways to break delivering on purpose, each of which the checker has to notice."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from driftbot.core.message import MessageState
from driftbot.notifiers.slack import channel, history
from driftbot.notifiers.slack.client import Mark
from driftbot.notifiers.slack.ledger import Ledger


def history_is_not_read() -> None:
    """What may be out there is taken for not there, and posted again."""
    history.look = channel.look = lambda *_: None  # type: ignore[assignment]


def intent_is_not_kept() -> None:
    """What is about to be posted is only written down once it was."""
    keep = Ledger.keep

    def late(ledger: Any, message: Any) -> None:
        if message.state is MessageState.SENT:
            keep(ledger, message)

    Ledger.keep = late  # type: ignore[method-assign]


def messages_are_not_marked() -> None:
    """Nothing says which message it is."""
    Mark.metadata = property(lambda _: {"event_type": "x", "event_payload": {}})  # type: ignore[assignment]


def what_is_found_is_not_kept() -> None:
    """What is found to stand is dropped all the same."""
    history.look = lambda *_: None  # type: ignore[assignment]


def everything_is_believed() -> None:
    """What was intended is taken for sent."""
    history.look = lambda _client, _ledger, message: message.reference or "1.000000"  # type: ignore[assignment]


MUTANTS: Mapping[str, Callable[[], None]] = {
    "history is not read": history_is_not_read,
    "intent is not kept": intent_is_not_kept,
    "messages are not marked": messages_are_not_marked,
    "what is found is not kept": what_is_found_is_not_kept,
    "everything is believed": everything_is_believed,
}
