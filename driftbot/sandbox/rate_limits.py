"""Slack's rate limits (https://docs.slack.dev/apis/web-api/rate-limits), where somebody wants to feel them."""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import ceil

from driftbot.sandbox.methods.method import Method

POST = "chat.postMessage"
_MINUTE, _SECOND = timedelta(minutes=1), timedelta(seconds=1)


@dataclass(slots=True)
class RateLimits:
    """Calls a minute by method, and one message a second by channel; kept only while ``enforced``."""

    enforced: bool = False
    _calls: dict[str, deque[datetime]] = field(default_factory=lambda: defaultdict(deque))
    _posted: dict[str, datetime] = field(default_factory=dict)

    def wait(self, method: Method, channel: str, now: datetime) -> int:
        """Seconds that the caller has to wait; 0: the call counts and may go on."""
        if not self.enforced:
            return 0
        calls = self._calls[method.name]
        while calls and now - calls[0] >= _MINUTE:
            calls.popleft()
        if len(calls) >= method.per_minute:
            return _seconds(_MINUTE - (now - calls[0]))
        if method.name == POST:
            if (last := self._posted.get(channel)) is not None and now - last < _SECOND:
                return _seconds(_SECOND - (now - last))
            self._posted[channel] = now
        calls.append(now)
        return 0


def _seconds(span: timedelta) -> int:
    return max(1, ceil(span.total_seconds()))
