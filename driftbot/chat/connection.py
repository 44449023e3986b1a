"""Socket Mode kept up: connected as soon as Slack lets us, connected again when it ends, and how that stands."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Event, Lock, Thread

from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler

from driftbot.core.failure import Failure
from driftbot.core.harmless import harmless
from driftbot.credential import CredentialMissing
from driftbot.notifiers.slack.answer import failure_of
from driftbot.notifiers.slack.workspace import SlackWorkspace

log = logging.getLogger("driftbot.chat")

# slack_sdk tells every attempt to connect again; how it stands is told by ``Connection.health``, to who asks.
_SILENT = logging.getLogger("driftbot.chat.socket_mode")
_SILENT.addHandler(logging.NullHandler())
_SILENT.setLevel(logging.CRITICAL)
_SILENT.propagate = False

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
"""Seconds between attempts at the first connection: twice as long each time, up to a minute (ours)."""
PING = 10.0
"""Seconds between pings, by which slack_sdk knows that a connection broke, and between attempts to connect again."""


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class ConnectionHealth:
    """Whether people are heard: ``told`` says why not, in a sentence; ``since`` is when that was found to change."""

    connected: bool
    told: str = ""
    since: datetime | None = None


@dataclass
class Connection:
    """One app's connection. All of its state is behind a lock, because slack_sdk's threads and ours ask for it."""

    handler: SocketModeHandler
    clock: Callable[[], datetime]
    _stop: Event = field(default_factory=Event)
    _lock: Lock = field(default_factory=Lock)
    _health: ConnectionHealth = ConnectionHealth(False, "it was not connected yet")

    def health(self) -> ConnectionHealth:
        """How it stands now."""
        connected = self.handler.client.is_connected()
        with self._lock:
            if connected != self._health.connected:
                told = "" if connected else "the connection to Slack is lost and tried for again"
                self._health = ConnectionHealth(connected, told, self.clock())
            return self._health

    def keep(self) -> None:
        """Connect, however often it takes; from then on slack_sdk connects again by itself."""
        pause = FIRST_PAUSE
        while not self._stop.is_set():
            told = self._connected()
            if not told:
                return
            with self._lock:
                if told != self._health.told:
                    self._health = ConnectionHealth(False, told, self.clock())
            self._stop.wait(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    def stop(self) -> None:
        """Try no more."""
        self._stop.set()

    def _connected(self) -> str:
        try:
            self.handler.connect()  # type: ignore[no-untyped-call]
        except Exception as error:  # whatever the client makes of what Slack or a proxy answers is a failed attempt
            failure = failure_of("apps.connections.open", self.handler.app.client.base_url, error)
            return harmless(f"{failure.told}. {failure.next_step}")
        # Where only the socket could not be had, slack_sdk says nothing here, and tries again by itself.
        return ""


def _closed(handler: SocketModeHandler) -> None:
    """End it: slack_sdk stumbles where its own thread closes the socket at that moment, and leaves the rest open."""
    for last in (False, True):
        try:
            handler.close()  # type: ignore[no-untyped-call]
            return
        except (AttributeError, OSError) as error:
            log.log(logging.WARNING if last else logging.DEBUG, "the connection to Slack did not end well: %s", error)


@contextmanager
def connected(app: App, workspace: SlackWorkspace, clock: Callable[[], datetime] = _now) -> Iterator[Connection]:
    """Socket Mode until the block ends. That Slack cannot be had is no error: ``health`` says so, until it can.

    Raises:
        Failure: there is no app token.
    """
    if workspace.app_token is None:
        raise Failure("Socket Mode needs the app's token", "Say with slack.app_token in driftbot.yaml where it is.")
    try:
        token = workspace.app_token.read()
    except CredentialMissing as error:
        raise Failure(f"the app's token is missing: {error}", "See slack.app_token in driftbot.yaml.") from None
    handler = SocketModeHandler(app, token, logger=_SILENT, ping_interval=PING)
    connection = Connection(handler, clock)
    keeper = Thread(target=connection.keep, name="driftbot-slack-connection", daemon=True)
    keeper.start()
    try:
        yield connection
    finally:
        connection.stop()
        keeper.join()
        _closed(handler)
