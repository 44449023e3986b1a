"""What stands on the forge, held against what shall stand there."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import TypeVar

from driftbot.forges.thread import Draft, Notice, Request, State, Thread

Kind = TypeVar("Kind", bound=Thread)


class Decision(StrEnum):
    """What is to be done for a wish."""

    CREATE = "create"
    EDIT = "edit"
    REOPEN = "reopen"
    LEAVE = "leave"


def foremost(threads: Iterable[Kind]) -> Kind | None:
    """Of several for one drift the one that counts: an open one of ours, an open one, else the newest."""

    def weight(thread: Kind) -> tuple[bool, bool, int]:
        is_open = thread.state is State.OPEN
        return is_open, is_open and thread.mark is not None, thread.number

    return max(threads, key=weight, default=None)


def about_request(standing: Request | None, draft: Draft) -> tuple[Decision, str]:
    """What to do for a request, and where it is left: why, as a sentence."""
    if standing is None:
        return Decision.CREATE, ""
    mark = standing.mark
    if standing.state is State.MERGED:
        same = mark is not None and mark.digest == draft.mark.digest
        return (Decision.LEAVE, f"{standing.url} is merged already") if same else (Decision.CREATE, "")
    if standing.state is State.CLOSED:
        who = f" by {standing.closed_by}" if standing.closed_by else ""
        told = f"{standing.url} was closed{who} without being merged, which is respected; reopen it to have it updated"
        return (Decision.CREATE, "") if standing.closed_by_us else (Decision.LEAVE, told)
    if mark is None:
        return Decision.LEAVE, f"{standing.url} is open from this branch and was not written by driftbot"
    if mark.fingerprint != draft.mark.fingerprint:
        return Decision.LEAVE, f"{standing.url} is open from this branch for another drift ({mark.fingerprint})"
    return Decision.EDIT, ""


def about_notice(standing: Notice | None) -> tuple[Decision, str]:
    """What to do for a notice, and where it is left: why, as a sentence."""
    if standing is None:
        return Decision.CREATE, ""
    if standing.state is State.OPEN:
        return Decision.EDIT, ""
    who = f" by {standing.closed_by}" if standing.closed_by else ""
    told = f"{standing.url} was closed{who}, which is respected; reopen it to have it updated"
    return (Decision.REOPEN, "") if standing.closed_by_us else (Decision.LEAVE, told)
