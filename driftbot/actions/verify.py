"""``verify``: a condition of PromQL has to hold for a time after the steps before, else they are undone.

Look
    The server is not asked; it has to be a configured source.
Propose
    One comparison of something measured with a number, and how long it has to hold.
Sight
    ``PENDING`` until the time is over, then ``AFTER`` if each series satisfied it at each point of time (at most 241,
    15 s apart at the least) and there was one at each; Prometheus counts a sample for five minutes. Violated once, it
    is ``BEFORE`` at once, as if it was not done, and the steps before are undone. What was not measured is waited for
    (``patience``), then for a person, unless ``unmeasured: fail`` counts it as violated.
Perform
    Lets the time begin.
Undo
    Nothing: a look changes nothing.
"""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator
from requests import Session

from driftbot.actions.action import ActionFailed, Effect, Occasion, Sight, Standing, Tools
from driftbot.actions.held_condition import Grid, Holding, Judgement, judge, read_condition
from driftbot.actions.intent import Intent
from driftbot.actions.server_call import source_of
from driftbot.actions.strict import Strict
from driftbot.collectors.prometheus_answer import AnswerProblem
from driftbot.collectors.prometheus_connection import connect
from driftbot.collectors.prometheus_matrix import Matrix
from driftbot.collectors.prometheus_options import PrometheusOptions, Seconds
from driftbot.core.canonical import canonical
from driftbot.core.harmless import harmless
from driftbot.core.quantity import Quantity, Unit
from driftbot.core.remedy import Step
from driftbot.edits.edit import Refused

NAME = "verify"
FINEST = 15.0
"""Seconds between two steps at the least (ours: the usual scrape interval)."""
POINTS = 240
"""Steps at the most (ours: an hour at the finest)."""


def _is_condition(text: str) -> str:
    read_condition(text)
    return text


class Unmeasured(StrEnum):
    """What becomes of a condition that cannot be shown to have held when its time and all patience are over.

    ``WAIT`` for a person: what is unknown undoes nothing. ``FAIL`` as if it was violated.
    """

    WAIT = "wait"
    FAIL = "fail"


class VerifySettings(Strict):
    """Wait until a condition has held for a time. Violated even once, the step fails; unmeasured is not held."""

    source: str = Field(description="name of a source of kind prometheus")
    promql: Annotated[
        str, AfterValidator(_is_condition), Field(description="one comparison with a number: sum(rate(x[5m])) < 0.5")
    ]
    lasting: Seconds = Field(default=600.0, alias="for", gt=0, le=604_800, description="how long it has to hold")
    after: Seconds = Field(default=0.0, le=604_800, description="how long after the step before that time begins")
    patience: Seconds = Field(
        default=1800.0, le=604_800, description="how long missing samples are waited for when the time is over"
    )
    unmeasured: Unmeasured = Field(
        default=Unmeasured.WAIT, description="what becomes of it then: `wait` for a person, or `fail` as if violated"
    )


class VerifyIntent(Intent):
    """What is asked of which server, and for how many seconds."""

    source: str
    url: str
    promql: str
    lasting: float
    after: float
    patience: float
    unmeasured: Unmeasured

    @property
    def spacing(self) -> float:
        """Whole seconds between two steps."""
        return float(math.ceil(max(self.lasting / POINTS, min(FINEST, self.lasting))))


class VerifyEffect(Intent):
    """When the time begins and ends during which the condition has to hold."""

    start: datetime
    end: datetime

    @model_validator(mode="after")
    def _has_zone(self) -> Self:
        if self.start.tzinfo is None or self.end.tzinfo is None:
            raise ValueError("its times have no zone")
        return self


