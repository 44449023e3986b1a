"""The audit of a chat: everything that was asked for, and a bound on what strangers can have written down."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Lock

from driftbot.chat.asked import Asked
from driftbot.chat.outcome import Outcome
from driftbot.chat.person import Person
from driftbot.chat.wish import about, verb_of
from driftbot.core.chat_decision import ChatDecision, ChatVerb
from driftbot.core.harmless import harmless

LONGEST = 2000
"""Characters of what the audit tells (ours)."""
MOST_STRANGE, WITHIN = 60, timedelta(hours=1)
"""So many requests that nobody can be made to answer for are written down in that time; the others are counted (ours):
whoever reaches the address could otherwise fill the disk.
"""


def decision(asked: Asked, person: Person, outcome: Outcome, at: datetime) -> ChatDecision:
    """What was asked for and what came of it."""
    return ChatDecision(
        at=at,
        verb=verb_of(asked.wish),
        by=person.told,
        about=about(asked.wish),
        accepted=outcome.accepted,
        told=harmless(outcome.told, LONGEST),
        request=asked.request,
    )


def strange(told: str, by: str, at: datetime, verb: ChatVerb = ChatVerb.UNREADABLE, about: str = "") -> ChatDecision:
    """A request that was refused without looking what it is about."""
    return ChatDecision(at, verb, by, about, accepted=False, told=harmless(told, LONGEST))


class Strangers:
    """Requests that nobody can be made to answer for: unsigned, unreadable, replayed, of another workspace.

    Safe to be asked from several threads.
    """

    def __init__(self) -> None:
        self._written: deque[datetime] = deque()
        self._left_out = 0
        self._lock = Lock()

    def admitted(self, entry: ChatDecision) -> ChatDecision | None:
        """The entry as it is to be written; None where there were too many lately. The next one counts those."""
        with self._lock:
            while self._written and entry.at - self._written[0] >= WITHIN:
                self._written.popleft()
            if len(self._written) >= MOST_STRANGE:
                self._left_out += 1
                return None
            self._written.append(entry.at)
            more, self._left_out = self._left_out, 0
        told = f"{entry.told} (and {more:,} more requests before it that were not written down)" if more else entry.told
        return replace(entry, told=told)
