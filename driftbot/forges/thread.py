"""What stands on a forge: requests (pull requests, merge requests) and notices (issues), as values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from driftbot.forges.mark import Mark, read_mark


class State(StrEnum):
    """Whether it is under way. A notice is never ``MERGED``."""

    OPEN = "open"
    MERGED = "merged"
    CLOSED = "closed"


class Person(StrEnum):
    """Who did something, as far as the forge tells the token."""

    US = "us"
    SOMEBODY = "somebody"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Thread:
    """A request or a notice on the forge. ``number`` is the repository's (GitLab's ``iid``), ``url`` for a browser.

    ``closed_by`` is an account's name where it is closed and the forge tells.
    """

    number: int
    url: str
    state: State
    title: str
    body: str
    labels: tuple[str, ...]
    author: Person
    created: datetime
    updated: datetime
    closer: Person = Person.UNKNOWN
    closed_by: str = ""

    @property
    def mark(self) -> Mark | None:
        """Our mark in the body, None where it is not ours."""
        return read_mark(self.body)

    @property
    def closed_by_us(self) -> bool:
        """Whether it is closed and we did it: its being closed is nobody's refusal."""
        ended = self.mark is not None and self.mark.ended
        return self.state is State.CLOSED and (ended or self.closer is Person.US)


@dataclass(frozen=True, slots=True)
class Request(Thread):
    """A pull request of GitHub, a merge request of GitLab: from ``branch`` into ``base``, in one repository."""

    branch: str = ""
    base: str = ""


@dataclass(frozen=True, slots=True)
class Notice(Thread):
    """An issue."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What a request or notice shall say. ``body`` is Markdown without the mark, which is added where it is sent.

    Foreign text in it goes through ``literal``, ``code_span`` or ``code_block`` of ``driftbot.forges.markdown``; what
    is left is defused as a whole before it is sent.
    """

    title: str
    body: str
    mark: Mark
    labels: tuple[str, ...] = ()


class Act(StrEnum):
    """What became of a wish.

    ``UNCHANGED``: it stood so already. ``LEFT``: a person's word stands against it (they closed it, or it is theirs),
    or it is merged; nothing was done.
    """

    CREATED = "created"
    EDITED = "edited"
    REOPENED = "reopened"
    CLOSED = "closed"
    UNCHANGED = "unchanged"
    LEFT = "left"
