"""The Web API: ``POST /api/<method>``, answered as https://docs.slack.dev/apis/web-api says."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from driftbot.sandbox.arguments import Arguments
from driftbot.sandbox.call import Call
from driftbot.sandbox.fault import UPLOAD, Fault, FaultKind, Faults
from driftbot.sandbox.methods import METHODS
from driftbot.sandbox.methods.method import Method
from driftbot.sandbox.post import Json
from driftbot.sandbox.rate_limits import RateLimits
from driftbot.sandbox.refusal import Refused
from driftbot.sandbox.token import Token
from driftbot.sandbox.workspace import Workspace

LONGEST_HANG = 120.0
"""Seconds after which a call that was made to hang is answered all the same."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What is sent back."""

    body: Json
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class WebApi:
    """The methods over HTTP, with the faults, limits and log of a sandbox."""

    workspace: Workspace
    tokens: dict[str, Token]
    stopping: asyncio.Event
    faults: Faults = field(default_factory=Faults)
    limits: RateLimits = field(default_factory=RateLimits)
    log: list[Call] = field(default_factory=list)

    def routes(self) -> list[web.AbstractRouteDef]:
        """Where the methods and the uploads are."""
        return [
            web.route("*", "/api/{method}", self._called),
            web.post("/upload/v1/{file}", self._uploaded),
            web.get("/files/{file}", self._downloaded),
        ]

    async def _called(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["method"]
        try:
            given = await _given(request)
        except Refused as refusal:
            self._note(name, {}, refusal.error)
            return web.json_response(_refused(refusal).body)
        fault = self.faults.take(name)
        if fault is not None and not fault.kind.after_effect:
            self._note(name, given, fault.error or fault.kind)
            return await self._broken(request, fault)
        answer = self._answer(name, given, request.headers.get("Authorization", ""))
        self._note(name, given, str(answer.body.get("error", "ok")) + (f" ({fault.kind})" if fault else ""))
        if fault is not None:
            return await self._broken(request, fault)
        return web.json_response(answer.body, status=answer.status, headers=answer.headers)

    def _answer(self, name: str, given: Mapping[str, Any], authorization: str) -> Answer:
        try:
            method, token = METHODS.get(name), self._token(given, authorization)
            if method is None:
                raise Refused("unknown_method", req_method=name)
            token.demand(method.token, method.scopes)
            if wait := self.limits.wait(method, str(given.get("channel", "")), self.workspace.clock()):
                return _rate_limited(wait)
            return self._done(method, token, given)
        except Refused as refusal:
            return _refused(refusal)

    def _done(self, method: Method, token: Token, given: Mapping[str, Any]) -> Answer:
        body = method.answer(self.workspace, token, Arguments(given))
        if method.writes:
            self.workspace.changed()
        scopes = {"X-OAuth-Scopes": ",".join(sorted(token.scopes))}
        return Answer({"ok": True, **body}, headers=scopes)

    def _token(self, given: Mapping[str, Any], authorization: str) -> Token:
        secret = authorization.removeprefix("Bearer ").strip() or str(given.get("token", ""))
        if not secret:
            raise Refused("not_authed")
        if (token := self.tokens.get(secret)) is None:
            raise Refused("invalid_auth")
        return token

    async def _uploaded(self, request: web.Request) -> web.StreamResponse:
        file = self.workspace.uploads.get(request.match_info["file"])
        content = await _content(request)
        fault = self.faults.take(UPLOAD)
        wrong = file is None or file.content is not None or len(content) != file.length
        if file is not None and not wrong and (fault is None or fault.kind.after_effect):
            file.content = content
        answer = fault.error or fault.kind if fault else "invalid" if wrong else "ok"
        self._note(UPLOAD, {"file": request.match_info["file"], "bytes": len(content)}, answer)
        if fault is not None:
            return await self._broken(request, fault)
        return web.Response(status=500, text="invalid upload") if wrong else web.Response(text=f"OK - {len(content)}")

    async def _downloaded(self, request: web.Request) -> web.StreamResponse:
        file = self.workspace.uploads.get(request.match_info["file"])
        token = self.tokens.get(request.headers.get("Authorization", "").removeprefix("Bearer "))
        if file is None or file.content is None:
            raise web.HTTPNotFound
        if token is None or token.revoked or "files:read" not in token.scopes:
            raise web.HTTPForbidden
        return web.Response(body=file.content, content_type=file.mimetype)

    async def _broken(self, request: web.Request, fault: Fault) -> web.StreamResponse:
        match fault.kind:
            case FaultKind.ERROR:
                return web.json_response({"ok": False, "error": fault.error})
            case FaultKind.RATE_LIMITED:
                answer = _rate_limited(fault.retry_after)
                return web.json_response(answer.body, status=answer.status, headers=answer.headers)
            case FaultKind.SERVER_ERROR | FaultKind.SERVER_ERROR_AFTER:
                return web.Response(status=500, text="Internal Server Error")
            case FaultKind.MALFORMED | FaultKind.MALFORMED_AFTER:
                return web.Response(text='{"ok": true, "ts": "', content_type="application/json")
            case FaultKind.TIMEOUT | FaultKind.TIMEOUT_AFTER:
                await self._hang(request)
        if request.transport is not None:
            request.transport.abort()
        return web.Response()

    async def _hang(self, request: web.Request) -> None:
        ends = asyncio.get_running_loop().time() + LONGEST_HANG
        while request.transport is not None and not request.transport.is_closing() and not self.stopping.is_set():
            if asyncio.get_running_loop().time() > ends:
                return
            await asyncio.sleep(0.02)

    def _note(self, name: str, given: Mapping[str, Any], answer: str) -> None:
        arguments = {key: value for key, value in given.items() if key != "token"}
        self.log.append(Call(self.workspace.clock(), name, arguments, answer))


def _refused(refusal: Refused) -> Answer:
    body: Json = {"ok": False, "error": refusal.error, **refusal.details}
    if refusal.messages:
        body |= {"errors": list(refusal.messages), "response_metadata": {"messages": list(refusal.messages)}}
    return Answer(body)


def _rate_limited(wait: int) -> Answer:
    return Answer({"ok": False, "error": "ratelimited"}, 429, {"Retry-After": str(wait)})


async def _given(request: web.Request) -> dict[str, Any]:
    given: dict[str, Any] = dict(request.query)
    if request.content_type == "application/json":
        return given | _object(await request.read())
    return given | {name: value for name, value in (await request.post()).items() if isinstance(value, str)}


def _object(body: bytes) -> dict[str, Any]:
    try:
        read = json.loads(body or b"{}")
        json.dumps(read, ensure_ascii=False).encode()
    except ValueError:
        raise Refused("invalid_json") from None
    if not isinstance(read, dict):
        raise Refused("json_not_object")
    return read


async def _content(request: web.Request) -> bytes:
    """The bytes of a file: the body itself, or the first file of a form."""
    if request.content_type != "multipart/form-data":
        return await request.read()
    for value in (await request.post()).values():
        if isinstance(value, web.FileField):
            return value.file.read()
    return b""
