"""Errands: what the process that stays awake has done by children, each a command of driftbot's own command line."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Lane(StrEnum):
    """What goes on at the same time: in each lane one errand after another. Leases of the store keep the rest apart."""

    ESTATE = "estate"
    CHANNELS = "channels"


class ErrandKind(StrEnum):
    """What is done, the more urgent first."""

    NIGHT = "night"
    APPLY = "apply"
    GO_ON = "go_on"
    DELIVER = "deliver"

    @property
    def lane(self) -> Lane:
        """The lane in which it is done."""
        return Lane.CHANNELS if self is ErrandKind.DELIVER else Lane.ESTATE


@dataclass(frozen=True, slots=True)
class Errand:
    """One thing to do and why.

    ``planned`` is the night that the schedule names, None for one on demand; ``remedy`` and ``by`` are what somebody
    approved in a chat, and who.
    """

    kind: ErrandKind
    why: str
    planned: datetime | None = None
    remedy: str = ""
    by: str = ""

    @property
    def arguments(self) -> tuple[str, ...]:
        """The command and its own arguments, without configuration and store."""
        match self.kind:
            case ErrandKind.NIGHT:
                return ("run",)
            case ErrandKind.APPLY:
                return ("apply", self.remedy, f"--by={self.by}")
            case ErrandKind.GO_ON:
                return ("apply", "--continue")
            case ErrandKind.DELIVER:
                return ("deliver",)


@dataclass(frozen=True, slots=True)
class Due:
    """An errand and when it is to begin."""

    errand: Errand
    at: datetime
