"""Steps: the changes in meaning by which an alert became what it is, each with its date, commit and author."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC
from itertools import pairwise

from driftbot.alerts.change import Change
from driftbot.alerts.comparison import changes
from driftbot.alerts.definition import AlertDefinition, of_version
from driftbot.core.past import Past, Revision, Version
from driftbot.promql.expression import NotPromQL


@dataclass(frozen=True, slots=True)
class Step:
    """One revision that changed what the alert means: from ``before`` to ``after`` by ``changes`` (at least one)."""

    revision: Revision
    before: AlertDefinition
    after: AlertDefinition
    changes: tuple[Change, ...]

    def told(self, only: Iterable[Change] | None = None) -> str:
        """``2026-03-11 10:02 threshold 5 → 10, for 5m → 15m (3f9c2a1b4d Ada: Less noise)``, in UTC.

        ``only`` are those of its changes that matter. Of a night the time is given that first saw it so.
        """
        what = ", ".join(map(str, self.changes if only is None else only))
        at, commit = self.revision.at, self.revision.commit
        if at is None or (commit is not None and not commit.id):
            return f"not committed yet: {what}"
        return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} {what} ({commit or 'seen that night'})"


def steps(past: Past) -> tuple[Step, ...]:
    """Every step, the oldest first; revisions that only write the same otherwise are none.

    A version that this driftbot's parser does not know is passed over.
    """
    if len(past.revisions) < 2:
        return ()
    known = [(revision, read) for revision in past.revisions if (read := _definition(past, revision.version))]
    return tuple(_steps(known))


def _steps(known: list[tuple[Revision, AlertDefinition]]) -> Iterable[Step]:
    for (_, before), (revision, after) in pairwise(known):
        if found := changes(before, after):
            yield Step(revision, before, after, found)


def _definition(past: Past, version: Version) -> AlertDefinition | None:
    try:
        return of_version(past.subject.name, version)
    except NotPromQL:
        return None
