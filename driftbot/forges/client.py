"""What one vendor's API does for us: single operations, each answered with values or a ``ForgeFailure``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar

from driftbot.forges.thread import Notice, Request, State, Thread

Kind = TypeVar("Kind", bound=Thread)


@dataclass(frozen=True, slots=True)
class Limits:
    """How long texts may be, in characters."""

    title: int
    body: int
    label: int


@dataclass(frozen=True, slots=True)
class Text:
    """What is sent for a request or a notice: fitted, defused, with the mark."""

    title: str
    body: str
    labels: tuple[str, ...]


class Client(Protocol):
    """A vendor's client for one repository. Nothing is tried twice here, and nothing is looked for first."""

    @property
    def limits(self) -> Limits:
        """How long texts may be."""
        ...

    @property
    def repository(self) -> str:
        """The repository's address in a browser."""
        ...

    def requests_from(self, branch: str) -> Sequence[Request]:
        """All requests from a branch of this very repository, in every state, newest first."""
        ...

    def closer_of(self, thread: Kind) -> Kind:
        """The closed thread, with who closed it where the forge tells."""
        ...

    def create_request(self, branch: str, base: str, text: Text) -> Request:
        """Open a request; its labels may be missing afterwards, which ``label`` mends."""
        ...

    def update_request(self, number: int, title: str, body: str, state: State | None) -> Request:
        """Set title and body, and whether it is open where ``state`` says so; the same twice is the same as once."""
        ...

    def notices(self, label: str, since: datetime | None) -> Sequence[Notice]:
        """All notices with the label or written by us, that changed at ``since`` or later."""
        ...

    def create_notice(self, text: Text) -> Notice:
        """Open a notice."""
        ...

    def update_notice(self, number: int, title: str, body: str, state: State | None) -> Notice:
        """Set title and body, and whether it is open where ``state`` says so; the same twice is the same as once."""
        ...

    def label(self, thread: Thread, labels: Sequence[str]) -> Sequence[str]:
        """Add labels, created where the repository has none of the name; what was left out and why, in sentences."""
        ...

    def reviewers_of(self, request: Request) -> Sequence[str]:
        """Who is asked for a review already, or has given one."""
        ...

    def ask_reviewers(self, request: Request, owners: Sequence[str]) -> Sequence[str]:
        """Ask owners (as CODEOWNERS writes them) for a review; who was left out and why, in sentences."""
        ...

    def comments(self, thread: Thread) -> Sequence[str]:
        """The bodies of all comments."""
        ...

    def comment(self, thread: Thread, body: str) -> None:
        """Add a comment."""
        ...
