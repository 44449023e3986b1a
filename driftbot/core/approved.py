"""Approved values as facts: the view that rules compare with."""

from __future__ import annotations

from collections.abc import Iterable

from driftbot.core.excuse import Approval
from driftbot.core.fact import Fact, Origin, View
from driftbot.core.subject import Subject

SOURCE = "approvals"


def approved_facts(approvals: Iterable[Approval]) -> tuple[Fact, ...]:
    """One fact of the view ``approved`` for each approval, in their order."""
    return tuple(
        Fact(
            Subject(approval.subject.kind, approval.subject.environment, approval.subject.name),
            approval.key,
            approval.value,
            View.APPROVED,
            origin=Origin(SOURCE, f"{approval.approved_by}, {approval.at:%Y-%m-%d}"),
        )
        for approval in approvals
    )
