"""The members of an Alertmanager cluster as they are sent alerts: each for itself, a refused alert costs no other."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from driftbot.actions.server_call import Reply, ServerCall, calling
from driftbot.collectors.alertmanager_options import AlertmanagerOptions
from driftbot.collectors.prometheus_answer import AnswerProblem, Trouble
from driftbot.notifiers.alertmanager.alert import Alert

ALERTS = "/api/v2/alerts"
BATCH = 256
"""Alerts in one request, as Prometheus sends them."""

_WRONG = 400
_TOO_LARGE_OR_WRONG = (_WRONG, 413)


@dataclass(frozen=True, slots=True)
class Refused:
    """An alert that a member does not take, and why in its own words."""

    alert: Alert
    reason: str


@dataclass(slots=True)
class Member:
    """One server. ``trouble`` is why nothing more is asked of it in this delivery.

    ``once`` repeats no request, for what must not be done twice.
    """

    call: ServerCall
    once: ServerCall
    trouble: AnswerProblem | None = None

    @property
    def url(self) -> str:
        """Where it is."""
        return self.call.options.url

    def send(self, alerts: Sequence[Alert]) -> tuple[Refused, ...]:
        """Send alerts, and say which of them are refused; nobody knows of any of them where trouble came."""
        if self.trouble is not None or not alerts:
            return ()
        try:
            return tuple(self._sent(alerts))
        except AnswerProblem as problem:
            self.trouble = problem
            return ()

    def _sent(self, alerts: Sequence[Alert]) -> Iterator[Refused]:
        """Send alerts; a request that is refused because of one of them is halved until that one is alone."""
        reply = self.call.send("POST", ALERTS, json=[alert.body() for alert in alerts])
        if reply.ok:
            return
        if reply.status not in _TOO_LARGE_OR_WRONG or (reply.status == _WRONG and not _is_json(reply)):
            raise _refusal(reply)
        if len(alerts) == 1:
            yield Refused(alerts[0], f"{reply.url} answered {reply.status}: {reply.quoted}")
            return
        middle = len(alerts) // 2
        yield from self._sent(alerts[:middle])
        yield from self._sent(alerts[middle:])


@contextmanager
def members(servers: Sequence[AlertmanagerOptions], seconds: float) -> Iterator[tuple[Member, ...]]:
    """Sessions with every server; ``seconds`` are left for everything, so no answer is waited for longer."""
    with ExitStack() as stack:
        patient = [server.model_copy(update={"timeout": min(server.timeout, max(seconds, 1.0))}) for server in servers]
        yield tuple(
            Member(stack.enter_context(calling(server)), stack.enter_context(calling(server, once=True)))
            for server in patient
        )


def _is_json(reply: Reply) -> bool:
    """Whether Alertmanager itself may have said it: others, such as a port that wants TLS, answer 400 in HTML to
    whatever they are sent.
    """
    try:
        json.loads(reply.content, strict=False)
    except ValueError:
        return False
    return True


def _refusal(reply: Reply) -> AnswerProblem:
    came = f"answered {reply.status}: {reply.quoted}"
    if reply.status in (401, 403):
        step = "check the credentials of this channel (`basic`, `bearer` or `headers`)"
    elif reply.status in (_WRONG, 404):
        step = "check the URL, its scheme and its path prefix: is this an Alertmanager with API v2?"
    elif 300 <= reply.status < 400:
        step = "redirects are not followed; write the URL that the server itself names"
    else:
        step = "see Alertmanager's log; the next delivery sends everything again"
    return AnswerProblem(Trouble.REFUSED, reply.url, came, step)
