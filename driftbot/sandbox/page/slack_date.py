"""``<!date^…>``: a time as a reader sees it (https://docs.slack.dev/messaging/formatting-message-text); here UTC."""

from __future__ import annotations

import re
from datetime import UTC, datetime

_TOKEN = re.compile(r"\{(\w+)\}")
_FORMATS = {
    "date_num": "%Y-%m-%d",
    "date": "%B %-d, %Y",
    "date_pretty": "%B %-d, %Y",
    "date_short": "%b %-d, %Y",
    "date_short_pretty": "%b %-d, %Y",
    "date_long": "%A, %B %-d, %Y",
    "date_long_pretty": "%A, %B %-d, %Y",
    "date_long_full": "%A, %B %-d, %Y",
    "day_divider_pretty": "%A, %B %-d",
    "time": "%H:%M UTC",
    "time_secs": "%H:%M:%S UTC",
}


def slack_date(seconds: str, pattern: str, fallback: str) -> str:
    """The pattern with its tokens filled in, or the fallback where the time or a token cannot be read."""
    try:
        at = datetime.fromtimestamp(int(seconds), UTC)
    except (ValueError, OverflowError, OSError):
        return fallback
    if not set(_TOKEN.findall(pattern)) <= _FORMATS.keys():
        return fallback
    return _TOKEN.sub(lambda token: at.strftime(_FORMATS[token[1]]), pattern)


def stamp(ts: str) -> datetime | None:
    """The time in a message's timestamp."""
    try:
        return datetime.fromtimestamp(float(ts), UTC)
    except (ValueError, OverflowError, OSError):
        return None
