"""Rules: codified lessons from incident reviews, as they stand in the repository."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from driftbot.core.approved import COMPARED, SINCE_APPROVAL
from driftbot.core.fact import Origin


class Severity(StrEnum):
    """How bad it is when the lesson is forgotten."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return _RANKS[self]


_RANKS = {severity: rank for rank, severity in enumerate(Severity)}


class NumberSource(StrEnum):
    """Whether a number of a rule stands in the review or is our proposal."""

    REVIEW = "review"
    OURS = "ours"


@dataclass(frozen=True, slots=True)
class Lesson:
    """Where a rule comes from: an incident (with id and date) or a reference (a vendor's or a book's page)."""

    url: str
    summary: str
    incident: str = ""
    date: date | None = None


@dataclass(frozen=True, slots=True)
class Expression:
    """An expression's text and where it stands, for errors with file:line:column."""

    text: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class Binding:
    """A named expression: an entry of ``let`` or of ``recommend``."""

    name: str
    expression: Expression


@dataclass(frozen=True, slots=True)
class Number:
    """A number that the rule rests on and who says so."""

    text: str
    source: NumberSource


@dataclass(frozen=True, slots=True)
class Rule:
    """One codified lesson.

    ``digest`` is the SHA-256 of what decides a verdict (for_each, where, let, expect): when it changes, findings say
    "the rule changed". ``cases`` stay with the file; ``rules test`` reads them.
    """

    id: str
    title: str
    lesson: Lesson
    why: str
    severity: Severity
    owner: str
    for_each: str
    expect: Expression
    message: Expression
    origin: Origin
    digest: str
    review_by: date | None = None
    where: Expression | None = None
    let: tuple[Binding, ...] = ()
    recommend: tuple[Binding, ...] = ()
    numbers: tuple[Number, ...] = ()
    playbook: str | None = None

    @property
    def approved_keys(self) -> tuple[str, ...]:
        """The keys whose approved value it compares with, or what was derived from comparing them; sorted."""
        judged = [part.text for part in (self.expect, self.where, *(one.expression for one in self.let)) if part]
        derived = COMPARED if any(f".{SINCE_APPROVAL}" in text for text in judged) else frozenset()
        return tuple(sorted(derived.union(*(_APPROVED.findall(text) for text in judged))))


_APPROVED = re.compile(r"\bapproved\.([a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)*)")


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """Something wrong in a file people write: the place, what it is, and what to write instead."""

    origin: Origin
    message: str
    hint: str = ""

    def __str__(self) -> str:
        return f"{self.origin}: {self.message}" + (f" ({self.hint})" if self.hint else "")
