"""What the process that stays awake says: one line an event, as text or JSON; never a secret, never two lines."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable
from datetime import datetime
from enum import Enum, StrEnum
from typing import IO

from driftbot.core.failure import Failure
from driftbot.core.harmless import harmless

_LONGEST = 4000
"""Characters of one text in a line (ours)."""


class LogFormat(StrEnum):
    """How lines look: for people and journald, or one JSON object each."""

    TEXT = "text"
    JSON = "json"


class Level(Enum):
    """How much an event matters, with the priority that sd-daemon(3) gives it."""

    INFO = 6
    WARNING = 4
    ERROR = 3


class EventLog:
    """Writes events to a stream, from any thread.

    ``journal`` says that journald reads it: it knows the time itself, and takes the priority from the line's beginning.
    """

    def __init__(
        self, stream: IO[str], clock: Callable[[], datetime], form: LogFormat = LogFormat.TEXT, journal: bool = False
    ) -> None:
        self._stream, self._clock, self._form, self._journal = stream, clock, form, journal
        self._lock = threading.Lock()

    def info(self, event: str, told: str, **fields: object) -> None:
        """Something happened as it should."""
        self._write(Level.INFO, event, told, fields)

    def warning(self, event: str, told: str, **fields: object) -> None:
        """Something that somebody should know of; it goes on by itself."""
        self._write(Level.WARNING, event, told, fields)

    def error(self, event: str, told: str, **fields: object) -> None:
        """Something does not work."""
        self._write(Level.ERROR, event, told, fields)

    def failure(self, event: str, failure: Failure, **fields: object) -> None:
        """Something does not work, and what to do about it."""
        told = f"{failure.message}; {failure.next_step}" if failure.next_step else failure.message
        self.error(event, told, **fields)

    def _write(self, level: Level, event: str, told: str, fields: dict[str, object]) -> None:
        line = (
            self._text(level, event, told, fields)
            if self._form is LogFormat.TEXT
            else self._json(level, event, told, fields)
        )
        with self._lock:
            try:
                self._stream.write(line + "\n")
                self._stream.flush()
            except (OSError, ValueError):
                pass  # nobody reads what we say (a full disk, a closed pipe): no reason to end

    def _text(self, level: Level, event: str, told: str, fields: dict[str, object]) -> str:
        said = " ".join(f"{name}={_value(value)}" for name, value in fields.items() if value not in (None, ""))
        begin = f"<{level.value}>" if self._journal else f"{self._clock():%Y-%m-%dT%H:%M:%SZ} {level.name.lower():<7} "
        return f"{begin}{event}: {harmless(told, _LONGEST)}" + (f" ({said})" if said else "")

    def _json(self, level: Level, event: str, told: str, fields: dict[str, object]) -> str:
        shown = {name: value if isinstance(value, int | float) else _plain(value) for name, value in fields.items()}
        line = {
            "time": self._clock().isoformat(timespec="milliseconds"),
            "level": level.name.lower(),
            "event": event,
            "message": harmless(told, _LONGEST),
        }
        return json.dumps(line | shown, ensure_ascii=False)


class Bridge(logging.Handler):
    """Warnings of libraries (the scheduler, HTTP, Slack's client) as events; their tracebacks stay out."""

    def __init__(self, log: EventLog) -> None:
        super().__init__(logging.WARNING)
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        """Tell one record of a library."""
        try:
            told = record.getMessage()
        except (TypeError, ValueError):
            told = str(record.msg)
        if record.exc_info and record.exc_info[1] is not None:
            told += f": {type(record.exc_info[1]).__name__}"
        tell = self._log.error if record.levelno >= logging.ERROR else self._log.warning
        tell(record.name.partition(".")[0], told)


def _plain(value: object) -> str:
    return harmless(value.isoformat(timespec="seconds") if isinstance(value, datetime) else str(value), _LONGEST)


def _value(value: object) -> str:
    text = _plain(value)
    return json.dumps(text, ensure_ascii=False) if not text or set(text) & set(' "=()') else text
