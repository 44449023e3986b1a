"""The way to Slack: its app built and connected while this process begins the nights, and its requests answered."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from driftbot.config import Config
from driftbot.core.failure import Failure
from driftbot.notifiers.slack.workspace import SlackWorkspace
from driftbot.serve.event_log import EventLog
from driftbot.serve.pages import SlackAnswer
from driftbot.serve.readiness import Check, CheckState

if TYPE_CHECKING:
    from slack_bolt import App

    from driftbot.chat.connection import Connection, ConnectionHealth
    from driftbot.chat.outcome import Aftermath

_AGAIN = 60.0
"""Seconds until a connection that could not be made is tried again (ours)."""


@dataclass(frozen=True, slots=True)
class Decided:
    """What a chat decision asks for: to be shown soon, and perhaps to apply a remedy's digest in somebody's name."""

    apply: tuple[str, str] | None = None


class ChatLink:
    """Slack's app, made only where the workspace says how interaction arrives; ``config`` may be replaced.

    What is decided in Slack's threads is told in the event loop. A connection that cannot be had keeps nobody waiting:
    it is tried again, and readiness says so.
    """

    def __init__(
        self, config: Config, clock: Callable[[], datetime], decided: Callable[[Decided], None], log: EventLog
    ) -> None:
        self.config = config
        self._clock, self._decided, self._log = clock, decided, log
        self._app: App | None = None
        self._made_of: SlackWorkspace | None = None
        self._made_with: Config | None = None
        self._connection: Connection | None = None
        self._ends = ExitStack()
        self._trouble, self._again = "", 0.0
        self._seen = self._lost = ""

    async def keep(self, wanted: bool) -> None:
        """Be connected, or not; what was configured otherwise since is made anew."""
        workspace = _interactive(self.config.slack) if wanted else None
        # Who may approve and how far the ladder goes stand elsewhere in the configuration than the workspace.
        if self._app is not None and (workspace != self._made_of or self.config != self._made_with):
            await self._drop()
        if workspace is not None and self._app is None and time.monotonic() >= self._again:
            await self._make(workspace)
        if self._connection is not None:
            self._tell(self._connection.health())

    def check(self) -> Check | None:
        """How it is; None where Slack is not configured to be heard."""
        workspace = _interactive(self.config.slack)
        if workspace is None:
            return None
        if self._trouble:
            return Check("chat", CheckState.DEGRADED, self._trouble)
        if self._app is None:
            return Check("chat", CheckState.DEGRADED, "Slack is not heard by this process")
        if self._connection is not None and not (health := self._connection.health()).connected:
            return Check("chat", CheckState.DEGRADED, health.told)
        how = "by Socket Mode" if workspace.app_token else "by HTTP, at /slack/events"
        return Check("chat", CheckState.FINE, f"Slack is heard {how}")

    async def answer(self, body: str, headers: dict[str, str]) -> SlackAnswer:
        """Answer a request that Slack sent by HTTP; its signature is looked at by the app."""
        app = self._app
        if app is None or self._made_of is None or self._made_of.signing_secret is None:
            return SlackAnswer(503, '{"told": "Slack is not heard here by HTTP now"}')
        from driftbot.chat.http_request import answer_http

        # slack_bolt reads a body before anybody looks at its signature, and raises where it has no shape.
        answer = await asyncio.to_thread(answer_http, app, body.encode(), headers)
        return SlackAnswer(answer.status, answer.body, answer.content_type.partition(";")[0])

    async def _make(self, workspace: SlackWorkspace) -> None:
        loop = asyncio.get_running_loop()

        def after(aftermath: Aftermath) -> None:
            apply = (aftermath.apply.digest, aftermath.apply.by) if aftermath.apply else None
            loop.call_soon_threadsafe(self._decided, Decided(apply))

        try:
            await asyncio.to_thread(self._connect, workspace, after)
        except Failure as failure:
            self._again = time.monotonic() + _AGAIN
            if failure.message != self._trouble:
                self._log.failure("chat.failed", failure)
            self._trouble = failure.message
            return
        self._made_of, self._trouble = workspace, ""
        self._log.info("chat.begun", "people may decide in Slack")

    def _connect(self, workspace: SlackWorkspace, after: Callable[[Aftermath], None]) -> None:
        from driftbot.chat.app import finish, slack_app
        from driftbot.chat.connection import connected

        config = self.config
        with ExitStack() as stack:
            app = slack_app(config, config.store_url, self._clock, after)
            stack.callback(finish, app)
            if workspace.app_token is not None:
                self._connection = stack.enter_context(connected(app, workspace, self._clock))
            self._app, self._made_with, self._ends = app, config, stack.pop_all()

    def _tell(self, health: ConnectionHealth) -> None:
        """Say once that Slack is lost, and once that it is heard again.

        Slack renews its connections all the time: only what is found lost twice in a row is.
        """
        told = "" if health.connected else health.told
        before, self._seen = self._seen, told
        if told == self._lost or (told and told != before):
            return
        self._lost = told
        if told:
            self._log.warning("chat.lost", f"nobody can decide in Slack now: {told}")
        else:
            self._log.info("chat.heard", "Slack is heard again")

    async def _drop(self) -> None:
        self._seen = self._lost = ""
        ends, self._ends = self._ends, ExitStack()
        self._app = self._made_of = self._made_with = self._connection = None
        try:
            await asyncio.to_thread(ends.close)
        except Exception as error:  # a connection that breaks while it ends has ended
            self._log.warning("chat.ended", f"the connection to Slack broke off: {type(error).__name__}")


def _interactive(workspace: SlackWorkspace | None) -> SlackWorkspace | None:
    """The workspace, where it says how interaction arrives."""
    heard = workspace is not None and (workspace.app_token is not None or workspace.signing_secret is not None)
    return workspace if heard else None
