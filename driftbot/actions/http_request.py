"""``http_request``: one request to a host that the configuration names, read back by another one where there is one.

Look
    Nothing is asked; the host has to be one that may be reached, with this method.
Propose
    The request as it will be sent. Each part of the path and of the query is encoded: a name from the estate stays one
    part. Secrets are no part of it: they stand with the host, go to it alone, and are masked in what it answers.
Sight
    What ``check`` says: ``AFTER`` or ``BEFORE``. Without one it is ``BLIND``: after a crash a person has to settle it.
Perform
    Sends it once, with the step's key in the header ``Idempotency-Key``. Redirects are followed nowhere, or below the
    same host's URL where they ask for the very same request (307, 308). After an answer that leaves open whether it was
    done (5xx, 3xx, 408, 409, none at all) the check has the last word, and is asked again for some seconds where
    somebody may still be at it; without a check it is uncertain.
Undo
    Sends the request in ``undo``, where the check still sees the effect. Without one the step is never ``auto``.
"""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field, model_validator

from driftbot.actions.action import ActionFailed, Effect, Occasion, Sight, Standing, Tools
from driftbot.actions.http_answer import HttpAnswer
from driftbot.actions.http_check import HttpCheck, WireCheck
from driftbot.actions.http_exchange import NoAnswer, Outgoing, exchange
from driftbot.actions.http_message import HttpMessage, WireRequest, below, wired
from driftbot.actions.http_request_options import HttpHost, HttpRequestOptions, Method
from driftbot.actions.intent import Intent
from driftbot.collectors.prometheus_options import Seconds
from driftbot.core.canonical import canonical
from driftbot.core.remedy import Step
from driftbot.edits.edit import Refused

NAME = "http_request"
UNDONE_KEY = "-undo"
"""What follows the key of a step in the key of the request that undoes it: they are two requests."""

_CLEAR = frozenset(range(400, 500)) - {408, 409}
"""Refusals after which nothing was done; 409 may say that the same request is still being worked on."""
_STILL_AT_IT = frozenset({408, 409, 502, 503, 504})
"""Answers behind which somebody may still be working on it: another server, where a gateway answers for it."""


class Redirects(StrEnum):
    """Where a redirect is followed to: nowhere, or below the same host's URL.

    What changes something follows only those that ask for the very same request (307, 308); a check follows all.
    """

    NONE = "none"
    SAME_HOST = "same_host"


class HttpRequestSettings(HttpMessage):
    """A request to a named host, with the step's idempotency key in the header Idempotency-Key."""

    host: str = Field(description="name of a host in acting.reach.http_request")
    check: HttpCheck | None = Field(
        default=None, description="what reads the effect back; without it the step is uncertain after a crash"
    )
    undo: HttpMessage | None = Field(
        default=None, description="the request that undoes it; without it the step cannot be undone and is never `auto`"
    )
    timeout: Seconds = Field(default=30.0, gt=0, le=600, description="time for the whole request")
    redirects: Redirects = Field(
        default=Redirects.NONE, description="`none`, or `same_host`: followed below the host's `url`"
    )

    @model_validator(mode="after")
    def _changes_something(self) -> HttpRequestSettings:
        if self.method is Method.GET or (self.undo is not None and self.undo.method is Method.GET):
            raise ValueError("a GET changes nothing; to look at something, use `check`")
        return self


class HttpIntent(Intent):
    """The request, what reads it back and what undoes it."""

    host: str
    request: WireRequest
    check: WireCheck | None
    undo: WireRequest | None
    timeout: float
    redirects: Redirects


class HttpRequest:
    """The action."""

    name = NAME
    settings = HttpRequestSettings
    irreversible = ""
    late = True

    def look(self, settings: HttpRequestSettings, _occasion: Occasion, tools: Tools) -> HttpHost:
        """The host, as the configuration has it; it is not asked anything."""
        return _host(settings.host, tools.options.http_request)

    def propose(self, settings: HttpRequestSettings, _occasion: Occasion, seen: HttpHost) -> Step:
        """The step, with every part of the requests as it will be sent but for the secrets."""
        intent = HttpIntent(
            host=seen.name,
            request=wired(settings, seen),
            check=_wired_check(settings.check, seen),
            undo=None if settings.undo is None else wired(settings.undo, seen),
            timeout=settings.timeout,
            redirects=settings.redirects,
        )
        undone = f"\n\nundone by: {intent.undo}" if intent.undo else ""
        checked = f"\n\nread back by: GET {intent.check.url}" if intent.check else ""
        return Step(
            action=NAME,
            target=f"http:{intent.request.method} {intent.request.url}",
            precondition=canonical({"url": seen.url}),
            intent=intent.text(),
            because=f"{seen.name} is asked to do it",
            preview=f"{intent.request}{checked}{undone}",
            irreversible="" if intent.undo else "the playbook names no request that undoes it (`undo`)",
        )

    def sight(self, step: Step, _effect: str, tools: Tools) -> Sight:
        """What the check says; without one nothing reads the effect back."""
        try:
            intent = HttpIntent.read(step.intent)
            if intent.check is None:
                return Sight(Standing.BLIND, "the playbook names nothing that reads it back (`check`)")
            return _checked(intent, intent.check, _allowed(intent, tools))
        except ActionFailed as failure:
            return Sight(Standing.UNREADABLE, f"{failure.reason}; {failure.next_step}")

    def perform(self, step: Step, key: str, tools: Tools) -> Effect:
        """Send the request once."""
        intent = HttpIntent.read(step.intent)
        return _sent(intent, intent.request, key, Standing.AFTER, tools)

    def undo(self, step: Step, _effect: str, key: str, tools: Tools) -> Effect:
        """Send the request that undoes it, where the effect is still there."""
        intent = HttpIntent.read(step.intent)
        if intent.undo is None:
            raise ActionFailed(step.irreversible, "Undo it by hand.")
        if intent.check is not None:
            found = _checked(intent, intent.check, _allowed(intent, tools))
            if found.standing is Standing.BEFORE:
                return Effect(f"the effect was gone already: {found.told}")
            if found.standing is not Standing.AFTER:
                raise ActionFailed(
                    f"it cannot be told whether the effect is still there: {found.told}", "Look yourself."
                )
        return _sent(intent, intent.undo, f"{key}{UNDONE_KEY}", Standing.BEFORE, tools)


