"""Faults on purpose: what goes wrong with the next calls of a method."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from enum import StrEnum

ANY = "*"
"""In place of a method's name: whichever is called next."""
UPLOAD = "upload"
"""The method's name of the upload of a file's bytes, which is no method of the Web API."""


class FaultKind(StrEnum):
    """What goes wrong; those named ``AFTER`` let the call have its effect first."""

    RATE_LIMITED = "rate_limited"
    SERVER_ERROR = "server_error"
    SERVER_ERROR_AFTER = "server_error_after"
    TIMEOUT = "timeout"
    TIMEOUT_AFTER = "timeout_after"
    DISCONNECT = "disconnect"
    DISCONNECT_AFTER = "disconnect_after"
    MALFORMED = "malformed"
    MALFORMED_AFTER = "malformed_after"
    ERROR = "error"

    @property
    def after_effect(self) -> bool:
        """Whether the call takes effect although its caller cannot know."""
        return self.value.endswith("_after")


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: of an ``ERROR`` the code, of a rate limit the seconds that it asks to wait."""

    kind: FaultKind
    error: str = ""
    retry_after: int = 1


@dataclass(slots=True)
class Faults:
    """The faults that wait for their calls, in order."""

    waiting: dict[str, list[Fault]] = field(default_factory=lambda: defaultdict(list))

    def add(self, method: str, fault: Fault, times: int) -> None:
        """Let the next so many calls of the method go wrong."""
        self.waiting[method] += [fault] * times

    def take(self, method: str) -> Fault | None:
        """The fault of a call that is made now, if there is one."""
        for name in (method, ANY):
            if self.waiting[name]:
                return self.waiting[name].pop(0)
        return None


def fault_of(kind: str, retry_after: int) -> Fault:
    """A fault by its kind's name; any other name is an error code of Slack's (``is_archived``)."""
    if kind in set(FaultKind) - {FaultKind.ERROR}:
        return Fault(FaultKind(kind), retry_after=retry_after)
    return Fault(FaultKind.ERROR, kind)
