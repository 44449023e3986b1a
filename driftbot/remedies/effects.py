"""Effects: looking, performing and undoing through an action, with whatever it raises turned into a word on reality."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import sleep

from driftbot.actions.action import Action, ActionFailed, Effect, Elsewhere, Late, Sight, Standing, Tools, UndoneLast
from driftbot.core.failure import Failure
from driftbot.core.remedy import Step

PAUSES = (0.5, 1.0, 2.0, 4.0)
"""Seconds before each further look for an effect that others may still be at (ours: a remote's hooks take seconds)."""

NOTHING_YET = frozenset({Standing.BEFORE})
"""What reality says as long as nothing of performing shows."""

STILL_THERE = frozenset({Standing.AFTER, Standing.PENDING})
"""What reality says as long as nothing of undoing shows."""


@dataclass(frozen=True, slots=True)
class Failed:
    """An effect that was not had, or about which nobody can tell."""

    reason: str
    uncertain: bool


@dataclass(frozen=True, slots=True)
class Effects:
    """The actions by name, and what they work with.

    Effects have the boundaries ``effect.perform.before``, ``effect.perform.after`` and the same with ``undo``.
    """

    actions: Mapping[str, Action]
    tools: Tools

    def sight(self, step: Step, effect: str) -> Sight:
        """Reality held against a step; what cannot be looked at is unreadable."""
        action = self.actions.get(step.action)
        if action is None:
            return Sight(Standing.UNREADABLE, _missing(step))
        self.tools.cache.clear()  # whatever an action read before, somebody may have changed since
        try:
            return action.sight(step, effect, self.tools)
        except Exception as error:  # an action may be foreign code: whatever it raises, reality was not read
            return Sight(Standing.UNREADABLE, _told(error))

    def not_here(self, step: Step) -> str:
        """What the place that scans read lacks of a step that was done elsewhere; empty where it lacks nothing."""
        action = self.actions.get(step.action)
        if not isinstance(action, Elsewhere):
            return ""
        self.tools.cache.clear()
        try:
            return action.not_here(step, self.tools)
        except Exception as error:  # as for looking
            return _told(error)

    def settled(self, step: Step, effect: str, unchanged: frozenset[Standing]) -> Sight:
        """Reality after an effect whose end nobody heard; where others may still be at it, ``unchanged`` is looked at
        again for some seconds before it is believed.
        """
        sight = self.sight(step, effect)
        action = self.actions.get(step.action)
        pauses: tuple[float, ...] = PAUSES if isinstance(action, Late) and action.late else ()
        for pause in pauses:
            if sight.standing not in unchanged:
                break
            sleep(pause)
            sight = self.sight(step, effect)
        return sight

    def perform(self, step: Step, key: str) -> Effect | Failed:
        """Do it."""
        return self._had("perform", step, lambda action: action.perform(step, key, self.tools))

    def undo(self, step: Step, effect: str, key: str) -> Effect | Failed:
        """Put back what was before."""
        return self._had("undo", step, lambda action: action.undo(step, effect, key, self.tools))

    def undone_last(self, step: Step) -> bool:
        """Whether its undoing only helps once the steps before it are undone."""
        action = self.actions.get(step.action)
        return isinstance(action, UndoneLast) and action.undone_last

    def _had(self, what: str, step: Step, effect: Callable[[Action], Effect]) -> Effect | Failed:
        action = self.actions.get(step.action)
        if action is None:
            return Failed(_missing(step), uncertain=False)
        self.tools.cache.clear()
        self.tools.boundary(f"effect.{what}.before")
        had: Effect | Failed
        try:
            had = effect(action)
        except ActionFailed as error:
            had = Failed(_told(error), error.uncertain)
        except Exception as error:  # a defect may have struck before or after the effect
            had = Failed(_told(error), uncertain=True)
        self.tools.boundary(f"effect.{what}.after")
        return had


def _missing(step: Step) -> str:
    return f"there is no action {step.action!r}: the package that had it is not installed"


def _told(error: Exception) -> str:
    if isinstance(error, ActionFailed):
        return f"{error.reason}; {error.next_step}" if error.next_step else error.reason
    if isinstance(error, Failure):
        return f"{error.message}; {error.next_step}" if error.next_step else error.message
    return f"a defect in the action: {type(error).__name__}: {error}"
