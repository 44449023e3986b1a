"""Column types: instants as microseconds, and text that survives NUL and lone surrogates."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Text
from sqlalchemy.types import TypeDecorator

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
# A noncharacter: no text that means something starts with it.
_ESCAPED = "\ufdd0"


def microseconds(instant: datetime) -> int:
    """The instant as whole microseconds since 1970.

    Raises:
        ValueError: the instant has no time zone.
    """
    if instant.tzinfo is None:
        raise ValueError(f"{instant.isoformat()} has no time zone")
    return (instant - EPOCH) // _MICROSECOND


def instant(count: int) -> datetime:
    """The instant of ``microseconds``, in UTC."""
    return EPOCH + timedelta(microseconds=count)


class Instant(TypeDecorator[datetime]):
    """A timezone-aware instant, exact to the microsecond; it comes back in UTC."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> int | None:  # noqa: ARG002
        """To microseconds since 1970."""
        return None if value is None else microseconds(value)

    def process_result_value(self, value: int | None, dialect: Any) -> datetime | None:  # noqa: ARG002
        """From microseconds since 1970."""
        return None if value is None else instant(value)


def escaped(text: str) -> str:
    """The text as every database can hold it: PostgreSQL knows no NUL, and UTF-8 no lone surrogate."""
    if text.isascii() and "\0" not in text:
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return _ESCAPED + json.dumps(text)
    return _ESCAPED + json.dumps(text) if "\0" in text or text.startswith(_ESCAPED) else text


def unescaped(text: str) -> str:
    """The text before ``escaped``."""
    return str(json.loads(text[1:])) if text.startswith(_ESCAPED) else text


class AnyText(TypeDecorator[str]):
    """Text as files really contain it, NUL and lone surrogates included."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Any) -> str | None:  # noqa: ARG002
        """Escape what a database refuses."""
        return None if value is None else escaped(value)

    def process_result_value(self, value: str | None, dialect: Any) -> str | None:  # noqa: ARG002
        """The text as it was."""
        return None if value is None else unescaped(value)
