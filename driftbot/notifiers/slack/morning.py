"""A digest's findings by what they ask of people."""

from __future__ import annotations

from dataclasses import dataclass

from driftbot.core.digest import Digest, Entry, Standing
from driftbot.core.run import RunState
from driftbot.notifiers.slack.words import is_offered

Entries = tuple[Entry, ...]
_SETTLED = frozenset({Standing.FIXED, Standing.WAIVED, Standing.SNOOZED})


@dataclass(frozen=True, slots=True)
class Morning:
    """Findings by where they stand, and across that: ``waiting`` have a fix that can be approved, ``uncertain`` a run
    that a person has to settle, ``under_way`` one that goes on by itself, ``escalated`` an owner who is asked.
    """

    new: Entries
    worse: Entries
    changed: Entries
    standing: Entries
    unread: Entries
    snoozed: Entries
    waived: Entries
    fixed: Entries
    waiting: Entries
    uncertain: Entries
    under_way: Entries
    escalated: Entries

    @property
    def news(self) -> Entries:
        """What somebody has to look at."""
        return self.new + self.worse


def morning(digest: Digest) -> Morning:
    """The groups, each in the digest's order."""
    by_standing: dict[Standing, list[Entry]] = {standing: [] for standing in Standing}
    for entry in digest.entries:
        by_standing[entry.standing].append(entry)
    pending = [entry for entry in digest.entries if entry.standing not in _SETTLED]
    running = [(entry, entry.run.state) for entry in digest.entries if entry.run is not None]
    return Morning(
        **{standing.value: tuple(found) for standing, found in by_standing.items()},
        waiting=tuple(filter(is_offered, pending)),
        uncertain=tuple(entry for entry, state in running if state is RunState.UNCERTAIN),
        under_way=tuple(entry for entry, state in running if state is not RunState.UNCERTAIN and not state.ended),
        escalated=tuple(entry for entry in pending if entry.escalated is not None),
    )
