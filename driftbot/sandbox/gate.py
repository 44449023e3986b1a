"""Who may come in: only what asks for the loopback interface by its own name, so that a rebound DNS name does not."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import web

HOST = "127.0.0.1"
_NAMES = frozenset({HOST, "localhost", "[::1]"})

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def only_loopback(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse other hosts' names, and requests that pages of other sites make."""
    host = request.headers.get("Host", "")
    if host.rpartition(":")[0] not in _NAMES and host not in _NAMES:
        raise web.HTTPMisdirectedRequest(text="the sandbox answers to 127.0.0.1 and localhost only")
    origin = request.headers.get("Origin")
    if origin is not None and origin != f"http://{host}":
        raise web.HTTPForbidden(text="pages of other sites may not ask the sandbox")
    return await handler(request)
