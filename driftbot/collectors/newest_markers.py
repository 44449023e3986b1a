"""The newest releases of a source, each once: as many as a night can hold against the store."""

from __future__ import annotations

from collections.abc import Iterable

from driftbot.core.marker import Marker
from driftbot.core.marker_book import one_each

MOST = 50_000
"""Releases of one source that a night keeps (ours: a second of writing); of more the oldest are left out and told."""


def newest(markers: Iterable[Marker], source: str, notes: list[str]) -> tuple[Marker, ...]:
    """The newest of the markers, sorted; that some were left out is added to the notes."""
    kept = one_each(markers)
    if len(kept) > MOST:
        notes.append(f"{source}: {len(kept):,} releases were found; the newest {MOST:,} are kept")
    return kept[-MOST:]
