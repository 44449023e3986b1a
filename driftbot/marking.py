"""Marking: which markers are known tonight, from all nights and sources and from the history of settings."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePosixPath

from driftbot.collectors.collector import Context, Tape
from driftbot.config import Source
from driftbot.core.commit import Landing
from driftbot.core.demand import Demand
from driftbot.core.key import Vocabulary
from driftbot.core.marker import Marker
from driftbot.core.marker_book import overlaid_markers
from driftbot.core.setting_marker import committed, setting_keys, setting_markers
from driftbot.core.snapshot import Reading
from driftbot.store.store import Store

MOST_FILES = 200
"""Files of one source whose git history is read for the commits that changed their settings."""

_PATTERN = re.compile(r"([\\*?\[\]!#])")


@dataclass(frozen=True, slots=True)
class Marking:
    """What a night knows of markers; it reads the store, and git through the tape."""

    sources: Sequence[Source]
    store: Store
    tape: Tape
    as_of: datetime

    def known(self, demand: Demand, reading: Reading, words: Vocabulary) -> tuple[Marker, ...]:
        """The markers of the window that rules ask for, sorted; none where no rule asks.

        Of today's sources what earlier nights and tonight told, laid over each other, and what the store's own history
        of settings tells. A marker of the future is left out until its time has come.
        """
        if not demand.markers:
            return ()
        now = self.as_of.timestamp()
        start = now - demand.marked_for
        names = {source.name for source in self.sources}
        stored = [marker for marker in self.store.markers(start, now) if marker.origin.source in names]
        fresh = [marker for marker in reading.markers if start <= marker.at <= now]
        told = overlaid_markers(stored, fresh, reading.marked)
        settings = [marker for marker in self._settings(words) if marker.at >= start]
        return tuple(sorted((*told, *self._committed(settings)), key=lambda marker: marker.rank))

    def _settings(self, words: Vocabulary) -> tuple[Marker, ...]:
        """What the store's history tells about settings that changed; what tonight sees is told once it is kept."""
        nights = [night.as_of for night in self.store.nights() if night.as_of <= self.as_of]
        changed = (
            held for kind, names in sorted(setting_keys(words).items()) for held in self.store.changed(kind, names)
        )
        return setting_markers(changed, nights)

    def _committed(self, markers: Sequence[Marker]) -> Iterator[Marker]:
        """The markers, with the commits that made them where git tells of exactly one."""
        by_source: dict[str, list[Marker]] = defaultdict(list)
        for marker in markers:
            by_source[marker.origin.source].append(marker)
        known = {source.name: source for source in self.sources}
        for name, changed in sorted(by_source.items()):
            landings = self._landings(known[name], changed) if name in known else ()
            yield from (committed(marker, landings) for marker in changed)

    def _landings(self, source: Source, markers: Sequence[Marker]) -> tuple[Landing, ...]:
        """What landed in the files of these markers since the night before the first; nothing where git tells none."""
        root = getattr(source.options, "path", "")
        inside = {_below(marker.origin.locator, root) for marker in markers if marker.origin.line}
        files = sorted(path for path in inside if path is not None)[:MOST_FILES]
        if not root or not files:
            return ()
        since = min(marker.at - marker.late_by for marker in markers)
        context = Context(source.name, source.environment, self.as_of, self.tape)
        return context.history(root, datetime.fromtimestamp(since, UTC), files).landings


def _below(locator: str, root: str) -> str | None:
    """The pattern of exactly this file below the root; None where it does not stand there."""
    path = PurePosixPath(locator)
    if path == PurePosixPath(root):
        return f"/{path.name}"
    if not path.is_relative_to(PurePosixPath(root)):
        return None
    return "/" + _PATTERN.sub(r"\\\1", str(path.relative_to(PurePosixPath(root))))
