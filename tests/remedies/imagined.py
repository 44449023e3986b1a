"""An imagined world of values, an action that sets them, and a runner over it whose process can be killed anywhere."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from driftbot.actions.action import Action, ActionFailed, Effect, Sight, Standing, Tools
from driftbot.actions.options import ActionOptions
from driftbot.core.ladder import Level
from driftbot.core.remedy import OnFailure, Remedy, Step
from driftbot.guards.options import GuardOptions
from driftbot.remedies.effects import Effects
from driftbot.remedies.journal import TERM, Journal
from driftbot.remedies.runner import Runner
from driftbot.remedies.timing import timing
from driftbot.store.store import Store
from tests.store.run_scene import covered
from tests.store.scene import HOUR, night_of

NOW = night_of(0) + HOUR


class Killed(BaseException):
    """The process ended here: nothing after it happened."""


class NoSettings(BaseModel):
    """An imagined action has none."""


@dataclass
class World:
    """Values by name. ``unreadable`` cannot be read; ``merged`` and ``declined`` are what people did with requests."""

    values: dict[str, str] = field(default_factory=dict)
    unreadable: set[str] = field(default_factory=set)
    merged: set[str] = field(default_factory=set)
    declined: set[str] = field(default_factory=set)
    writes: list[tuple[str, str]] = field(default_factory=list)

    def write(self, name: str, value: str) -> None:
        self.values[name] = value
        self.writes.append((name, value))


@dataclass
class SetValue:
    """Sets a value; ``fails`` says what goes wrong with a target: refuse, lose (done, but raises), defect."""

    world: World
    name: str = "set_value"
    settings: type[BaseModel] = NoSettings
    irreversible: str = ""
    fails: dict[str, str] = field(default_factory=dict)

    def look(self, settings: Any, occasion: Any, tools: Tools) -> Any: ...

    def propose(self, settings: Any, occasion: Any, seen: Any) -> Step:
        raise NotImplementedError

    def sight(self, step: Step, effect: str, tools: Tools) -> Sight:  # noqa: ARG002
        if step.target in self.world.unreadable:
            return Sight(Standing.UNREADABLE, "nobody answers")
        value = self.world.values[step.target]
        standing = {was(step): Standing.BEFORE, becomes(step): Standing.AFTER}.get(value, Standing.OTHER)
        return Sight(standing, f"it is {value}")

    def perform(self, step: Step, key: str, tools: Tools) -> Effect:  # noqa: ARG002
        self._written(step, becomes(step), "perform", tools)
        return Effect("set", json.dumps({"was": was(step)}))

    def undo(self, step: Step, effect: str, key: str, tools: Tools) -> Effect:  # noqa: ARG002
        if self.world.values[step.target] != becomes(step):
            raise ActionFailed(f"it is {self.world.values[step.target]}, not {becomes(step)}")
        self._written(step, was(step), "undo", tools)
        return Effect("set back")

    def _written(self, step: Step, value: str, what: str, tools: Tools) -> None:
        failure = self.fails.get(f"{what} {step.target}", "")
        if failure == "refuse":
            raise ActionFailed("not allowed", "give it the right")
        if failure == "defect":
            raise ZeroDivisionError
        tools.boundary("action.write.before")
        self.world.write(step.target, value)
        tools.boundary("action.write.after")
        if failure == "lose":
            raise ActionFailed("the answer was lost", uncertain=True)


class Request(SetValue):
    """Sets a value once somebody merges it."""

    def sight(self, step: Step, effect: str, tools: Tools) -> Sight:
        if step.target in self.world.declined:
            return Sight(Standing.DECLINED, "somebody closed it")
        if step.target in self.world.merged:
            return Sight(Standing.AFTER, "it is merged")
        if step.target in self.world.values and self.world.values[step.target] == becomes(step):
            return Sight(Standing.PENDING, "it waits for a merge", NOW + HOUR)
        return super().sight(step, effect, tools)

    def perform(self, step: Step, key: str, tools: Tools) -> Effect:
        super().perform(step, key, tools)
        return Effect("opened", "{}", pending=True, again=NOW + HOUR)


class Merged(SetValue):
    """Sets a value; it is set back once somebody merges that, and kept where somebody declines."""

    def undo(self, step: Step, effect: str, key: str, tools: Tools) -> Effect:
        if step.target in self.world.declined:
            raise ActionFailed("somebody keeps it")
        if step.target not in self.world.merged:
            tools.boundary("action.asked")
            return Effect("it waits for a merge", json.dumps({"asked": True}), pending=True)
        return super().undo(step, effect, key, tools)


class Reload(SetValue):
    """Loads what the steps before it wrote."""

    undone_last = True

    def undo(self, step: Step, effect: str, key: str, tools: Tools) -> Effect:  # noqa: ARG002
        self._written(step, self.world.values["a"], "undo", tools)
        return Effect("loaded again")


class Blind(SetValue):
    """Nothing reads it back."""

    def sight(self, step: Step, effect: str, tools: Tools) -> Sight:  # noqa: ARG002
        return Sight(Standing.BLIND, "nothing reads it back")


def was(step: Step) -> str:
    return str(json.loads(step.precondition)["was"])


def becomes(step: Step) -> str:
    return str(json.loads(step.intent)["becomes"])


def setting(name: str, action: str = "set_value", irreversible: str = "") -> Step:
    texts = (json.dumps({"was": f"{name}1"}), json.dumps({"becomes": f"{name}2"}))
    return Step(action, name, *texts, "too small", irreversible=irreversible)


def remedy_of(*steps: Step, on_failure: OnFailure = OnFailure.UNDO, finding: str = "3f9c2a000000") -> Remedy:
    half_hour = timedelta(minutes=30)
    return Remedy("set-value", Level.PROPOSE, (covered(finding),), steps, 1, half_hour, on_failure)


@dataclass
class Stage:
    """A store, a world and a clock; ``process`` is one that may act, and that ``boundary`` may kill."""

    store: Store
    world: World = field(default_factory=World)
    now: datetime = NOW
    boundary: Callable[[str], None] = lambda _: None
    stop: str = ""
    options: GuardOptions = field(default_factory=GuardOptions)
    actions: dict[str, Action] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.world.values.update({name: f"{name}1" for name in "abc"})
        kinds = {"set_value": SetValue, "request": Request, "merged": Merged, "reload": Reload, "blind": Blind}
        for name, kind in kinds.items():
            self.actions[name] = kind(self.world, name)

    def clock(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now

    @contextmanager
    def process(self) -> Iterator[Runner]:
        with self.store.acting("test", self.clock(), TERM) as lease:
            tools = Tools(Path(), ActionOptions(), self.clock, lambda name: self.boundary(name))
            journal = Journal(self.store, lease, self.clock, lambda name: self.boundary(name))
            effects = Effects(self.actions, tools)
            yield Runner(journal, effects, self.clock, lambda: self.stop, timing(self.options, self.clock))
