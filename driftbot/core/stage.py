"""The stages of a night and what each came to."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from driftbot.core.run import Run


class Stage(StrEnum):
    """The stages of a night, in their order.

    What was under way is concluded before anything else; what could be done is planned before people are told, so that
    they can decide about it, and they are told before anything is changed. What was changed earlier is verified before
    more is changed; then people are told what changed, and history is let go of last.
    """

    RECOVER = "recover"
    SCAN = "scan"
    PLAN = "plan"
    DELIVER = "deliver"
    VERIFY = "verify"
    ACT = "act"
    TELL = "tell"
    FORGET = "forget"


@dataclass(frozen=True, slots=True)
class StageResult:
    """What one stage came to, in a sentence, with the runs that it took forward or back; ``failed`` where it could not
    do its work. ``lines`` say more, one for each thing it did.
    """

    stage: Stage
    told: str
    runs: tuple[Run, ...] = ()
    failed: bool = False
    lines: tuple[str, ...] = ()
