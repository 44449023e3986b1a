"""Notices that wait for somebody to read them, in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from driftbot.core.outbox_notice import OutboxNotice
from driftbot.report.harmless import harmless
from driftbot.report.wording import plural

SHOWN = 20
"""Notices that are told in full; older ones are counted."""

_LINES = 40
_LONGEST = 1000


def notice_lines(notices: Sequence[OutboxNotice], shown: int = SHOWN) -> Iterator[str]:
    """The notices, the newest first, each with its words; nothing in them marks up or escapes."""
    newest = sorted(notices, key=lambda one: (one.at, one.fingerprint, one.kind), reverse=True)
    for one in newest[:shown]:
        yield f"{harmless(one.kind, 80)}  {one.at:%Y-%m-%d %H:%M} UTC  {harmless(one.title, 300)}"
        body = one.body.splitlines()
        yield from (f"  {harmless(line, _LONGEST)}" for line in body[:_LINES])
        if len(body) > _LINES:
            yield f"  … and {len(body) - _LINES:,} more lines"
    if len(newest) > shown:
        yield f"… and {plural(len(newest) - shown, 'older notice')}"


def waiting(count: int) -> str:
    """How many notices wait, for a summary; nothing where none does."""
    return f"{plural(count, 'notice')} for people: `driftbot runs notices` shows them" if count else ""
