"""Declined: what a person said no to, by closing a request or by undoing what was done."""

from __future__ import annotations

from collections.abc import Iterator

from driftbot.core.hold import Guard, Hold
from driftbot.core.remedy import Covered, Remedy
from driftbot.core.run import Run, RunState
from driftbot.guards.circumstances import Circumstances
from driftbot.guards.ledger import touched

_DIGITS = 12
"""Digits of a digest that people see."""


def held_by_declined(remedy: Remedy, circumstances: Circumstances) -> Iterator[Hold]:
    """What a person declined or undid while the same was observed as now.

    What was undone is done again by nothing but its own digest, or a run that somebody began since.
    """
    for covered in remedy.covers:
        runs = circumstances.ledger.of_finding(covered.fingerprint)
        for run in runs:
            if run.state is RunState.DECLINED and _same(run, covered):
                reason = f"a person declined run {run.number} about {covered.subject}, and nothing else is observed now"
                yield Hold(Guard.DECLINED, f"{reason}; waive the finding if it is to stay")
        last = next((run for run in reversed(runs) if touched(run)), None)
        if last and last.undone_by and _same(last, covered) and remedy.digest not in circumstances.named:
            reason = (
                f"{last.undone_by} undid run {last.number} about {covered.subject}, and nothing else is observed now"
            )
            again = f"`driftbot apply {remedy.digest[:_DIGITS]}` does it again all the same"
            yield Hold(Guard.DECLINED, f"{reason}; {again}, or waive the finding if it is to stay")


def _same(run: Run, covered: Covered) -> bool:
    """Whether a run was for that finding while the same was observed."""
    return any((one.fingerprint, one.observed) == (covered.fingerprint, covered.observed) for one in run.remedy.covers)
