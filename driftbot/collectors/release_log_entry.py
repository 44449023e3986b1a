"""One entry of a release log as a marker: what was released, in which version, when."""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from driftbot.core.coverage import Gap
from driftbot.core.fact import Origin
from driftbot.core.marker import Cause, Marker
from driftbot.core.subject import Subject, labels_of

KINDS = ("service", "workload", "job")
"""Fields that name what was released, each the kind of its subject."""

FIELDS = (*KINDS, "namespace", "environment", "version", "at", "commit")
"""The fields of an entry; others are the pipeline's own and not read."""

LONGEST = 200
"""Characters of a version or commit that are kept."""

_MILLISECONDS = 1e11
"""Numbers beyond this are milliseconds, as JavaScript and Java write them: in seconds they would be the year 5138."""


_EXAMPLE = "2026-03-01T14:05:00Z"

_EARLIEST = 946_684_800.0
"""The year 2000: what lies before is a date without its dashes (20260301), not a number of seconds."""


class BadEntry(ValueError):
    """An entry that says no release; the message says what is wrong and what to write."""


@dataclass(frozen=True, slots=True)
class EntryReader:
    """Reads entries whose fields may be called otherwise: ``names`` maps ours to the pipeline's."""

    environment: str
    names: Mapping[str, str] = field(default_factory=dict)

    def markers(self, fields: Mapping[str, Any], origin: Origin) -> Iterator[Marker | Gap]:
        """The release of the entry, one marker for each thing that it names, or why there is none."""
        try:
            at, name, commit = self._moment(fields), self._text(fields, "version"), self._text(fields, "commit")
            subjects = self._subjects(fields)
        except BadEntry as error:
            yield Gap(origin, str(error))
            return
        if not name and not commit:
            yield Gap(origin, f"the entry names no {self._called('version')}{self._near(fields, 'version')}")
            return
        for subject in subjects:
            yield Marker(subject, at, name or commit, Cause.RELEASE, origin, commit=commit)

    def _subjects(self, fields: Mapping[str, Any]) -> list[Subject]:
        environment = self._text(fields, "environment") or self.environment
        found = [(kind, name) for kind in KINDS if (name := self._text(fields, kind))]
        if not found:
            known = ", ".join(self._called(kind) for kind in KINDS)
            raise BadEntry(f"the entry does not say what was released: name one of {known}{self._near(fields, *KINDS)}")
        return [self._subject(kind, name, environment, fields) for kind, name in found]

    def _subject(self, kind: str, name: str, environment: str, fields: Mapping[str, Any]) -> Subject:
        if kind == "service":
            return Subject(kind, environment, name)
        namespace = self._text(fields, "namespace")
        if "/" not in name and not namespace:
            raise BadEntry(f"{kind} {name!r} has no namespace; write it like shop/{name}, or add a field namespace")
        full = name if "/" in name else f"{namespace}/{name}"
        namespace, _, short = full.partition("/")
        return Subject(kind, environment, full, labels_of({"namespace": namespace, "workload": short}))

    def _moment(self, fields: Mapping[str, Any]) -> float:
        written = fields.get(self._called("at"))
        if written is None or written == "":
            raise BadEntry(f"the entry has no time ({self._called('at')}){self._near(fields, 'at')}")
        return _unix(written)

    def _text(self, fields: Mapping[str, Any], name: str) -> str:
        value = fields.get(self._called(name))
        if value is None:
            return ""
        if isinstance(value, dict | list | bool):
            raise BadEntry(f"{self._called(name)} is {value!r:.60}, not a text")
        return str(value).strip()[:LONGEST]

    def _called(self, name: str) -> str:
        return self.names.get(name, name)

    def _near(self, fields: Mapping[str, Any], *names: str) -> str:
        """Which field was probably meant."""
        ours = {self._called(name) for name in FIELDS}
        others = [str(name) for name in fields if name not in ours]
        near = [match for name in names for match in difflib.get_close_matches(self._called(name), others, n=1)]
        return f"; did you mean {near[0]!r:.60} to be it?" if near else ""


def _unix(written: Any) -> float:
    """Unix seconds of an ISO 8601 time with its offset, or of seconds or milliseconds since 1970.

    Raises:
        BadEntry: it is neither, or lies where no release does.
    """
    if isinstance(written, bool | dict | list):
        raise BadEntry(f"{written!r:.60} is no time; write it like {_EXAMPLE}")
    text = str(written).strip()
    number = _number(text)
    if number is not None:
        seconds = number / 1000.0 if number > _MILLISECONDS else number
    else:
        seconds = _instant(text).timestamp()
    if not _EARLIEST < seconds < _MILLISECONDS:
        raise BadEntry(f"{text[:60]!r} is no time since 2000 that a release can have; write it like {_EXAMPLE}")
    return seconds


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _instant(text: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise BadEntry(f"{text[:60]!r} is no time; write it like {_EXAMPLE}") from None
    if instant.tzinfo is None:
        raise BadEntry(f"{text[:60]!r} has no time zone; write its offset, like {_EXAMPLE} or …+02:00")
    return instant
