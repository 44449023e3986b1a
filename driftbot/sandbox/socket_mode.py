"""Socket Mode: the app connects, payloads go down the WebSocket, acknowledgements come back up.

https://docs.slack.dev/apis/events-api/using-socket-mode describes hello, envelopes and disconnects.
"""

from __future__ import annotations

import asyncio
import json
import uuid
from dataclasses import dataclass, field
from enum import StrEnum

from aiohttp import WSMsgType, web

from driftbot.sandbox.acknowledgement import PATIENCE, Acknowledgement
from driftbot.sandbox.post import Json
from driftbot.sandbox.workspace import APP, Workspace


class Farewell(StrEnum):
    """Why the server asks a connection to be renewed."""

    WARNING = "warning"
    REFRESH = "refresh_requested"
    DISABLED = "link_disabled"


@dataclass(slots=True)
class SocketMode:
    """The connections of the app, how many were ever greeted, and the envelopes that wait for an answer."""

    workspace: Workspace
    patience: float = PATIENCE
    greeted: int = 0
    connections: list[web.WebSocketResponse] = field(default_factory=list)
    _waiting: dict[str, asyncio.Future[Json]] = field(default_factory=dict)
    _transports: list[asyncio.Transport] = field(default_factory=list)

    async def connected(self, request: web.Request) -> web.StreamResponse:
        """One connection, from its hello to its end; its ticket cannot be used again."""
        ticket = request.query.get("ticket", "")
        if ticket not in self.workspace.tickets:
            raise web.HTTPForbidden(text="this address was used, or never given")
        self.workspace.tickets.discard(ticket)
        connection = web.WebSocketResponse()
        await connection.prepare(request)
        assert request.transport is not None
        self.connections.append(connection)
        self._transports.append(request.transport)
        self.workspace.changed()
        try:
            await connection.send_json(self._hello())
            self.greeted += 1
            async for message in connection:
                if message.type is WSMsgType.TEXT:
                    self._answered(message.data)
        finally:
            position = self.connections.index(connection)
            del self.connections[position], self._transports[position]
            self.workspace.changed()
        return connection

    async def deliver(self, payload: Json) -> Acknowledgement:
        """Send an interaction down the newest connection and wait for its answer: older ones may be about to go."""
        if not self.connections:
            return Acknowledgement(False, problem="no app is connected")
        envelope = str(uuid.uuid4())
        answer = self._waiting[envelope] = asyncio.get_running_loop().create_future()
        content = {"type": "interactive", "envelope_id": envelope, "payload": payload, "accepts_response_payload": True}
        try:
            await self.connections[-1].send_json(content)
            return Acknowledgement(True, await asyncio.wait_for(answer, self.patience))
        except TimeoutError:
            return Acknowledgement(False, problem=f"the app did not answer within {self.patience:g} s")
        except ConnectionError:
            return Acknowledgement(False, problem="the connection broke")
        finally:
            del self._waiting[envelope]

    async def say_farewell(self, reason: Farewell) -> None:
        """Ask every connection to be renewed; all but a warned one are closed."""
        for connection in list(self.connections):
            await connection.send_json(
                {"type": "disconnect", "reason": reason.value, "debug_info": {"host": "sandbox"}}
            )
            if reason is not Farewell.WARNING:
                await connection.close()

    def drop(self) -> None:
        """Break every connection without a word."""
        for transport in self._transports:
            transport.abort()

    def _hello(self) -> Json:
        return {
            "type": "hello",
            "num_connections": len(self.connections),
            "connection_info": {"app_id": APP},
            "debug_info": {"host": "sandbox", "build_number": 1, "approximate_connection_time": 18060},
        }

    def _answered(self, text: str) -> None:
        try:
            answer = json.loads(text)
        except ValueError:
            return
        if not isinstance(answer, dict):
            return
        waiting = self._waiting.get(str(answer.get("envelope_id")))
        if waiting is not None and not waiting.done():
            payload = answer.get("payload")
            waiting.set_result(payload if isinstance(payload, dict) else {})
