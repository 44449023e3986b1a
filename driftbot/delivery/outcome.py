"""What delivering to a channel came to, and how the channel fares since. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from driftbot.core.harmless import harmless
from driftbot.core.message import ChannelHealth
from driftbot.notifiers.notifier import Delivered
from driftbot.report.wording import plural

_PROBLEMS = 5
"""Problems of single messages that are told; the others are counted (ours: a line that people read)."""


@dataclass(frozen=True, slots=True)
class ChannelOutcome:
    """One channel: what was ``delivered`` (None: it could not be told), or why not and what to do about it.

    ``held_until`` is the end of the quiet hours that held announcements back, ``unrouted`` what no channel at all is
    told of.
    """

    channel: str
    kind: str
    delivered: Delivered | None = None
    failure: str = ""
    next_step: str = ""
    held_until: datetime | None = None
    unrouted: tuple[str, ...] = ()

    @property
    def failed(self) -> bool:
        """Whether the channel could not be told."""
        return self.delivered is None

    @property
    def changed(self) -> bool:
        """Whether anything was sent or edited."""
        return self.delivered is not None and bool(self.delivered.posted or self.delivered.edited)

    @property
    def told(self) -> str:
        """What came of it, in a sentence."""
        if self.delivered is None:
            return f"{self.channel} ({self.kind}) could not be told: {harmless(self.failure, 1000)}"
        done = self.delivered
        parts = [f"{done.posted:,} sent", f"{done.edited:,} edited", f"{done.unchanged:,} as they should be"]
        if done.left:
            until = f" (quiet until {self.held_until:%Y-%m-%d %H:%M} UTC)" if self.held_until else ""
            parts.append(f"{done.left:,} wait{until}")
        parts += [harmless(problem) for problem in done.problems[:_PROBLEMS]]
        if len(done.problems) > _PROBLEMS:
            parts.append(f"and {plural(len(done.problems) - _PROBLEMS, 'more problem')}")
        return f"{self.channel} ({self.kind}): " + ", ".join(parts)


def health_after(before: ChannelHealth | None, outcome: ChannelOutcome, at: datetime) -> ChannelHealth:
    """How the channel fares after this."""
    known = before or ChannelHealth(outcome.channel, at)
    done = outcome.delivered
    if done is None:
        since = known.failing_since or at
        return replace(known, tried=at, failing_since=since, failure=outcome.failure, failed=known.failed + 1)
    return replace(
        known,
        tried=at,
        delivered=at,
        failing_since=None,
        failure="",
        posted=known.posted + done.posted,
        edited=known.edited + done.edited,
    )


def delivery_told(outcomes: Sequence[ChannelOutcome]) -> str:
    """What delivering came to, in a sentence."""
    good = sum(not outcome.failed for outcome in outcomes)
    return f"{good:,} of {plural(len(outcomes), 'channel')} told"


def delivery_lines(outcomes: Sequence[ChannelOutcome]) -> Iterator[str]:
    """A line a channel, with what to do about one that fails, and what nobody is told of."""
    for outcome in outcomes:
        yield f"{outcome.told}; {harmless(outcome.next_step)}" if outcome.next_step else outcome.told
    unrouted = next((outcome.unrouted for outcome in outcomes if outcome.unrouted), ())
    if unrouted:
        told = harmless("; ".join(unrouted), 1000)
        yield f"no channel is told of findings of these rules, because no route takes them: {told}"
