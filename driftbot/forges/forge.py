"""A forge: where changes are proposed to people, and where they are told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from driftbot.forges.thread import Act, Draft, Notice, Request, Thread

Kind = TypeVar("Kind", bound=Thread, covariant=True)


@dataclass(frozen=True, slots=True)
class Posting(Generic[Kind]):
    """What stands on the forge now, what was done for it, and what was left out on the way, in sentences."""

    thread: Kind
    act: Act
    remarks: tuple[str, ...] = ()


class Forge(Protocol):
    """One repository on one forge.

    Everything may be asked for again: what stands there is looked for first, so that a second try finds what the first
    one did. Every method raises ``ForgeFailure`` and nothing else; one that is ``uncertain`` may have been done.
    """

    @property
    def repository(self) -> str:
        """Its address in a browser."""
        ...

    def find_request(self, branch: str) -> Request | None:
        """The request from a branch: an open one, else the newest, merged or closed; None where there never was one."""
        ...

    def open_request(self, branch: str, base: str, draft: Draft, reviewers: Sequence[str] = ()) -> Posting[Request]:
        """One request from ``branch`` into ``base``: created, or ours that is open edited.

        ``LEFT`` where a person closed it, where a person opened their own from this branch, and where one with this
        digest is merged. ``reviewers`` are owners as CODEOWNERS writes them; those that the forge refuses are left
        out, with a remark.
        """
        ...

    def edit_request(self, request: Request, draft: Draft) -> Posting[Request]:
        """Title, body and missing labels of an open request of ours; people's labels stay."""
        ...

    def close_request(self, request: Request, comment: str) -> Posting[Request]:
        """Close an open request of ours, with a comment that says why; closed and merged ones are ``UNCHANGED``."""
        ...

    def find_notice(self, fingerprint: str) -> Notice | None:
        """The notice with this fingerprint in its mark: an open one, else the newest; None where there is none."""
        ...

    def open_notice(self, draft: Draft) -> Posting[Notice]:
        """One notice for a fingerprint: created, or the one that stands edited; reopened where we closed it.

        ``LEFT`` where a person closed it.
        """
        ...

    def edit_notice(self, notice: Notice, draft: Draft) -> Posting[Notice]:
        """Title, body and missing labels of an open notice of ours."""
        ...

    def close_notice(self, notice: Notice, comment: str) -> Posting[Notice]:
        """Close an open notice of ours, with a comment that says why."""
        ...
