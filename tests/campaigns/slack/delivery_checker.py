"""What a channel shows and what the store says of it, held against each other from outside.

Nothing of the delivery is used: the channel is asked what it shows, the store is read by SQL.
"""

from __future__ import annotations

import re
import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PICTURE = re.compile(r"driftbot-([0-9a-f]{12})-[0-9a-f]{12}\.png")


@dataclass(frozen=True)
class Shown:
    """One message of the bot: its key, its timestamp, and all its words."""

    key: str
    ts: str
    words: str
    in_channel: bool


@dataclass(frozen=True)
class Row:
    """One row of the store."""

    key: str
    state: str
    reference: str


def shown(everything: Sequence[Mapping[str, Any]], channel: Sequence[Mapping[str, Any]]) -> list[Shown]:
    """What stands in a channel and its threads."""
    seen = {one["ts"] for one in channel}
    return [
        Shown(_key(one), one["ts"], _words(one), one["ts"] in seen)
        for one in everything
        if one.get("subtype") != "tombstone"
    ]


def rows(store: Path) -> dict[str, Row]:
    """What the store knows of the channel."""
    with closing(sqlite3.connect(store)) as connection:
        found = connection.execute("select key, state, reference from message").fetchall()
    return {key: Row(key, state, reference) for key, state, reference in found}


def known(messages: Sequence[Shown], written: Mapping[str, Row]) -> Iterator[str]:
    """What stands there and is not written down, before anything was recovered."""
    strangers = {one.key for one in messages} - set(written)
    yield from (f"{key} stands there, and nothing of it is on disk" for key in sorted(strangers))


def whole(messages: Sequence[Shown], written: Mapping[str, Row], calm: Sequence[Shown]) -> Iterator[str]:
    """What is twice, lost, or says something else than where nobody was killed; and what the store has wrong."""
    for key, count in Counter(one.key for one in messages).items():
        if count > 1:
            yield f"{key} stands there {count} times"
    there, wanted = {_said(one) for one in messages}, {_said(one) for one in calm}
    yield from (f"{key} is lost, or says something else" for key, *_ in sorted(wanted - there))
    yield from (f"{key} says what it should not, or should not be there" for key, *_ in sorted(there - wanted))
    references = {one.ts for one in messages}
    for row in written.values():
        if row.state != "sent":
            yield f"{row.key} is {row.state} after all was concluded"
        elif not row.key.startswith(("place", "chart:")) and row.reference not in references:
            yield f"{row.key} is said to be {row.reference}, and there is no such message"


def _said(one: Shown) -> tuple[str, str, bool]:
    return one.key, one.words, one.in_channel


def _key(message: Mapping[str, Any]) -> str:
    names = [PICTURE.fullmatch(file["name"]) for file in message.get("files", ())]
    pictures = [f"chart:{name[1]}" for name in names if name]
    return str((message.get("metadata") or {}).get("event_payload", {}).get("key", "")) or "".join(pictures)


def _words(message: Mapping[str, Any]) -> str:
    return re.sub("'block_id': '[^']*'", "", f"{message['text']} {message.get('blocks', '')}")
