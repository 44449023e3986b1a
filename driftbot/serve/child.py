"""One child process: its lines told as they come, ended in steps when it has to end."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

LONGEST_LINE = 4000
"""Characters of one line that are told (ours)."""
MOST_LINES = 300
"""Lines of each output that are told; the rest is counted (ours)."""
_LINGER = 5.0
"""Seconds that the outputs may stay open after the child: a grandchild may hold them."""


class Ending(StrEnum):
    """How a child came to its end."""

    ENDED = "ended"
    STOPPED = "stopped"
    TOO_LONG = "too_long"


@dataclass(frozen=True, slots=True)
class Ended:
    """How it ended: its exit code (128 and the signal's number where a signal ended it, as shells say), and after how
    long.
    """

    code: int
    how: Ending
    took: timedelta


@dataclass(frozen=True, slots=True)
class StopStep:
    """One step of stopping: a signal, and the seconds for which its effect is waited for."""

    signal: signal.Signals
    seconds: float


STOPPING = (StopStep(signal.SIGTERM, 10.0), StopStep(signal.SIGTERM, 10.0), StopStep(signal.SIGKILL, 5.0))
"""The first asks to end after the step under way, a scan at once (no half night is kept), the second ends all at once,
the third is the end of its whole process group. Together they fit into the 30 seconds that Kubernetes gives (ours).
"""

Tell = Callable[[str, str], None]
"""Told each line with the output's name: ``out`` or ``err``."""


class Child:
    """A command running as a child in a session of its own: signals of a terminal do not reach it."""

    def __init__(self, process: asyncio.subprocess.Process, tell: Tell, stopping: Sequence[StopStep]) -> None:
        self._process, self._stopping = process, tuple(stopping)
        self._began = time.monotonic()
        self._how = Ending.ENDED
        self._stop: asyncio.Task[None] | None = None
        self._readers = [
            asyncio.ensure_future(_tell_lines(stream, name, tell))
            for name, stream in (("out", process.stdout), ("err", process.stderr))
            if stream is not None
        ]

    @classmethod
    async def begin(cls, command: Sequence[str], tell: Tell, stopping: Sequence[StopStep] = STOPPING) -> Child:
        """Start the command.

        Raises:
            OSError: it cannot be started.
        """
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(
            *command, stdin=asyncio.subprocess.DEVNULL, stdout=pipe, stderr=pipe, start_new_session=True
        )
        return cls(process, tell, stopping)

    @property
    def pid(self) -> int:
        """The number of the process, and of its group."""
        return self._process.pid

    async def ended(self, longest: timedelta | None = None) -> Ended:
        """Wait for its end; what runs longer than ``longest`` is stopped."""
        try:
            await asyncio.wait_for(
                asyncio.shield(self._process.wait()), longest.total_seconds() if longest is not None else None
            )
        except TimeoutError:
            self.stop(Ending.TOO_LONG)
        code = await self._process.wait()
        if self._stop is not None:
            self._stop.cancel()
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, signal.SIGKILL)  # what it left behind when it was stopped
        await self._read_out()
        took = timedelta(seconds=time.monotonic() - self._began)
        return Ended(code if code >= 0 else 128 - code, self._how, took)

    def stop(self, how: Ending = Ending.STOPPED) -> None:
        """Begin to stop it; asking twice does no harm."""
        if self._stop is None and self._process.returncode is None:
            self._how = how
            self._stop = asyncio.ensure_future(self._stop_in_steps())

    async def _stop_in_steps(self) -> None:
        for step in self._stopping:
            with suppress(ProcessLookupError):
                if step.signal is signal.SIGKILL:
                    os.killpg(self.pid, step.signal)
                else:
                    self._process.send_signal(step.signal)
            await asyncio.sleep(step.seconds)

    async def _read_out(self) -> None:
        _, open_still = await asyncio.wait(self._readers, timeout=_LINGER)
        for reader in open_still:
            reader.cancel()
        await asyncio.gather(*self._readers, return_exceptions=True)


async def _tell_lines(stream: asyncio.StreamReader, name: str, tell: Tell) -> None:
    """Tell line by line, of however long ones the beginning; the process is read to its end whatever it writes."""
    lines, rest = 0, b""
    while data := await stream.read(65536):
        *whole, rest = (rest + data).split(b"\n")
        rest = rest[: 4 * LONGEST_LINE]
        lines = _tell_some(whole, lines, name, tell)
    lines = _tell_some([rest], lines, name, tell)
    if lines > MOST_LINES:
        tell(name, f"… and {lines - MOST_LINES:,} more lines")


def _tell_some(found: Sequence[bytes], before: int, name: str, tell: Tell) -> int:
    """Tell those that are not empty, as long as there were not too many; how many there were by now."""
    for line in filter(None, map(_text, found)):
        before += 1
        if before <= MOST_LINES:
            tell(name, line)
    return before


def _text(line: bytes) -> str:
    return line[: 4 * LONGEST_LINE].decode(errors="replace").rstrip()[:LONGEST_LINE]