class HttpEffect(Intent):
    """The status that a request was answered with."""

    status: int


def _host(name: str, options: HttpRequestOptions) -> HttpHost:
    found = next((one for one in options.hosts if one.name == name), None)
    if found is None:
        legal = ", ".join(sorted(one.name for one in options.hosts)) or "none is named"
        raise Refused(f"{NAME} may not reach {name!r}; acting.reach.{NAME}.hosts names those it may ({legal})")
    return found


def _wired_check(check: HttpCheck | None, host: HttpHost) -> WireCheck | None:
    if check is None:
        return None
    url = below(host, check.path, check.query)
    return WireCheck(url=url, expect=tuple(sorted(check.expect)), at=check.at, equals=check.equals)


def _allowed(intent: HttpIntent, tools: Tools) -> HttpHost:
    """The host, where the configuration as it is now allows all that the intent may send.

    Raises:
        ActionFailed: it does not.
    """
    try:
        host = _host(intent.host, tools.options.http_request)
    except Refused as refusal:
        raise ActionFailed(refusal.reason, "Allow it, or plan again.") from None
    requests = [one for one in (intent.request, intent.undo) if one is not None]
    urls = [one.url for one in requests] + ([intent.check.url] if intent.check else [])
    if any(one.method not in host.methods for one in requests) or any(
        not url.startswith(f"{host.url}/") for url in urls
    ):
        raise ActionFailed(f"the host {host.name} has another URL or takes other methods by now", "Plan again.")
    return host


def _checked(intent: HttpIntent, check: WireCheck, host: HttpHost) -> Sight:
    outgoing = Outgoing(Method.GET, check.url, same_host=intent.redirects is Redirects.SAME_HOST)
    try:
        return check.sight(exchange(host, outgoing, intent.timeout))
    except NoAnswer as problem:
        return Sight(Standing.UNREADABLE, f"{problem.reason}; {problem.next_step}")


def _sent(intent: HttpIntent, request: WireRequest, key: str, wanted: Standing, tools: Tools) -> Effect:
    """Send a request; where its answer does not say that it was done, the check has the last word.

    Raises:
        ActionFailed: it was not done, or nobody can tell.
    """
    host = _allowed(intent, tools)
    same_host = intent.redirects is Redirects.SAME_HOST
    outgoing = Outgoing(request.method, request.url, dict(request.headers), request.body, key, same_host)
    try:
        answer = exchange(host, outgoing, intent.timeout)
    except NoAnswer as problem:
        if not problem.sent:
            raise ActionFailed(problem.reason, problem.next_step) from None
        failure = ActionFailed(problem.reason, problem.next_step, uncertain=True)
        return _found(intent, host, wanted, failure, since_then=False)
    tools.boundary(f"{NAME}: sent")
    if not request.is_expected(answer.status):
        return _found(intent, host, wanted, _refusal(request, answer), since_then=answer.status not in _STILL_AT_IT)
    return Effect(f"{request.method} {request.url} was answered {answer.status}", _effect(answer))


def _effect(answer: HttpAnswer) -> str:
    return HttpEffect(status=answer.status).text()


def _found(intent: HttpIntent, host: HttpHost, wanted: Standing, failure: ActionFailed, *, since_then: bool) -> Effect:
    """What the check says of a request that failed: it may have been done all the same.

    ``since_then`` is whether the server is done with the request: only then what is not there will not come.
    """
    if intent.check is None or not failure.uncertain:
        raise failure
    found = _checked(intent, intent.check, host)
    if found.standing is wanted:
        return Effect(f"{failure.reason}, but it was done: {found.told}")
    clear = since_then and found.standing in (Standing.BEFORE, Standing.AFTER)
    raise ActionFailed(f"{failure.reason}; {found.told}", failure.next_step, uncertain=not clear)


def _refusal(request: WireRequest, answer: HttpAnswer) -> ActionFailed:
    told = f"{request.method} {request.url} was answered {answer.told}"
    if 300 <= answer.status < 400:
        return ActionFailed(told, "Redirects are not followed there; write where it leads to.", uncertain=True)
    if answer.status in (401, 403):
        return ActionFailed(told, "Check the host's credentials in acting.reach.http_request.")
    next_step = (
        "See the server's log." if answer.status >= 500 else "Check the request against the server's documentation."
    )
    return ActionFailed(told, next_step, uncertain=answer.status not in _CLEAR)


action = HttpRequest()
