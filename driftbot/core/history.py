"""History: the life of a value and of a finding, night by night, as it was known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from driftbot.core.fact import Fact
from driftbot.core.finding import Finding


@dataclass(frozen=True, slots=True)
class Lapse:
    """Nights in a row, from ``first`` to ``last``, that could not read a value and could not rule it out."""

    first: datetime
    last: datetime
    nights: int


@dataclass(frozen=True, slots=True)
class Interval:
    """A fact and the nights it was known to hold: from ``first_seen`` to ``last_seen``, and when it was known gone.

    ``closed`` is the night that completely looked and found it gone or changed; None while it is open. ``lapses`` are
    the nights before that did not read it, in order.
    """

    fact: Fact
    first_seen: datetime
    last_seen: datetime
    closed: datetime | None = None
    lapses: tuple[Lapse, ...] = ()

    @property
    def unread(self) -> Lapse | None:
        """The nights since it was last read, up to the last one; None where that one read it or found it gone."""
        if self.closed is not None or not self.lapses or self.lapses[-1].first < self.last_seen:
            return None
        return self.lapses[-1]


@dataclass(frozen=True, slots=True)
class Held:
    """A fact and the nights it held: ``since`` the first that saw it, until the one that found it gone or changed."""

    fact: Fact
    since: datetime
    until: datetime | None = None


class Life(StrEnum):
    """Where a finding stands in its life tonight.

    ``UNREAD`` is a finding that nobody could judge yet: it turns new (or reopened) the night it is judged drift.
    ``RULE_CHANGED`` appears or goes because the rule's text changed, not because the estate did.
    """

    NEW = "new"
    ONGOING = "ongoing"
    REOPENED = "reopened"
    RESOLVED = "resolved"
    RULE_CHANGED = "rule_changed"
    UNREAD = "unread"


@dataclass(frozen=True, slots=True)
class FindingLife:
    """A finding and its life.

    ``last_seen`` is the last night it was judged: earlier than tonight while a standing finding is not readable.
    ``changed`` is the night its observed value last changed and ``previous`` what was observed before. ``resolved`` is
    None while it stands. ``times_opened`` is 0 while it was never judged drift.
    """

    finding: Finding
    life: Life
    first_seen: datetime
    last_seen: datetime
    changed: datetime | None = None
    previous: str = ""
    resolved: datetime | None = None
    times_opened: int = 1
