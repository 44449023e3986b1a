"""What the process answers over HTTP: how it is, its metrics, a scan on demand, and Slack's requests."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from driftbot.credential import Credential, CredentialMissing
from driftbot.serve.listening import is_bearer, names_loopback
from driftbot.serve.readiness import Check, is_ready

PROOF = "X-Driftbot"
"""A header that a form on a page elsewhere cannot send: what asks for a scan without a token has to have it."""
_LARGEST = 1024 * 1024
"""Bytes of a request; Slack's are far smaller."""
_SIGNED = "/slack/events"


class ScanAnswer(Enum):
    """What came of asking for a night: a status and a sentence."""

    BEGUN = (202, "a night begins")
    RUNNING = (409, "a night is running or about to begin; ask again when it has ended")
    STANDING_BY = (503, "another process begins the nights of this store; ask that one")
    STOPPING = (503, "this process is stopping")

    @property
    def status(self) -> int:
        """The HTTP status."""
        return int(self.value[0])

    @property
    def told(self) -> str:
        """The sentence."""
        return str(self.value[1])


@dataclass(frozen=True, slots=True)
class SlackAnswer:
    """What Slack is answered."""

    status: int
    body: str
    content_type: str = "application/json"


@dataclass(frozen=True, slots=True)
class Questions:
    """Who answers what. ``slack`` is given a request's body and headers; ``token`` is the one asked for now, if any."""

    alive: Callable[[], bool]
    ready: Callable[[], tuple[Check, ...]]
    metrics: Callable[[], Awaitable[bytes]]
    scan: Callable[[], ScanAnswer]
    slack: Callable[[str, dict[str, str]], Awaitable[SlackAnswer]]
    token: Callable[[], Credential | None]


def application(questions: Questions) -> web.Application:
    """The routes, and in front of them the question who asks."""

    async def healthz(_: web.Request) -> web.Response:
        alive = questions.alive()
        return web.Response(status=200 if alive else 503, text="alive\n" if alive else "the scheduler stands still\n")

    async def readyz(_: web.Request) -> web.Response:
        checks = questions.ready()
        ready = is_ready(checks)
        said = [{"name": check.name, "state": check.state.value, "told": check.told} for check in checks]
        return _json(200 if ready else 503, {"ready": ready, "checks": said})

    async def metrics(_: web.Request) -> web.Response:
        body = await questions.metrics()
        return web.Response(body=body, headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"})

    async def scan(request: web.Request) -> web.Response:
        if questions.token() is None and PROOF not in request.headers:
            return _json(403, {"told": f"send the header {PROOF}: 1, which no page elsewhere can send"})
        answer = questions.scan()
        return _json(answer.status, {"told": answer.told})

    async def slack(request: web.Request) -> web.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        answer = await questions.slack((await request.read()).decode(errors="replace"), headers)
        return web.Response(status=answer.status, text=answer.body, content_type=answer.content_type)

    app = web.Application(client_max_size=_LARGEST, middlewares=[_whoever_may(questions)])
    app.router.add_get("/healthz", healthz)
    app.router.add_get("/readyz", readyz)
    app.router.add_get("/metrics", metrics)
    app.router.add_post("/scan", scan)
    app.router.add_post(_SIGNED, slack)
    app.on_response_prepare.append(_say_little)
    return app


def _whoever_may(questions: Questions) -> Middleware:
    """With a token: who has it. Without: who names this machine. Slack's requests are signed, which is asked later."""

    @web.middleware
    async def asked(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path != _SIGNED and (refusal := _refusal(request, questions.token())) is not None:
            return refusal
        return await handler(request)

    return asked


def _refusal(request: web.Request, token: Credential | None) -> web.Response | None:
    if token is None:
        if names_loopback(request.host):
            return None
        return web.Response(status=421, text="name this machine: 127.0.0.1 or localhost\n")
    try:
        if is_bearer(request.headers.get("Authorization", ""), token):
            return None
    except CredentialMissing:
        return web.Response(status=503, text="the token to compare with cannot be read\n")
    return web.Response(status=401, text="a bearer token is needed\n", headers={"WWW-Authenticate": "Bearer"})


async def _say_little(_: web.Request, response: web.StreamResponse) -> None:
    response.headers["Server"] = "driftbot"
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"


def _json(status: int, body: dict[str, object]) -> web.Response:
    return web.Response(
        status=status, text=json.dumps(body, ensure_ascii=False) + "\n", content_type="application/json"
    )
