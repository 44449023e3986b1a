"""What a forge refused or could not do, in a sentence and with what to do next."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from enum import StrEnum

from driftbot.core.failure import Failure
from driftbot.core.harmless import harmless

SECONDARY_PAUSE = 60.0
"""Seconds to wait after a secondary limit that names no time (GitHub's documentation: at least one minute)."""

_NUMBER = re.compile(r"[0-9]{1,12}")
_LIMITED = re.compile(r"rate limit|abuse detection|retry your request again later|too many requests", re.IGNORECASE)


class FailureKind(StrEnum):
    """What went wrong, as far as somebody acts differently on it."""

    NO_TOKEN = "no token"
    UNAUTHENTICATED = "unauthenticated"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not found"
    GONE = "gone"
    CONFLICT = "conflict"
    REFUSED = "refused"
    RATE_LIMITED = "rate limited"
    UNREACHABLE = "unreachable"
    DISTRUSTED = "distrusted"
    UNAVAILABLE = "unavailable"
    NO_ANSWER = "no answer"
    UNREADABLE = "unreadable"
    REDIRECTED = "redirected"


class ForgeFailure(Failure):
    """The forge did not do it; where ``uncertain``, nobody can tell whether it did.

    ``pause`` is how long the forge asks to wait, in seconds, None where it does not say. ``status`` is HTTP's, 0 where
    no answer came.
    """

    def __init__(
        self,
        kind: FailureKind,
        sentence: str,
        next_step: str,
        *,
        uncertain: bool = False,
        pause: float | None = None,
        status: int = 0,
    ) -> None:
        super().__init__(sentence, next_step)
        self.kind, self.uncertain, self.pause, self.status = kind, uncertain, pause, status

    @property
    def sentence(self) -> str:
        """What happened, with place and value."""
        return self.message


@dataclass(frozen=True, slots=True)
class Errand:
    """What was being asked, for the sentence: "opening a pull request from x", of which repository on which forge.

    ``changes`` says that the forge may have done it although no good answer came.
    """

    doing: str
    forge: str
    repository: str
    token_place: str
    changes: bool = False


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer of 400 and above: status, headers by small letters, and what the forge said, its fields included."""

    status: int
    said: str
    headers: Mapping[str, str] = field(default_factory=dict)


def refused(errand: Errand, refusal: Refusal) -> ForgeFailure:
    """The failure that an answer of 400 and above is."""
    kind = _kind(refusal)
    said = f": {harmless(refusal.said)}" if refusal.said else ""
    return ForgeFailure(
        kind,
        f"{errand.forge} answered {refusal.status} to {errand.doing} ({errand.repository}){said}",
        _next_step(kind, errand, refusal),
        uncertain=errand.changes and kind is FailureKind.UNAVAILABLE,
        pause=_pause(refusal) if kind in (FailureKind.RATE_LIMITED, FailureKind.UNAVAILABLE) else None,
        status=refusal.status,
    )


def unanswered(errand: Errand, cause: str, *, sent: bool) -> ForgeFailure:
    """The failure that no answer is; ``sent`` where the request may have reached the forge."""
    kind = FailureKind.NO_ANSWER if sent else FailureKind.UNREACHABLE
    came = "gave no answer" if sent else "cannot be reached"
    return ForgeFailure(
        kind,
        f"{errand.forge} {came} while {errand.doing} ({errand.repository}): {harmless(cause)}",
        "check the forge's status and the network, then try again; what was done already is found first",
        uncertain=errand.changes and sent,
    )


def distrusted(errand: Errand, cause: str) -> ForgeFailure:
    """The failure that a certificate is which cannot be checked; nothing was sent."""
    who = f"{errand.forge} ({errand.repository})"
    return ForgeFailure(
        FailureKind.DISTRUSTED,
        f"the certificate of {who} cannot be trusted while {errand.doing}: {harmless(cause)}",
        "name the certificate of your own authority in `ca`, and check the address",
    )


def unreadable(errand: Errand, cause: str) -> ForgeFailure:
    """The failure that an answer is which nobody can understand."""
    return ForgeFailure(
        FailureKind.UNREADABLE,
        f"{errand.forge} gave an answer to {errand.doing} ({errand.repository}) that cannot be read: {harmless(cause)}",
        "check the address of the forge, and whether a login page or a proxy answers in its place",
        uncertain=errand.changes,
    )


def redirected(errand: Errand, cause: str) -> ForgeFailure:
    """The failure that a redirect elsewhere is: it is not followed, because the token would go with it."""
    return ForgeFailure(
        FailureKind.REDIRECTED,
        f"{errand.forge} sent {errand.doing} ({errand.repository}) elsewhere: {harmless(cause)}",
        "write the address that it was sent to into the configuration, if it is the right one",
    )


def _kind(refusal: Refusal) -> FailureKind:
    exhausted = refusal.headers.get("x-ratelimit-remaining") == "0" or "retry-after" in refusal.headers
    limited = refusal.status == 403 and (exhausted or _LIMITED.search(refusal.said))
    if refusal.status == 429 or limited:
        return FailureKind.RATE_LIMITED
    if refusal.status >= 500:
        return FailureKind.UNAVAILABLE
    return _KINDS.get(refusal.status, FailureKind.REFUSED)


_KINDS = {
    401: FailureKind.UNAUTHENTICATED,
    403: FailureKind.FORBIDDEN,
    404: FailureKind.NOT_FOUND,
    409: FailureKind.CONFLICT,
    410: FailureKind.GONE,
}


def _pause(refusal: Refusal) -> float | None:
    """Seconds that the headers ask to wait. Reset times are held against the server's own clock."""
    headers = refusal.headers
    now = _moment(headers.get("date", ""))
    after = headers.get("retry-after", "").strip()
    if _NUMBER.fullmatch(after):
        return float(after)
    if (then := _moment(after)) is not None and now is not None:
        return max(0.0, then - now)
    reset = headers.get("x-ratelimit-reset") or headers.get("ratelimit-reset") or ""
    if _NUMBER.fullmatch(reset) and now is not None and refusal.status < 500:
        return max(1.0, float(reset) - now + 1.0)
    return SECONDARY_PAUSE if refusal.status in (403, 429) else None


def _moment(date: str) -> float | None:
    try:
        return parsedate_to_datetime(date).timestamp()
    except (TypeError, ValueError, OverflowError):
        return None


def _next_step(kind: FailureKind, errand: Errand, refusal: Refusal) -> str:
    token = f"the token of {errand.token_place}"
    return {
        FailureKind.UNAUTHENTICATED: f"{token} is expired, revoked or of another server: put a new one there",
        FailureKind.FORBIDDEN: f"give {token} the permission{_permissions(refusal.headers)}",
        FailureKind.NOT_FOUND: f"check the name {errand.repository}: it is gone, or private to {token}; "
        "the forge answers the same to both",
        FailureKind.GONE: "it was deleted, or the repository has this feature switched off",
        FailureKind.CONFLICT: "look at what stands there already, and try again",
        FailureKind.REFUSED: "mend what the forge names, and try again",
        FailureKind.RATE_LIMITED: "wait until the forge takes requests again; the next run goes on from here",
        FailureKind.UNAVAILABLE: "check the forge's status, then try again; what was done already is found first",
    }[kind]


def _permissions(headers: Mapping[str, str]) -> str:
    """What the forge says is needed and what the token has (GitHub's headers for both kinds of token)."""
    needed = headers.get("x-accepted-github-permissions") or headers.get("x-accepted-oauth-scopes") or ""
    had = headers.get("x-oauth-scopes")
    told = f" ({harmless(needed)})" if needed else " that this needs"
    return f"{told}; it has {harmless(had) or 'none'}" if had is not None else told
