"""Fewer facts: a source that tells less than usual, or could not look everywhere, moves nothing."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median

from driftbot.core.approved import SOURCE as APPROVALS
from driftbot.core.coverage import Coverage
from driftbot.core.hold import Guard, Hold
from driftbot.core.remedy import Remedy
from driftbot.guards.circumstances import Circumstances


def held_by_fewer_facts(remedy: Remedy, circumstances: Circumstances) -> Iterator[Hold]:
    """What rests on a source that told fewer facts than usual, or that has gaps where the finding is.

    Of approvals there may be as few as people like.
    """
    for source in sorted({source for covered in remedy.covers for source in covered.sources} - {APPROVALS}):
        yield from _fewer(source, circumstances)
    rests_on = {
        (source, covered.subject.environment, covered.subject.kind)
        for covered in remedy.covers
        for source in covered.sources
    }
    for entry in circumstances.coverage:
        if (entry.source, entry.environment, entry.kind) in rests_on:
            yield from _gaps(entry, circumstances)


def usual(source: str, circumstances: Circumstances) -> float | None:
    """The median number of facts of the source over the last nights; None where there were none."""
    nights = sorted(
        (night for night in circumstances.earlier if night.night < circumstances.tonight.night),
        key=lambda night: night.night,
    )[-circumstances.options.facts.nights :]
    return median(night.by_source.get(source, 0) for night in nights) if nights else None


def _fewer(source: str, circumstances: Circumstances) -> Iterator[Hold]:
    before = usual(source, circumstances)
    count = circumstances.tonight.by_source.get(source, 0)
    share = circumstances.options.facts.share
    if before is not None and count < share * before:
        reason = (
            f"{source} told {count:,} facts tonight, usually {before:,.0f}; less than {share:.0%} of that moves nothing"
        )
        yield Hold(Guard.FEWER_FACTS, f"{reason}; look why, and scan again")


def _gaps(entry: Coverage, circumstances: Circumstances) -> Iterator[Hold]:
    """What was not read: a source that failed, and gaps that nobody answers for."""
    accepted = {one.fingerprint for one in circumstances.accepted_gaps if one.expires > circumstances.now}
    open_gaps = [gap for gap in entry.gaps if entry.failed or gap.fingerprint not in accepted]
    if entry.failed or open_gaps:
        places = "; ".join(f"{gap.origin}: {gap.reason}" for gap in open_gaps[:3])
        more = f" and {len(open_gaps) - 3} more" if len(open_gaps) > 3 else ""
        what = "failed" if entry.failed else f"could not read every {entry.kind} in {entry.environment}"
        reason = f"{entry.source} {what}" + (f" ({places}{more})" if places else "")
        yield Hold(Guard.FEWER_FACTS, f"{reason}; repair it, or accept the gap in driftbot.yaml")
