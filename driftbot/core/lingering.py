"""Lingering subjects: not seen tonight, last seen where tonight nobody could look completely."""

from __future__ import annotations

from collections.abc import Iterable

from driftbot.core.snapshot import Reading
from driftbot.core.subject import Subject, distinct


def lingering(last_seen: Iterable[Subject], reading: Reading) -> tuple[Subject, ...]:
    """The subjects that a gap may hide, sorted; one in complete coverage that is not seen is gone."""
    told = (*(fact.subject for fact in reading.facts), *(series.subject for series in reading.series))
    seen = set(distinct(told))
    hidden = {(entry.environment, entry.kind) for entry in reading.coverage if not entry.complete}
    return tuple(
        sorted(
            subject for subject in last_seen if subject not in seen and (subject.environment, subject.kind) in hidden
        )
    )
