"""The dead-man's ping: somebody else alarms when nights stop; told in order, again on failure, and never waited for."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from driftbot.core.exit_code import ExitCode
from driftbot.credential import CredentialMissing
from driftbot.serve.event_log import EventLog
from driftbot.serve_options import DeadMan

if TYPE_CHECKING:
    from aiohttp import ClientSession

WAITS = (2.0, 10.0, 30.0)
"""Seconds before each further try of a ping (ours)."""
_MOST_WAITING = 20
"""Pings that wait at most; the oldest goes first (ours)."""


class DeadManPings:
    """Pings of nights in their order: ``/start``, nothing for what ended with 0 or 2, else ``/<exit code>``.

    A night that drifts has worked, one that is blind has not (https://healthchecks.io/docs/signaling_failures/). The
    URL is a secret and never told. ``options`` may be changed while it runs.
    """

    def __init__(self, options: DeadMan | None, log: EventLog, waits: Sequence[float] = WAITS) -> None:
        self.options = options
        self._log, self._waits = log, tuple(waits)
        self._waiting: asyncio.Queue[str] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None

    def started(self) -> None:
        """A night began."""
        self._put("/start")

    def ended(self, code: int) -> None:
        """A night ended."""
        worked = code in (ExitCode.CLEAN, ExitCode.DRIFT)
        self._put("" if worked else f"/{min(code, 255)}")

    async def close(self, patience: float) -> None:
        """Send what waits, for so many seconds at most, and end."""
        if self._task is not None:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._waiting.join(), patience)
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def _put(self, what: str) -> None:
        if self.options is None:
            return
        if self._waiting.qsize() >= _MOST_WAITING:
            self._waiting.get_nowait()
            self._waiting.task_done()
        self._waiting.put_nowait(what)
        if self._task is None:
            self._task = asyncio.ensure_future(self._send_all())

    async def _send_all(self) -> None:
        from aiohttp import ClientSession

        async with ClientSession(trust_env=True) as session:
            while True:
                what = await self._waiting.get()
                try:
                    await self._send(session, what)
                finally:
                    self._waiting.task_done()

    async def _send(self, session: ClientSession, what: str) -> None:
        reason = ""
        for wait in (0.0, *self._waits):
            await asyncio.sleep(wait)
            if not (reason := await self._try(session, what)):
                return
        self._log.warning("dead_man.failed", f"the ping {what or '(success)'} could not be sent: {reason}")

    async def _try(self, session: ClientSession, what: str) -> str:
        """One try; why it failed, empty where it did not."""
        from aiohttp import ClientError, ClientTimeout, InvalidURL

        options = self.options
        if options is None:
            return ""
        try:
            url = _extended(options.url.read(), what)
            timeout = ClientTimeout(total=max(options.timeout.total_seconds(), 0.1))
            async with session.get(url, timeout=timeout) as answer:
                return "" if answer.ok else f"it answered {answer.status}"
        except CredentialMissing as missing:
            return str(missing)
        except (InvalidURL, ValueError):
            return "what stands at the place of its URL is no URL"
        except TimeoutError:
            return f"no answer within {options.timeout.total_seconds():g} s"
        except (ClientError, OSError) as error:
            return type(error).__name__  # their text names the URL


def _extended(url: str, what: str) -> str:
    """The URL with ``what`` behind its path, before its query.

    Raises:
        ValueError: it is no URL of HTTP.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError
    return parts._replace(path=parts.path.rstrip("/") + what).geturl() if what else url
