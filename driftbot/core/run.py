"""Runs: one remedy being applied, as the journal knows it: intent before each effect, result after."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from driftbot.core.finding import Verdict
from driftbot.core.remedy import Remedy


class StepState(StrEnum):
    """Where a step stands. ``INTENDED`` and ``UNDOING`` are on disk before the effect; all others after it.

    ``PENDING`` was performed and waits for the world: a merge, a time that a condition must hold. ``DECLINED`` is what
    a person said no to.
    """

    PLANNED = "planned"
    INTENDED = "intended"
    PENDING = "pending"
    DONE = "done"
    NOT_DONE = "not_done"
    UNDOING = "undoing"
    UNDONE = "undone"
    CONFLICT = "conflict"
    UNCERTAIN = "uncertain"
    REFUSED = "refused"
    DECLINED = "declined"


class RunState(StrEnum):
    """Where a run stands.

    ``RUNNING`` may have an effect under way; ``WAITING`` has a pending step, or one whose undoing waits;
    ``VERIFYING`` is done and waits to be judged from fresh facts; ``UNDOING`` puts back what was
    done; ``UNCERTAIN`` waits for a person. The others are ends:
    ``RESOLVED`` (judged healthy twice, or all that it was for is gone),
    ``REFUSED`` (the world had moved, nothing was done), ``STOPPED`` (a step failed and what was done stands),
    ``UNDONE``, ``DECLINED`` (a person closed the request), ``ESCALATED`` (it did not help, and the owner was told).
    """

    RUNNING = "running"
    WAITING = "waiting"
    VERIFYING = "verifying"
    UNDOING = "undoing"
    UNCERTAIN = "uncertain"
    RESOLVED = "resolved"
    REFUSED = "refused"
    STOPPED = "stopped"
    UNDONE = "undone"
    DECLINED = "declined"
    ESCALATED = "escalated"

    @property
    def ended(self) -> bool:
        """Whether nothing more happens by itself or waits for a person."""
        return self not in _UNDER_WAY


_UNDER_WAY = frozenset({RunState.RUNNING, RunState.WAITING, RunState.VERIFYING, RunState.UNDOING, RunState.UNCERTAIN})


@dataclass(frozen=True, slots=True)
class PlanApproval:
    """Who approved which digest (of a plan or of one remedy), when."""

    digest: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class StepRecord:
    """A step in the journal: its idempotency key, and as ``effect`` what performing it gave (the action's own JSON)."""

    number: int
    key: str
    state: StepState
    effect: str = ""
    detail: str = ""
    intended: datetime | None = None
    concluded: datetime | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """One judgement from fresh facts after a fix: of which finding, when, what came of it."""

    fingerprint: str
    at: datetime
    verdict: Verdict
    told: str


@dataclass(frozen=True, slots=True)
class UnreadableRun:
    """A run whose record is damaged: ``state`` and ``reason`` in words, ``ended`` whether it ended for all we know."""

    number: int
    state: str
    ended: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Run:
    """One remedy applied: numbered from 1; ``due`` is when it is looked at next, ``told`` the last word on it.

    ``undone_by`` is who decided against it while nothing had failed, and had it undone; empty where nobody did.
    """

    number: int
    plan: str
    remedy: Remedy
    started: datetime
    by: str
    state: RunState
    steps: tuple[StepRecord, ...]
    approvals: tuple[PlanApproval, ...] = ()
    checks: tuple[Check, ...] = ()
    due: datetime | None = None
    ended: datetime | None = None
    told: str = ""
    undone_by: str = ""
