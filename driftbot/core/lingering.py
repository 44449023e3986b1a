"""Lingering subjects: not seen tonight, last seen where tonight nobody could look completely."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

from driftbot.core.coverage import Coverage
from driftbot.core.snapshot import Reading
from driftbot.core.subject import Subject, distinct


def lingering(
    last_seen: Callable[[], Iterable[Subject]],
    reading: Reading,
    beyond: Mapping[str, frozenset[str]] = MappingProxyType({}),
) -> tuple[Subject, ...]:
    """The subjects that a gap may hide, sorted; one in complete coverage that is not seen is gone.

    ``last_seen`` tells the subjects of the night before; it is asked only where there is a gap.
    ``beyond`` are the keys beside the inventory by kind: they are asked of subjects that are known, and a gap in them
    alone hides nobody.
    """
    hidden = {(entry.environment, entry.kind) for entry in reading.coverage if _hides(entry, beyond)}
    if not hidden:
        return ()
    told = (*(fact.subject for fact in reading.facts), *(series.subject for series in reading.series))
    seen = set(distinct(told))
    lost = (subject for subject in last_seen() if (subject.environment, subject.kind) in hidden and subject not in seen)
    return tuple(sorted(lost))


def _hides(entry: Coverage, beyond: Mapping[str, frozenset[str]]) -> bool:
    """Whether what was not read may hold subjects."""
    return not entry.complete and (not entry.keys or not entry.keys <= beyond.get(entry.kind, frozenset()))
