"""Coverage: what was looked at, so that absence is asserted only where somebody completely looked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from driftbot.core.fact import Origin

ALL_KEYS: frozenset[str] = frozenset()
"""In ``Coverage.keys``: every key that this source provides for the kind."""


@dataclass(frozen=True, slots=True)
class Gap:
    """A place that could not be read, and why: ``origin`` names file and line or URL and query."""

    origin: Origin
    reason: str

    @property
    def fingerprint(self) -> str:
        """The gap's name for accepting it: source and place, not the wording of the reason."""
        return f"{self.origin.source}:{self.origin.locator}" + (f"?{self.origin.query}" if self.origin.query else "")


@dataclass(frozen=True, slots=True)
class Coverage:
    """What one source looked at for one kind of subject in one environment; complete when it has no gaps.

    ``keys`` empty means every key the source provides for the kind. ``failed`` says that the source as a whole did not
    answer (it then has at least one gap).
    """

    source: str
    environment: str
    kind: str
    keys: frozenset[str] = ALL_KEYS
    gaps: tuple[Gap, ...] = ()
    failed: bool = False

    @property
    def complete(self) -> bool:
        """Whether everything in its scope was read."""
        return not self.gaps and not self.failed

    def speaks_of(self, environment: str, kind: str, key: str) -> bool:
        """Whether this coverage is about the key of that kind of subject."""
        return self.environment == environment and self.kind == kind and (not self.keys or key in self.keys)


@dataclass(frozen=True, slots=True)
class AcceptedGap:
    """A gap somebody answers for until a date: the night is not blind for it, verdicts stay unknown."""

    fingerprint: str
    owner: str
    reason: str
    expires: datetime


def is_absent(coverage: Iterable[Coverage], environment: str, kind: str, key: str) -> bool:
    """Whether a key without a fact is known to be absent: somebody looked, and all who looked saw everything."""
    about = [entry for entry in coverage if entry.speaks_of(environment, kind, key)]
    return bool(about) and all(entry.complete for entry in about)
