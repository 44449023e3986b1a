"""Steps: the changes in meaning by which an alert became what it is, each with its date, commit and author."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC
from itertools import pairwise

from driftbot.alerts.change import Change
from driftbot.alerts.comparison import changes
from driftbot.alerts.definition import AlertDefinition, definition
from driftbot.core.past import Past, Revision, Version
from driftbot.promql.expression import NotPromQL


@dataclass(frozen=True, slots=True)
class Step:
    """One revision that changed what the alert means: from ``before`` to ``after`` by ``changes`` (at least one)."""

    revision: Revision
    before: AlertDefinition
    after: AlertDefinition
    changes: tuple[Change, ...]

    def told(self, change: Change) -> str:
        """One of its changes in words: when, what, by which commit and whom."""
        return told(self.revision, change)


def told(revision: Revision, change: Change) -> str:
    """``2026-03-11 10:02 threshold 5 → 10 (3f9c2a1b4d Ada: Less noise)``, in UTC; of a night the time it saw it."""
    commit = revision.commit
    if commit is not None and not commit.id:
        return f"not committed yet: {change}"
    when = "before" if revision.at is None else f"{revision.at.astimezone(UTC):%Y-%m-%d %H:%M}"
    return f"{when} {change} ({commit})" if commit else f"{when} {change} (seen that night)"


def steps(past: Past) -> tuple[Step, ...]:
    """Every step, the oldest first; revisions that only write the same otherwise are none.

    A version that this driftbot's parser does not know is passed over.
    """
    known = [(revision, read) for revision in past.revisions if (read := _definition(past, revision.version))]
    return tuple(_steps(known))


def _steps(known: list[tuple[Revision, AlertDefinition]]) -> Iterable[Step]:
    for (_, before), (revision, after) in pairwise(known):
        if found := changes(before, after):
            yield Step(revision, before, after, found)


def _definition(past: Past, version: Version) -> AlertDefinition | None:
    try:
        return definition(
            past.subject.name, version.expression, version.hold, version.keep_firing, version.severity, version.routing
        )
    except NotPromQL:
        return None
