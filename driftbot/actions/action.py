"""What an action is: how a step is proposed, performed, read back and undone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from pydantic import BaseModel

from driftbot.actions.options import ActionOptions
from driftbot.actions.outbox import Outbox
from driftbot.collectors.collector import Options
from driftbot.core.fact import Fact
from driftbot.core.finding import Finding
from driftbot.core.remedy import Covered, Step
from driftbot.core.rule import Rule


class Standing(StrEnum):
    """How reality stands to a step.

    ``BEFORE``: as it was when the step was proposed, it can be performed. ``AFTER``: the effect is there. ``PENDING``:
    it was performed and waits for the world (a merge, a time). ``DECLINED``: a person said no (closed the request).
    ``OTHER``: neither, somebody changed it. ``UNREADABLE``: it cannot be told. ``BLIND``: nothing ever reads this step
    back (a request or command without a check). It may be begun once; whether it was performed, or undone, cannot be
    told: after a crash it is uncertain.
    """

    BEFORE = "before"
    AFTER = "after"
    PENDING = "pending"
    DECLINED = "declined"
    OTHER = "other"
    UNREADABLE = "unreadable"
    BLIND = "blind"


@dataclass(frozen=True, slots=True)
class Sight:
    """Reality re-read: how it stands to a step, in a sentence, and when to look again (pending steps).

    ``body`` is what performing would have given, where reality tells it: after a crash it stands in for the effect.
    """

    standing: Standing
    told: str
    again: datetime | None = None
    body: str = ""


@dataclass(frozen=True, slots=True)
class Effect:
    """What performing or undoing gave: ``body`` is the action's own JSON that undo and reading back need.

    ``pending`` waits for the world: a merge, a time. Undoing that waits is asked for again, with this ``body`` as the
    effect, until it does not wait any more.
    """

    told: str
    body: str = "{}"
    pending: bool = False
    again: datetime | None = None


class ActionFailed(Exception):
    """A step was not performed; ``uncertain`` where it cannot be told whether it was.

    ``reason`` is a sentence with place and value, ``next_step`` what a person can do.
    """

    def __init__(self, reason: str, next_step: str = "", *, uncertain: bool = False) -> None:
        super().__init__(reason)
        self.reason, self.next_step, self.uncertain = reason, next_step, uncertain


@dataclass(frozen=True, slots=True)
class Occasion:
    """A finding that something can be done about, with all that is known about its subject.

    ``parameters`` are the playbook's, resolved to texts as they are written into settings. ``before`` are the steps
    that were proposed already, in order: a request names the branch of the change before it. ``risk`` is what the
    playbook says could go wrong.
    """

    finding: Finding
    rule: Rule
    covered: Covered
    playbook: str
    facts: tuple[Fact, ...]
    parameters: Mapping[str, str]
    now: datetime
    before: tuple[Step, ...] = ()
    risk: str = ""


def _no_boundary(_name: str) -> None:
    """Nothing happens at a boundary; the crash campaign ends the process there instead."""


@dataclass(frozen=True, slots=True)
class Tools:
    """What actions work with: the folder that paths are relative to, options, clock, and where notices go.

    ``boundary`` is called with a name between any two effects. ``stopped`` says why to stop now, or nothing.
    ``sources`` are the options of the configured sources by name: servers are reached as the scan reaches them.
    ``outbox`` takes notices for people; None where nobody would deliver them.
    """

    root: Path
    options: ActionOptions
    clock: Callable[[], datetime]
    boundary: Callable[[str], None] = _no_boundary
    stopped: Callable[[], str] = field(default=lambda: "")
    sources: Mapping[str, Options] = field(default_factory=dict)
    outbox: Outbox | None = None
    cache: dict[str, Any] = field(default_factory=dict)
    """Whatever an action reads once for many steps (a file, a clone, a forge's answer), under its own name."""


@runtime_checkable
class Action(Protocol):
    """One kind of step. A module of this package offers one as ``action``; so does a plugin's entry point.

    ``settings`` is the model of a step's settings in a playbook (``{parameter}`` is filled in before it is validated).
    ``irreversible`` says why it cannot be undone (then it is never ``auto``), empty where it can.
    """

    name: str
    settings: type[BaseModel]
    irreversible: str

    def look(self, settings: Any, occasion: Occasion, tools: Tools) -> Any:
        """Read what proposing needs; changes nothing.

        Raises:
            Refused: it cannot be read.
        """
        ...

    def propose(self, settings: Any, occasion: Occasion, seen: Any) -> Step:
        """The step, from what was seen. Pure.

        Raises:
            Refused: there is no such step, with the reason.
        """
        ...

    def sight(self, step: Step, effect: str, tools: Tools) -> Sight:
        """Reality held against the step; ``effect`` is what performing gave, empty where that is unknown."""
        ...

    def perform(self, step: Step, key: str, tools: Tools) -> Effect:
        """Do it, once for one key.

        Raises:
            ActionFailed: it was not done, or nobody can tell.
        """
        ...

    def undo(self, step: Step, effect: str, key: str, tools: Tools) -> Effect:
        """Put back what was before, only where the after-value is still there.

        Raises:
            ActionFailed: it is not exactly possible.
        """
        ...


@runtime_checkable
class Combining(Protocol):
    """An action whose steps about several findings can be one: one commit, one request, one notice.

    A playbook with ``together: repository`` proposes each finding alone, so that one which is refused does not hold
    the others back, and then combines the steps. Of an action that does not combine, each step stays its own.
    """

    def combine(self, steps: Sequence[Step], occasions: Sequence[Occasion]) -> Step:
        """The step that does what all of these do, one of each occasion, in the same order. Pure.

        Raises:
            Refused: they cannot be one.
        """
        ...


@runtime_checkable
class UndoneLast(Protocol):
    """An action whose undoing only helps once the steps before it are undone: what they changed is loaded again.

    Steps are undone in reverse order, then those of such actions in their own order; also the one whose performing
    failed, because what it loaded may have to go. Its ``undo`` takes an empty effect, and repeating it does no harm.
    """

    undone_last: bool


@runtime_checkable
class Asking(Protocol):
    """An action that only asks people for a change: a branch, a request. Nothing changes before they agree.

    Where the drift is gone by itself its step is undone instead of waiting for ever.
    """

    asks: bool


@runtime_checkable
class Telling(Protocol):
    """An action that only tells people: an issue, a notice. That the drift goes on is no failure of it.

    Its step stands as long as the drift does, and is undone once that is gone.
    """

    tells: bool


@runtime_checkable
class Elsewhere(Protocol):
    """An action whose effect is had elsewhere first, and comes to the place that scans read by other hands."""

    def not_here(self, step: Step, tools: Tools) -> str:
        """What the place that scans read lacks of it, with what to do; empty where it has all of it."""
        ...


@runtime_checkable
class Late(Protocol):
    """An action whose effect others make in their own time: it may still come when nobody hears of it any more.

    Where its end was not heard, reality is looked at again for some seconds before it counts as unchanged.
    """

    late: bool
