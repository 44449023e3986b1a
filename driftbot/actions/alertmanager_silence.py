"""``alertmanager_silence``: alerts are muted for a time that ends, while something else is mended.

Look
    Alertmanager is not asked; the silence has to be no longer than ``acting.reach`` allows, and to fix ``alertname``
    (or what ``naming`` says) to one value, so that it cannot mute everything.
Propose
    Which alerts, for how long, and why; the time begins when it is performed.
Sight
    ``AFTER`` where a silence of this step lasts, found by the mark in its comment, or has run its time.
Perform
    Sets it once and reads it back. One that lasts is not set a second time, one that somebody ended not again.
Undo
    Ends it, where nobody changed what it says, what it mutes or how long it lasts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from pydantic import Field

from driftbot.actions.action import ActionFailed, Effect, Occasion, Sight, Standing, Tools
from driftbot.actions.our_silence import LONGEST_COMMENT, OurSilence, SilenceIntent
from driftbot.actions.server_call import allowed, calling, failed, source_of
from driftbot.actions.silence_call import (
    SILENCE,
    SilenceEffect,
    effect_of,
    lasting,
    ours,
    read_back,
    refusal,
    set_silence,
)
from driftbot.actions.strict import Strict
from driftbot.alerts.label_matcher import NotAMatcher
from driftbot.alerts.matcher_syntax import read_matchers, written
from driftbot.collectors.alertmanager_options import AlertmanagerOptions
from driftbot.collectors.prometheus_answer import AnswerProblem
from driftbot.collectors.prometheus_options import Seconds
from driftbot.core.canonical import canonical
from driftbot.core.harmless import harmless
from driftbot.core.quantity import Quantity, Unit
from driftbot.core.remedy import Step
from driftbot.edits.edit import Refused
from driftbot.promql.selector import Match, Matcher

NAME = "alertmanager_silence"
SLACK = timedelta(seconds=1)
"""By so much a server may round an end."""


class AlertmanagerSilenceSettings(Strict):
    """Mute alerts for a time. It ends by itself; undoing ends it at once."""

    source: str = Field(description="name of a source of kind alertmanager that has a `url`")
    matchers: Annotated[
        tuple[str, ...],
        Field(min_length=1, description='which alerts, all of them: alertname="HighErrors", team=~"a|b"'),
    ]
    lasting: Seconds = Field(default=3600.0, gt=0, description="how long; acting.reach says how long it may be at most")
    comment: str = Field(min_length=1, description="why, for whoever sees it")


@dataclass(frozen=True, slots=True)
class AllowedSilence:
    """A silence that the configuration allows: the server's URL, and which alerts."""

    url: str
    matchers: tuple[Matcher, ...]


class AlertmanagerSilence:
    """The action; a silence of its own that still lasts is found by its comment and never set a second time."""

    name = NAME
    settings = AlertmanagerSilenceSettings
    irreversible = ""
    late = True

    def look(self, settings: AlertmanagerSilenceSettings, _occasion: Occasion, tools: Tools) -> AllowedSilence:
        """Where and what, where the configuration allows such a silence; Alertmanager is not asked anything."""
        matchers = _allowed_matchers(settings.matchers, settings.lasting, tools)
        return AllowedSilence(_options(settings.source, tools).url, matchers)

    def propose(self, settings: AlertmanagerSilenceSettings, occasion: Occasion, seen: AllowedSilence) -> Step:
        """The step."""
        covered = occasion.covered
        why = f"{settings.comment} ({covered.rule}, {covered.incident or covered.url})"
        intent = SilenceIntent(
            source=settings.source,
            url=seen.url,
            matchers=tuple(sorted(written(one) for one in seen.matchers)),
            seconds=settings.lasting,
            comment=why,
            fingerprint=covered.fingerprint,
        )
        which, lasting = ",".join(intent.matchers), Quantity(intent.seconds, Unit.SECONDS)
        return Step(
            action=NAME,
            target=f"silence:{settings.source}/{which}",
            precondition=canonical({"url": seen.url}),
            intent=intent.text(),
            because=harmless(settings.comment),
            preview=harmless(f"silence {which} at {settings.source} for {lasting}: {why}", LONGEST_COMMENT),
        )

    def sight(self, step: Step, effect: str, tools: Tools) -> Sight:
        """After where a silence of ours lasts, or the one that was set has run its time; else before."""
        try:
            intent = SilenceIntent.read(step.intent)
            known = SilenceEffect.read(effect) if effect else None
            with calling(_server(intent, tools)) as call:
                found = ours(call, known)
            if known:
                return _sight_of(known, intent, found, tools.clock())
        except AnswerProblem as problem:
            return Sight(Standing.UNREADABLE, str(problem))
        except ActionFailed as failure:
            return Sight(Standing.UNREADABLE, f"{failure.reason}; {failure.next_step}")
        silence = lasting(intent, found)
        if silence is None:
            return Sight(Standing.BEFORE, f"no silence of ours lasts at {intent.source}")
        return Sight(Standing.AFTER, f"silence {silence.id} lasts until {silence.ends:%Y-%m-%d %H:%M} UTC")

    def perform(self, step: Step, key: str, tools: Tools) -> Effect:
        """Set the silence, unless it lasts already, and read it back."""
        intent = SilenceIntent.read(step.intent)
        options = _server(intent, tools)
        _still_allowed(intent, tools)
        with calling(options) as call, calling(options, once=True) as sending:
            try:
                found = ours(call)
            except AnswerProblem as problem:
                raise failed(problem) from None
            if silence := lasting(intent, found):
                return effect_of(silence, "lasts already")
            if ended := next((one for one in found if one.key == key), None):
                raise ActionFailed(
                    f"silence {ended.id} was set by this very step and somebody ended it",
                    "It is not set again; plan again if it is still wanted.",
                )
            set_silence(sending, call, intent, intent.body(key, tools.clock()))
            tools.boundary(f"{NAME}: set")
            return read_back(call, intent)

    def undo(self, step: Step, effect: str, _key: str, tools: Tools) -> Effect:
        """End the silence now, where it is still the one that was set."""
        intent = SilenceIntent.read(step.intent)
        known = SilenceEffect.read(effect) if effect else None
        options = _server(intent, tools)
        with calling(options) as call, calling(options, once=True) as sending:
            try:
                silence = _standing(known, intent, ours(call, known))
                if silence is None:
                    return Effect("the silence had ended already")
                reply = sending.send("DELETE", f"{SILENCE}/{silence.id}")
            except AnswerProblem as problem:
                raise failed(problem, uncertain=True) from None
        if not reply.ok:
            raise refusal(reply)
        return Effect(f"silence {silence.id} was ended")