class Verify:
    """The action; it changes nothing, and so there is nothing to undo."""

    name = NAME
    settings = VerifySettings
    irreversible = ""

    def look(self, settings: VerifySettings, _occasion: Occasion, tools: Tools) -> PrometheusOptions:
        """The server's options; it is not asked anything yet."""
        return source_of(settings.source, PrometheusOptions, tools)

    def propose(self, settings: VerifySettings, occasion: Occasion, seen: PrometheusOptions) -> Step:
        """The step."""
        intent = VerifyIntent(url=seen.url, **settings.model_dump(exclude={"lasting"}), lasting=settings.lasting)
        lasting = Quantity(intent.lasting, Unit.SECONDS)
        begins = f"beginning {Quantity(intent.after, Unit.SECONDS)} later" if intent.after else "beginning at once"
        return Step(
            action=NAME,
            target=f"condition:{settings.source}/{occasion.covered.fingerprint}/{settings.promql}",
            precondition=canonical({"url": seen.url}),
            intent=intent.text(),
            because="what the steps before did has to show",
            preview=harmless(f"{settings.promql} has to hold for {lasting} at {settings.source}, {begins}", 2_000),
        )

    def sight(self, step: Step, effect: str, tools: Tools) -> Sight:
        """Pending until the time is over, unless violated before; then after, or unreadable.

        Violated is ``BEFORE``: the step is not done and nothing of it is left, so that the steps before it are undone.
        """
        if not effect:
            return Sight(Standing.BEFORE, "the time has not begun")
        try:
            intent, window = VerifyIntent.read(step.intent), VerifyEffect.read(effect)
            now = tools.clock()
            if now <= window.start:
                return Sight(Standing.PENDING, f"the time begins at {window.start:%Y-%m-%d %H:%M} UTC", window.end)
            found = _judged(intent, window, now, tools)
        except ActionFailed as failure:
            return Sight(Standing.UNREADABLE, f"{failure.reason}; {failure.next_step}")
        except AnswerProblem as problem:
            return _waiting(str(problem), intent, window, now)
        if found.holding is Holding.VIOLATED:
            return Sight(Standing.BEFORE, found.told)
        if found.holding is Holding.HELD and now >= window.end:
            return Sight(Standing.AFTER, found.told)
        return _waiting(found.told, intent, window, now)

    def perform(self, step: Step, _key: str, tools: Tools) -> Effect:
        """Let the time begin; beginning again after a crash only makes it later."""
        intent = VerifyIntent.read(step.intent)
        try:
            _options(intent, tools)
        except Refused as refusal:
            raise ActionFailed(refusal.reason, "Plan again.") from None
        start = tools.clock() + timedelta(seconds=intent.after)
        window = VerifyEffect(start=start, end=start + timedelta(seconds=intent.lasting))
        told = f"{intent.promql} has to hold until {window.end:%Y-%m-%d %H:%M} UTC"
        return Effect(told, window.text(), pending=True, again=window.end)

    def undo(self, _step: Step, _effect: str, _key: str, _tools: Tools) -> Effect:
        """Nothing: a look changes nothing."""
        return Effect("nothing was changed")


def _options(intent: VerifyIntent, tools: Tools) -> PrometheusOptions:
    options = source_of(intent.source, PrometheusOptions, tools)
    if options.url != intent.url:
        raise Refused(f"source {intent.source} was {intent.url} and is {options.url} now")
    return options


def _judged(intent: VerifyIntent, window: VerifyEffect, now: datetime, tools: Tools) -> Judgement:
    """The condition judged over the window, as far as it has come.

    Raises:
        ActionFailed: it cannot be asked any more.
        AnswerProblem: the server gives no answer.
    """
    try:
        options = _options(intent, tools)
    except Refused as refusal:
        raise ActionFailed(refusal.reason, "Plan again.") from None
    condition = read_condition(intent.promql)
    # Servers are asked about whole seconds.
    start, end = math.ceil(window.start.timestamp()), math.floor(min(now, window.end).timestamp())
    if end < start:
        return Judgement(Holding.UNKNOWN, "the time has hardly begun")
    grid = Grid(start, end, intent.spacing)
    with Session() as session:
        answer = connect(session, options).range(condition.measured, grid.start, grid.end, grid.step)
    found = judge(condition, answer.matrix or Matrix(()), grid)
    if answer.warnings:
        return Judgement(Holding.UNKNOWN, f"the answer may be partial: {harmless(answer.warnings[0])}")
    return found


def _waiting(told: str, intent: VerifyIntent, window: VerifyEffect, now: datetime) -> Sight:
    """Not known yet: until the time is over, and then as long as samples may still come."""
    if now < window.end:
        return Sight(Standing.PENDING, told, window.end)
    last = window.end + timedelta(seconds=intent.patience)
    if now < last:
        return Sight(Standing.PENDING, told, last)
    standing = Standing.BEFORE if intent.unmeasured is Unmeasured.FAIL else Standing.UNREADABLE
    return Sight(standing, f"it cannot be shown that {intent.promql} held: {told}")


action = Verify()
