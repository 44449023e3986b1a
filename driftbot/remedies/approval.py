"""Approvals: who may give them, which of them count for a remedy, and what is still missing. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from driftbot.core.failure import Failure
from driftbot.core.ladder import Level
from driftbot.core.remedy import Remedy
from driftbot.core.run import PlanApproval

LASTS = timedelta(days=7)
"""How long an approval counts: who approved it looked at the estate as it was then (ours: a week)."""

_ADDRESS = re.compile(r"<([^<>\s]+)>\s*$")


def check_approver(by: str, approvers: Collection[str]) -> None:
    """Refuse who may not approve; with no approvers named, whoever may run driftbot on its store may.

    Raises:
        Failure: it is somebody else.
    """
    if approvers and not _among(by, approvers):
        raise Failure(
            f"{by} may not approve: acting.approvers names {', '.join(sorted(approvers))}",
            "Ask one of them to run `driftbot apply DIGEST --only-approve`, or have the configuration changed.",
        )


def counting(
    remedy: Remedy, plan: str, approvals: Iterable[PlanApproval], approvers: Collection[str], now: datetime
) -> tuple[PlanApproval, ...]:
    """The approvals that count for a remedy now: of its digest or its plan's, by who may, one a person, no older ones.

    ``plan`` is the digest of the plan that it stands in. The earliest of a person is the one that counts.
    """
    names = (remedy.digest, plan)
    found: dict[str, PlanApproval] = {}
    about = (one for one in approvals if one.digest in names)
    for one in sorted(about, key=lambda approval: (approval.at, approval.by, approval.digest)):
        allowed = not approvers or _among(one.by, approvers)
        if allowed and now - one.at <= LASTS:
            found.setdefault(_person(one.by), one)
    return tuple(found.values())


def missing(remedy: Remedy, counted: Collection[PlanApproval]) -> int:
    """How many more people have to approve it; what is automatic needs nobody, all else at least one."""
    if remedy.level is Level.AUTO:
        return 0
    return max(0, max(1, remedy.approvals) - len(counted))


def _among(by: str, approvers: Collection[str]) -> bool:
    return bool(
        {by.casefold(), _person(by)} & {known for name in approvers for known in (name.casefold(), _person(name))}
    )


def _person(by: str) -> str:
    """The address in ``Name <address>``, else the name: who writes it differently is still one person."""
    address = _ADDRESS.search(by)
    return (address[1] if address else " ".join(by.split())).casefold()
