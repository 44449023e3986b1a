"""How long Slack is waited for: as long as it asks, while there is time; and what may be asked again without looking.

The handlers are slack_sdk's own. They wait by the delivery's clock here, which has a deadline, and repeat only what
does the same twice as once: a message that is posted twice is there twice.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from http.client import HTTPException
from urllib.error import URLError
from urllib.parse import urlsplit

from slack_sdk.http_retry import (
    ConnectionErrorRetryHandler,
    HttpRequest,
    HttpResponse,
    RateLimitErrorRetryHandler,
    RetryHandler,
    RetryState,
)
from slack_sdk.http_retry.builtin_handlers import ServerErrorRetryHandler

REPEATABLE = frozenset(
    {
        "auth.test",
        "chat.delete",
        "chat.update",
        "conversations.history",
        "conversations.list",
        "conversations.replies",
        "files.getUploadURLExternal",
    }
)
"""Methods that may be called again when nobody knows whether they were done."""

PAUSES = (1.0, 2.0, 4.0)
"""Seconds between attempts when Slack gave no answer; also how long a lost message has to turn up (ours)."""
_MOST_WAITS = 100
_UNNAMED = 1.0
"""Seconds to wait at least, and where a limit comes without ``Retry-After``."""


@dataclass(frozen=True, slots=True)
class Patience:
    """The time that there is."""

    clock: Callable[[], datetime]
    sleep: Callable[[float], None]
    deadline: datetime

    @property
    def ended(self) -> bool:
        """Whether the deadline is over."""
        return self.clock() >= self.deadline

    def allows(self, seconds: float) -> bool:
        """Whether it is over after so many seconds more."""
        return seconds < (self.deadline - self.clock()).total_seconds()


def handlers(patience: Patience) -> list[RetryHandler]:
    """What slack_sdk is given to ask again."""
    return [_RateLimits(patience), _Connections(patience), _ServerErrors(patience)]


class _RateLimits(RateLimitErrorRetryHandler):
    """Waits as long as Slack asks; a limit refuses, so anything may be asked again."""

    def __init__(self, patience: Patience) -> None:
        super().__init__(max_retry_count=_MOST_WAITS)
        self.patience = patience

    def _can_retry(
        self,
        *,
        state: RetryState,
        request: HttpRequest,
        response: HttpResponse | None = None,
        error: Exception | None = None,
    ) -> bool:
        limited = super()._can_retry(state=state, request=request, response=response, error=error)
        return limited and self.patience.allows(_asked_for(response))

    def prepare_for_next_attempt(
        self,
        *,
        state: RetryState,
        request: HttpRequest,
        response: HttpResponse | None = None,
        error: Exception | None = None,
    ) -> None:
        """Wait."""
        del request, error
        _again(state, self.patience, _asked_for(response))


class _Pausing(RetryHandler):
    """Waits a little longer before each further attempt."""

    patience: Patience

    def prepare_for_next_attempt(
        self,
        *,
        state: RetryState,
        request: HttpRequest,
        response: HttpResponse | None = None,
        error: Exception | None = None,
    ) -> None:
        """Wait."""
        del request, response, error
        _again(state, self.patience, _pause(state))


class _Connections(_Pausing, ConnectionErrorRetryHandler):
    """Asks again after a lost connection, a timeout or an answer that is cut off."""

    def __init__(self, patience: Patience) -> None:
        lost: list[type[Exception]] = [URLError, OSError, HTTPException, ValueError]
        super().__init__(max_retry_count=len(PAUSES), error_types=lost)
        self.patience = patience

    def _can_retry(
        self,
        *,
        state: RetryState,
        request: HttpRequest,
        response: HttpResponse | None = None,
        error: Exception | None = None,
    ) -> bool:
        lost = super()._can_retry(state=state, request=request, response=response, error=error)
        return lost and _repeatable(request) and self.patience.allows(_pause(state))


class _ServerErrors(_Pausing, ServerErrorRetryHandler):
    """Asks again after a 5xx, and after an answer that is no JSON at all."""

    def __init__(self, patience: Patience) -> None:
        super().__init__(max_retry_count=len(PAUSES))
        self.patience = patience

    def _can_retry(
        self,
        *,
        state: RetryState,
        request: HttpRequest,
        response: HttpResponse | None = None,
        error: Exception | None = None,
    ) -> bool:
        del error
        failed = response is not None and (response.status_code >= 500 or _no_json(response))
        return failed and _repeatable(request) and self.patience.allows(_pause(state))


def _again(state: RetryState, patience: Patience, seconds: float) -> None:
    patience.sleep(seconds)
    state.next_attempt_requested = True
    state.increment_current_attempt()


def _repeatable(request: HttpRequest) -> bool:
    return urlsplit(request.url).path.rsplit("/", 1)[-1] in REPEATABLE


def _pause(state: RetryState) -> float:
    return PAUSES[min(state.current_attempt, len(PAUSES) - 1)]


def _no_json(response: HttpResponse) -> bool:
    return response.status_code == 200 and not (response.data or b"").lstrip().startswith(b"{")


def _asked_for(response: HttpResponse | None) -> float:
    headers = response.headers if response is not None else {}
    told = next((value for name, value in headers.items() if name.lower() == "retry-after"), None)
    first = told[0] if isinstance(told, list) and told else told
    try:
        return max(_UNNAMED, float(str(first)))
    except ValueError:
        return _UNNAMED
