"""Facts: one value of one key of one subject, with where and how it was read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from driftbot.core.quantity import Quantity
from driftbot.core.subject import Subject

Value = Quantity | str | bool | datetime | tuple[str, ...]
"""What a fact can hold; instants are timezone-aware, names are sorted."""


class View(StrEnum):
    """Whose word a fact is: a file's, the running system's, a measurement's, or an approval's."""

    DECLARED = "declared"
    EFFECTIVE = "effective"
    OBSERVED = "observed"
    APPROVED = "approved"


class Provenance(StrEnum):
    """Whether somebody wrote the value there, it comes from a level above, or from the system's default.

    ``COMPUTED`` is a value computed from several, of which some were written and some are defaults; ``DERIVED`` is what
    follows from other facts and stands nowhere itself.
    """

    EXPLICIT = "explicit"
    INHERITED = "inherited"
    COMPUTED = "computed"
    DEFAULT = "default"
    DERIVED = "derived"


@dataclass(frozen=True, slots=True, order=True)
class Origin:
    """Where a value was read: enough to show it and to edit it.

    ``locator`` is a path relative to the source's root or a URL; ``line`` and ``column`` count from 1, ``start`` and
    ``end`` are byte offsets of the value itself (end exclusive), ``query`` is the expression that measured it. Zero and
    empty mean not known.
    """

    source: str
    locator: str = ""
    line: int = 0
    column: int = 0
    start: int = 0
    end: int = 0
    query: str = ""

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.locator or self.source, self.line, self.column) if part)
        return f"{place} {self.query}".rstrip()


@dataclass(frozen=True, slots=True)
class Fact:
    """A value somebody stated. Two origins that disagree are two facts; the conflict is kept."""

    subject: Subject
    key: str
    value: Value
    view: View = View.DECLARED
    provenance: Provenance = Provenance.EXPLICIT
    origin: Origin = Origin("")

    def about(self, subject: Subject) -> Fact:
        """The same statement about another subject."""
        if subject is self.subject:
            return self
        return Fact(subject, self.key, self.value, self.view, self.provenance, self.origin)


def provenance_told(provenance: Provenance | None) -> str:
    """The provenance in words; empty for what somebody wrote."""
    return _TOLD.get(provenance or Provenance.EXPLICIT, "")


_TOLD = {
    Provenance.INHERITED: "inherited",
    Provenance.COMPUTED: "computed, partly from defaults",
    Provenance.DEFAULT: "the system's default",
    Provenance.DERIVED: "derived",
}


def show(value: Value) -> str:
    """The value as a person reads it."""
    match value:
        case bool():
            return "true" if value else "false"
        case datetime():
            return _moment(value)
        case tuple():
            return ", ".join(value) or "none"
        case _:
            return str(value)


def _moment(instant: datetime) -> str:
    """The minute in UTC; at the edges of the calendar the instant as it was written."""
    try:
        return f"{instant.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    except OverflowError:
        return instant.isoformat(timespec="seconds")
