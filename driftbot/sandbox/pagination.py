"""Pages by cursor (https://docs.slack.dev/apis/web-api/pagination)."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from typing import TypeVar

from driftbot.sandbox.arguments import Arguments
from driftbot.sandbox.refusal import Refused

Item = TypeVar("Item")


def page(
    items: Sequence[Item], name: Callable[[Item], str], call: Arguments, default: int, most: int
) -> tuple[Sequence[Item], str]:
    """One page of items, and the cursor of the next one ("" after the last).

    A cursor names the item that the next page begins with, so that what is added meanwhile neither hides nor repeats
    one.

    Raises:
        Refused: the limit or the cursor cannot be used.
    """
    limit = call.whole("limit", default)
    if not 0 < limit <= most:
        raise Refused("invalid_limit")
    begin = _position(items, name, call.text("cursor"))
    end = begin + limit
    return items[begin:end], _cursor(name(items[end])) if end < len(items) else ""


def _position(items: Sequence[Item], name: Callable[[Item], str], cursor: str) -> int:
    if not cursor:
        return 0
    try:
        wanted = base64.b64decode(cursor, validate=True).decode().removeprefix("next:")
    except ValueError:
        raise Refused("invalid_cursor") from None
    for position, item in enumerate(items):
        if name(item) == wanted:
            return position
    raise Refused("invalid_cursor")


def _cursor(name: str) -> str:
    return base64.b64encode(f"next:{name}".encode()).decode()