def _standing(known: SilenceEffect | None, intent: SilenceIntent, found: Sequence[OurSilence]) -> OurSilence | None:
    """The silence that undoing has to end, if it still lasts.

    Raises:
        ActionFailed: somebody changed it.
    """
    if known is None:
        return lasting(intent, found)
    silence = next((one for one in found if one.id == known.id), None)
    if silence is None or not silence.active:
        return None
    if not silence.is_of(intent) or silence.ends > known.ends + SLACK:
        raise ActionFailed(
            f"somebody changed silence {silence.id}: it says something else now, or lasts longer", "Let them end it."
        )
    return silence


def _options(source: str, tools: Tools) -> AlertmanagerOptions:
    allowed(source, tools.options.alertmanager_silence.sources, NAME)
    return source_of(source, AlertmanagerOptions, tools)


def _server(intent: SilenceIntent, tools: Tools) -> AlertmanagerOptions:
    """The server's options, as it is allowed now.

    Raises:
        ActionFailed: it is not any more, or the source is another server by now.
    """
    try:
        options = _options(intent.source, tools)
    except Refused as refusal:
        raise ActionFailed(refusal.reason, "Allow it, or plan again.") from None
    if options.url != intent.url:
        raise ActionFailed(f"source {intent.source} was {intent.url} and is {options.url} now", "Plan again.")
    return options


def _still_allowed(intent: SilenceIntent, tools: Tools) -> None:
    """Nothing where such a silence may be set by the configuration as it is now; ending one always may.

    Raises:
        ActionFailed: it may not.
    """
    try:
        _allowed_matchers(intent.matchers, intent.seconds, tools)
    except Refused as refusal:
        raise ActionFailed(refusal.reason, "Allow it, or plan again.") from None


def _refuse_length(seconds: float, tools: Tools) -> None:
    longest = tools.options.alertmanager_silence.longest
    if seconds > longest:
        asked, most = Quantity(seconds, Unit.SECONDS), Quantity(longest, Unit.SECONDS)
        raise Refused(f"a silence of {asked} is longer than {most} (acting.reach.{NAME}.longest)")


def _allowed_matchers(matchers: Sequence[str], seconds: float, tools: Tools) -> tuple[Matcher, ...]:
    _refuse_length(seconds, tools)
    try:
        found = tuple(one for text in matchers for one in read_matchers(text))
    except NotAMatcher as error:
        raise Refused(str(error)) from None
    fixed = {one.label for one in found if one.match is Match.EQUAL and one.value}
    if lacking := [name for name in tools.options.alertmanager_silence.naming if name not in fixed]:
        raise Refused(
            f"a silence has to fix {', '.join(lacking)} to one value (`=`), so that it cannot mute all alerts"
        )
    if not fixed:
        raise Refused("a silence has to fix at least one label to one value (`=`), so that it cannot mute all alerts")
    return found


def _sight_of(effect: SilenceEffect, intent: SilenceIntent, found: Sequence[OurSilence], now: datetime) -> Sight:
    silence = next((one for one in found if one.id == effect.id), None)
    if silence is not None and silence.active:
        told = f"silence {effect.id} lasts until {silence.ends:%Y-%m-%d %H:%M} UTC"
        if silence.is_of(intent):
            return Sight(Standing.AFTER, told)
        return Sight(Standing.OTHER, f"{told}, but somebody changed what it says or mutes")
    if now >= effect.ends:
        return Sight(Standing.AFTER, f"silence {effect.id} has run its time")
    return Sight(Standing.BEFORE, f"silence {effect.id} was ended before its time")


action = AlertmanagerSilence()
