"""Chat decisions: what people asked for in a chat and what came of it, refused or done; kept to be audited."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from driftbot.core.excuse import Waiver
from driftbot.core.run import PlanApproval
from driftbot.core.snooze import NotUseful, Snooze


class ChatVerb(StrEnum):
    """What a person can ask for in a chat. ``UNREADABLE`` was not understood: a forged or stale request."""

    APPROVE = "approve"
    SNOOZE = "snooze"
    WAIVE = "waive"
    EXPLAIN = "explain"
    NOT_USEFUL = "not_useful"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class ChatDecision:
    """``by`` is the person as the configuration names them with the chat's id (``Ann <ann@example.org> (U012AB)``).

    ``about`` is a finding's fingerprint or a digest, ``told`` one sentence on what came of it. ``request`` is the
    chat's own name of the request, by which a replayed one is known; empty where it has none.
    """

    at: datetime
    verb: ChatVerb
    by: str
    about: str
    accepted: bool
    told: str
    request: str = ""


ChatEffect: TypeAlias = PlanApproval | Snooze | NotUseful | Waiver
"""What a decision can change; it is written down together with the decision or not at all."""
