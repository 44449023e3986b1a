"""The coverage of one night, asked the one question that closing an interval needs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from driftbot.core.coverage import Coverage

Scope = tuple[str, str, str]
"""Source, environment, and kind of subject."""


class CoverageBook:
    """Every coverage that a night was told of, in the order told."""

    def __init__(self) -> None:
        self.entries: list[Coverage] = []
        self._by_scope: defaultdict[Scope, list[Coverage]] = defaultdict(list)

    def add(self, coverage: Iterable[Coverage]) -> None:
        """Note what was looked at."""
        for entry in coverage:
            self.entries.append(entry)
            self._by_scope[entry.source, entry.environment, entry.kind].append(entry)

    def looked_for(self, scope: Scope, key: str) -> bool:
        """Whether the source completely looked for the key: then what it did not say is gone."""
        about = [entry for entry in self._by_scope.get(scope, ()) if not entry.keys or key in entry.keys]
        return bool(about) and all(entry.complete for entry in about)
