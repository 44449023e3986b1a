"""The dialogue with a server that reloads: asking for it, waiting until it worked, and what it has loaded then."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence

from driftbot.actions.action import ActionFailed
from driftbot.actions.loaded_change import LoadedChange, missing
from driftbot.actions.reload_state import NoReloadState, ReloadState, read_reload_state
from driftbot.actions.server_call import Reply, ServerCall
from driftbot.collectors.prometheus_alerts import LoadedFacts
from driftbot.collectors.prometheus_answer import AnswerProblem, Trouble
from driftbot.collectors.prometheus_rules import read_rules_answer
from driftbot.core.fact import Origin

RELOAD, METRICS, RULES = "/-/reload", "/metrics", "/api/v1/rules"
PAUSE = 0.2
"""Seconds between two looks at what a reload gave."""


def ask(call: ServerCall, within: float) -> None:
    """Ask for a reload; one that takes longer than we wait may still work.

    Raises:
        AnswerProblem: the server is not reached.
        ActionFailed: it refuses, or could not load its configuration.
    """
    try:
        reply = call.send("POST", RELOAD, timeout=min(within, call.options.timeout))
    except AnswerProblem as problem:
        if problem.trouble is not Trouble.SLOW:
            raise
        return
    if not reply.ok:
        raise _refusal(reply)


def _refusal(reply: Reply) -> ActionFailed:
    told = f"{reply.url} answered {reply.status}: {reply.quoted}"
    if reply.status in (403, 404, 405) and "lifecycle" in reply.text.lower():
        return ActionFailed(told, "Start the server with --web.enable-lifecycle, or reload it by SIGHUP yourself.")
    if reply.status in (401, 403):
        return ActionFailed(told, "Check the credentials of this source: they have to allow to reload.")
    if 300 <= reply.status < 400:
        return ActionFailed(
            f"{told} (a redirect, which is not followed)", "Write the URL that the server itself names."
        )
    if reply.status >= 500:
        next_step = "See the server's log, and check its files (promtool check config). It goes on with what it had."
        return ActionFailed(told, next_step)
    return ActionFailed(told, "Check the URL and its path prefix: does a Prometheus or vmalert listen there?")


def reload_state(call: ServerCall) -> ReloadState:
    """What the server's own metrics say of its last reload.

    Raises:
        AnswerProblem: they do not tell.
    """
    reply = call.send("GET", METRICS)
    if not reply.ok:
        next_step = "let this source's credentials read the server's own metrics"
        raise AnswerProblem(Trouble.REFUSED, reply.url, f"answered {reply.status}: {reply.quoted}", next_step)
    try:
        return read_reload_state(reply.text)
    except NoReloadState as error:
        next_step = "check the URL: is this a Prometheus or vmalert?"
        raise AnswerProblem(Trouble.UNREADABLE, reply.url, f"does not help: {error}", next_step) from None


def waited(call: ServerCall, before: ReloadState, within: float) -> ReloadState:
    """The state once it says that a reload has worked since.

    Raises:
        AnswerProblem: the server does not tell.
        ActionFailed: it says that none worked, or nothing in time.
    """
    begun, settled = time.monotonic(), False
    while True:
        state = reload_state(call)
        if before.successful and not state.successful:
            raise ActionFailed(
                f"{call.options.url} could not load its configuration and goes on with what it had",
                "See the server's log, and check its files (promtool check config).",
            )
        # A reload that is only counted may not be over: it is, if it still counts as worked a moment later.
        if state.follows(before) and (state.loaded_at > before.loaded_at or settled):
            return state
        settled = state.follows(before)
        if time.monotonic() - begun > within:
            raise ActionFailed(
                f"{call.options.url} took the reload and does not say within {within:g} s that it worked",
                "See the server's log; a longer `within` waits longer.",
                uncertain=True,
            )
        time.sleep(PAUSE)


def shown(call: ServerCall, changes: Sequence[LoadedChange], within: float) -> None:
    """Wait until the server has loaded the changes.

    Raises:
        AnswerProblem: it does not tell.
        ActionFailed: it has loaded something else.
    """
    begun = time.monotonic()
    while lacking := not_loaded(call, changes):
        if time.monotonic() - begun > within:
            raise ActionFailed(
                f"{call.options.url} reloaded, but {'; '.join(lacking)}",
                "Is the file that was changed the one that this server reads, or is it copied there later?",
            )
        time.sleep(PAUSE)


def not_loaded(call: ServerCall, changes: Sequence[LoadedChange]) -> tuple[str, ...]:
    """What of the changes the server has not loaded, in sentences.

    Raises:
        AnswerProblem: it does not tell.
    """
    if not changes:
        return ()
    reply = call.send("GET", RULES)
    try:
        answer = json.loads(reply.content)
    except (ValueError, RecursionError):
        answer = None
    if not reply.ok or not isinstance(answer, dict) or answer.get("status") != "success":
        came = f"answered {reply.status} and not its rules: {reply.quoted}"
        raise AnswerProblem(Trouble.UNREADABLE, reply.url, came, "check what listens there")
    collected = LoadedFacts("", Origin("", reply.url))
    collected.take(read_rules_answer(answer.get("data")).rules)
    return missing(changes, collected.facts)
