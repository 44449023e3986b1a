"""Values as compressed canonical JSON, for columns that nobody searches in."""

from __future__ import annotations

from typing import TypeVar

import zstandard

from driftbot.core.canonical import canonical
from driftbot.core.restored import restored
from driftbot.store.errors import StoreError

Value = TypeVar("Value")


def packed(value: object) -> bytes:
    """The value as bytes for a column."""
    return zstandard.ZstdCompressor(level=3).compress(canonical(value).encode("ascii"))


def unpacked(kind: type[Value], body: bytes, name: str) -> Value:
    """The value of ``packed``.

    Raises:
        StoreError: another driftbot wrote something else there, or it is damaged; ``name`` says what it was.
    """
    try:
        return restored(kind, zstandard.ZstdDecompressor().decompress(bytes(body)).decode("ascii"))
    except (ValueError, zstandard.ZstdError) as error:
        raise StoreError(f"{name} in the store cannot be read: {error}", "restore a backup, or plan again") from None
