"""Approved values as facts: the view that rules compare with."""

from __future__ import annotations

from collections.abc import Iterable

from driftbot.core.excuse import Approval
from driftbot.core.fact import Fact, Origin, View
from driftbot.core.past import VERSION_KEYS
from driftbot.core.subject import Subject

SOURCE = "approvals"

SINCE_APPROVAL = "since_approval."
"""How keys begin that say what changed since a value was approved; they are compared from others."""

COMPARED = frozenset(VERSION_KEYS)
"""The keys of an alert that those are compared from: approving such a finding approves their values of today."""


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
