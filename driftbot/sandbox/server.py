"""The server: everything that the sandbox answers to, on one port of the loopback interface."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from aiohttp import web

from driftbot.sandbox.gate import HOST, only_loopback
from driftbot.sandbox.hands import Hands
from driftbot.sandbox.methods.files import LARGEST
from driftbot.sandbox.page.routes import Page
from driftbot.sandbox.response_url import ResponseUrls
from driftbot.sandbox.secrets import Secrets
from driftbot.sandbox.socket_mode import Farewell, SocketMode
from driftbot.sandbox.web_api import WebApi
from driftbot.sandbox.workspace import Workspace

ENDING = 1.0
"""Seconds that requests have to end when the server does."""
_FORM = 1024
"""Bytes around a file in a form."""


@dataclass(slots=True)
class Server:
    """The parts of a sandbox, wired; used by its loop's thread only."""

    workspace: Workspace
    api: WebApi
    socket: SocketMode
    hands: Hands
    stopping: asyncio.Event
    _runner: web.AppRunner | None = field(default=None, init=False)

    @classmethod
    def wired(cls, workspace: Workspace, secrets: Secrets, rate_limits: bool, patience: float) -> Server:
        """A server of a workspace, not listening yet."""
        stopping = asyncio.Event()
        api = WebApi(workspace, secrets.tokens, stopping)
        api.limits.enforced = rate_limits
        socket = SocketMode(workspace, patience)
        return cls(
            workspace, api, socket, Hands(workspace, socket, secrets.signing_secret, patience=patience), stopping
        )

    async def listen(self, port: int) -> None:
        """Listen on the port (0: any that is free).

        Raises:
            OSError: it cannot be had.
        """
        application = web.Application(middlewares=[only_loopback], client_max_size=LARGEST + _FORM)
        page = Page(self.workspace, self.hands, self.stopping)
        application.add_routes([*self.api.routes(), *ResponseUrls(self.workspace).routes(), *page.routes()])
        application.add_routes([web.get("/link/", self.socket.connected)])
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=ENDING)
        await runner.setup()
        try:
            await web.TCPSite(runner, HOST, port).start()
        except OSError:
            await runner.cleanup()
            raise
        self._runner, self.workspace.base_url = runner, f"http://{HOST}:{runner.addresses[0][1]}"

    async def leave(self) -> None:
        """End all connections."""
        self.stopping.set()
        await self.socket.say_farewell(Farewell.DISABLED)
        if self._runner is not None:
            await self._runner.cleanup()
