"""The dialogue with an Alertmanager about our own silences: listed, set once and read back, ended."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from driftbot.actions.action import ActionFailed, Effect
from driftbot.actions.intent import Intent
from driftbot.actions.our_silence import OurSilence, SilenceIntent, our_silences
from driftbot.actions.server_call import Reply, ServerCall, failed
from driftbot.collectors.prometheus_answer import AnswerProblem, Trouble

SILENCES, SILENCE = "/api/v2/silences", "/api/v2/silence"


class SilenceEffect(Intent):
    """The silence that was set, and when it ends."""

    id: str
    ends: datetime


def ours(call: ServerCall, effect: SilenceEffect | None = None) -> tuple[OurSilence, ...]:
    """The silences that driftbot set, those that have ended included, and the one that performing gave.

    Raises:
        AnswerProblem: the server does not tell.
    """
    reply = call.send("GET", SILENCES)
    try:
        answer = json.loads(reply.content)
    except (ValueError, RecursionError):
        answer = None
    if not reply.ok or not isinstance(answer, list):
        came = f"answered {reply.status} and not its silences: {reply.quoted}"
        raise AnswerProblem(Trouble.UNREADABLE, reply.url, came, "check the URL: is this an Alertmanager with API v2?")
    return our_silences(answer, effect.id if effect else "")


def lasting(intent: SilenceIntent, found: Sequence[OurSilence]) -> OurSilence | None:
    """The silence of this step that still mutes what it has to."""
    return next((one for one in found if one.active and one.is_of(intent)), None)


def set_silence(sending: ServerCall, call: ServerCall, intent: SilenceIntent, body: Any) -> None:
    """Send it; where no answer came, whether it is there is read back.

    Raises:
        ActionFailed: it is refused, or nobody can tell.
    """
    try:
        reply = sending.send("POST", SILENCES, json=body)
    except AnswerProblem as problem:
        try:
            there = lasting(intent, ours(call)) is not None
        except AnswerProblem:
            raise failed(problem, uncertain=True) from None
        if not there:
            raise failed(problem, uncertain=True) from None
        return
    if not reply.ok and not (reply.status >= 500 and _is_there(call, intent)):
        raise refusal(reply)


def _is_there(call: ServerCall, intent: SilenceIntent) -> bool:
    try:
        return lasting(intent, ours(call)) is not None
    except AnswerProblem:
        return False


def read_back(call: ServerCall, intent: SilenceIntent) -> Effect:
    """The silence as the server shows it.

    Raises:
        ActionFailed: it does not.
    """
    try:
        found = lasting(intent, ours(call))
    except AnswerProblem as problem:
        raise failed(problem, uncertain=True) from None
    if found is None:
        raise ActionFailed(
            f"{call.options.url} took the silence and does not show it", "Look at its silences.", uncertain=True
        )
    return effect_of(found, "was set")


def effect_of(silence: OurSilence, what: str) -> Effect:
    """What performing gave: the silence, and what became of it."""
    told = f"silence {silence.id} {what}, until {silence.ends:%Y-%m-%d %H:%M} UTC"
    return Effect(told, SilenceEffect(id=silence.id, ends=silence.ends).text())


def refusal(reply: Reply) -> ActionFailed:
    """Why a silence was not set or ended, in the server's words."""
    told = f"{reply.url} answered {reply.status}: {reply.quoted}"
    if reply.status in (401, 403):
        return ActionFailed(told, "Check the credentials of this source: they have to allow to set silences.")
    if reply.status == 400:
        return ActionFailed(told, "Check the matchers, and whether its clock is right.")
    return ActionFailed(told, "See Alertmanager's log.", uncertain=reply.status >= 500)
