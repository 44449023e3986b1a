"""Runs of a remedy in every state, for messages that tell of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from driftbot.core.ladder import Level
from driftbot.core.remedy import OnFailure, Remedy
from driftbot.core.run import Run, RunState
from tests.notices.digest_scene import NOW, PLAN, approval

_TOLD = {
    RunState.VERIFYING: "timeout.deadline of job:production/shop/billing is 2h45m",
    RunState.RESOLVED: "job-deadline-headroom is ok twice",
    RunState.UNCERTAIN: "step 1: the answer of the server was lost",
    RunState.ESCALATED: "the job still took 2h50m",
}


def run(state: RunState, **changes: Any) -> Run:
    """Run 4, which Ann approved, in that state."""
    remedy = Remedy("raise-deadline", Level.APPROVE, (), (), 1, timedelta(hours=26), OnFailure.UNDO)
    told = Run(
        4, PLAN, remedy, NOW, "Ann <ann@example.org>", state, (), (approval(),),
        due=None if state.ended else NOW + timedelta(hours=26),
        ended=NOW + timedelta(hours=27) if state.ended else None,
        told=_TOLD.get(state, ""),
    )  # fmt: skip
    return replace(told, **changes)
