"""Verdicts: only what drifts is mended, by the last judgement there is."""

from __future__ import annotations

from collections.abc import Iterator

from driftbot.core.finding import Verdict
from driftbot.core.hold import Guard, Hold
from driftbot.core.remedy import Remedy
from driftbot.guards.circumstances import Circumstances

_TOLD = {
    Verdict.OK: "is healthy now; plan again",
    Verdict.UNKNOWN: "cannot be judged now, and what is unknown is never acted on; make its facts readable",
    Verdict.WAIVED: "is waived; end the waiver first if it is to be mended",
}


def held_by_verdict(remedy: Remedy, circumstances: Circumstances) -> Iterator[Hold]:
    """What is unknown, waived, healthy or gone by now."""
    for covered in remedy.covers:
        verdict = circumstances.verdicts.get(covered.fingerprint)
        if verdict is not Verdict.DRIFT:
            told = "does not stand any more; plan again" if verdict is None else _TOLD[verdict]
            yield Hold(Guard.VERDICT, f"{covered.rule} about {covered.subject} {told}")
