"""Declined: what a person was asked about and said no to."""

from __future__ import annotations

from collections.abc import Iterator

from driftbot.core.hold import Guard, Hold
from driftbot.core.remedy import Remedy
from driftbot.core.run import RunState
from driftbot.guards.circumstances import Circumstances


def held_by_declined(remedy: Remedy, circumstances: Circumstances) -> Iterator[Hold]:
    """What a person declined while the same was observed as now."""
    for covered in remedy.covers:
        for run in circumstances.ledger.of_finding(covered.fingerprint):
            declined = [one for one in run.remedy.covers if one.fingerprint == covered.fingerprint]
            if run.state is RunState.DECLINED and any(one.observed == covered.observed for one in declined):
                reason = f"a person declined run {run.number} about {covered.subject}, and nothing else is observed now"
                yield Hold(Guard.DECLINED, f"{reason}; waive the finding if it is to stay")
