"""Remedies: what a playbook would do about a finding, step by step, before anything is done."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from driftbot.core.canonical import canonical
from driftbot.core.ladder import Level
from driftbot.core.rule import Severity
from driftbot.core.subject import SubjectId


class OnFailure(StrEnum):
    """What happens with what was done already when a step or the verification fails."""

    UNDO = "undo"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class ValueChange:
    """One setting before and after, as a person reads it.

    ``was`` and ``becomes`` are the numbers in the key's unit (seconds, bytes, …), None for what is no number or stood
    nowhere.
    """

    subject: SubjectId
    key: str
    before: str
    after: str
    was: float | None = None
    becomes: float | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One effect: which action on what, and all that decides it.

    ``target`` names what is changed, equal for equal things (``file:deploy/cart.yaml``, ``branch:driftbot/3f9c2a``);
    ``precondition`` is reality as it was read while the step was proposed and ``intent`` everything that the action
    needs to perform it, both canonical JSON of the action's own models. ``preview`` is what a person sees: a diff, a
    request. ``irreversible`` says why it cannot be undone; empty where it can.
    """

    action: str
    target: str
    precondition: str
    intent: str
    because: str
    preview: str = ""
    irreversible: str = ""
    changes: tuple[ValueChange, ...] = ()


@dataclass(frozen=True, slots=True)
class Covered:
    """One finding that a remedy is for: its subject, whom it belongs to, and the arithmetic in words.

    ``sources`` are the sources whose facts the judgement rests on, sorted; ``evidence`` the values it names, as lines.
    """

    fingerprint: str
    rule: str
    subject: SubjectId
    owner: str
    severity: Severity
    message: str
    incident: str
    url: str
    observed: str = ""
    expected: str = ""
    evidence: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Remedy:
    """A playbook for one finding, or for several that it mends together; its steps are performed in their order.

    ``covers`` is sorted by fingerprint. ``approvals`` is how many people have to approve the digest. ``verify_after``
    says how long after the last step the rule judges again. ``risk`` is what could go wrong, in a sentence. ``lowered``
    says why ``level`` is below what the ladder allows; empty where it is not.
    """

    playbook: str
    level: Level
    covers: tuple[Covered, ...]
    steps: tuple[Step, ...]
    approvals: int
    verify_after: timedelta
    on_failure: OnFailure
    risk: str = ""
    lowered: str = ""

    @property
    def digest(self) -> str:
        """SHA-256 of everything that decides what is done, in hexadecimal; the level that allows it is no part."""
        parts = (self.playbook, self.covers, self.steps, self.approvals, self.verify_after, self.on_failure)
        return hashlib.sha256(canonical(parts).encode()).hexdigest()

    @property
    def environments(self) -> tuple[str, ...]:
        """The environments of what it covers, sorted."""
        return tuple(sorted({one.subject.environment for one in self.covers}))
