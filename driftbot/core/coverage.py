"""Coverage: what was looked at, so that absence is asserted only where somebody completely looked."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from driftbot.core.fact import Origin

ALL_KEYS: frozenset[str] = frozenset()
"""In ``Coverage.keys``: every key that this source provides for the kind."""

LABELS = "labels."
"""How keys of labels begin; in ``Coverage.settled``: every label."""


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

    A gap may hide subjects, and what other documents say about those that were seen; it does not hide what only a
    subject's own document can say. ``settled`` names the keys for which that holds: about a subject that the source
    told of, it told everything, whatever its gaps. ``doubted`` names the subjects for which it does not (their own
    document may not have been read whole, or something unread may change it).
    """

    source: str
    environment: str
    kind: str
    keys: frozenset[str] = ALL_KEYS
    gaps: tuple[Gap, ...] = ()
    failed: bool = False
    settled: frozenset[str] = frozenset()
    doubted: frozenset[str] = frozenset()

    @property
    def complete(self) -> bool:
        """Whether everything in its scope was read: every subject, and every key of each."""
        return not self.gaps and not self.failed

    def settles(self, key: str, name: str) -> bool:
        """Whether all was read that can state the key of that subject, given that the source told of the subject."""
        return self.complete or (not self.failed and self.may_settle(key) and name not in self.doubted)

    def may_settle(self, key: str) -> bool:
        """Whether the key is a settled one, of subjects that are not in doubt."""
        return key in self.settled or (key.startswith(LABELS) and LABELS in self.settled)

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


def is_absent(
    coverage: Iterable[Coverage],
    environment: str,
    kind: str,
    key: str,
    name: str = "",
    told_by: Collection[str] = frozenset(),
) -> bool:
    """Whether a key without a fact is known to be absent: somebody looked, and all who looked saw everything.

    A source with gaps saw everything about the subject ``name`` if it told of it tonight (it is one of ``told_by``) and
    settles the key. Without a name the question is about any subject, seen or not.
    """
    about = [entry for entry in coverage if entry.speaks_of(environment, kind, key)]
    return bool(about) and all(
        entry.complete or (entry.source in told_by and entry.settles(key, name)) for entry in about
    )
