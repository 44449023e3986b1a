"""What a night could not read, kept with the night so that channels can be told of it later."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

from driftbot.core.exit_code import Blindness, Cause
from driftbot.core.harmless import harmless

NOTE = "blindness"
"""The name of the note in the store."""

MOST = 50
"""Lines that are kept; the others are counted (ours: nobody mends more in a day)."""

_CAUSES = {
    Cause.NOTHING_WATCHED: "nothing is watched",
    Cause.SOURCE_FAILED: "source",
    Cause.GAP: "not read",
    Cause.RULE_PROBLEM: "rule file",
    Cause.DECISION_PROBLEM: "decisions",
    Cause.RULE_STOPPED: "rule stopped",
}


def blindness_note(as_of: datetime, blindness: Sequence[Blindness]) -> str:
    """The note of a night: a line each, in the order of their causes, as JSON."""
    causes = list(_CAUSES)
    ranked = sorted(blindness, key=lambda one: (causes.index(one.cause), one.place, one.reason))
    lines = [harmless(f"{_CAUSES[one.cause]}: {one.place}: {one.reason}") for one in ranked]
    more = [f"… and {len(lines) - MOST:,} more"] if len(lines) > MOST else []
    return json.dumps({"as_of": as_of.isoformat(), "lines": [*dict.fromkeys(lines[:MOST]), *more]})


def blind_lines(note: str | None, night: datetime) -> tuple[str, ...]:
    """The lines of that night; none where the note is another night's, or of a driftbot that kept none."""
    told = json.loads(note) if note else {}
    return tuple(told["lines"]) if told and datetime.fromisoformat(told["as_of"]) == night else ()
