"""Running a program below a supervisor: no shell, nothing of our environment, and an end that is sure to come."""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from driftbot.actions import command_supervisor

GRACE = 15.0
"""Seconds that the supervisor gets beyond the program's own time to end everything and say so."""


class Ended(StrEnum):
    """How it ended: by itself, because its time was over, or nobody knows (the supervisor itself was killed)."""

    ITSELF = ""
    TIME = "time"
    LOST = "lost"


class NotStarted(Exception):
    """The program was not started; the message says why."""


@dataclass(frozen=True, slots=True)
class Command:
    """What is run: absolute program and arguments, folder, the whole environment, seconds, bytes of output to keep."""

    argv: Sequence[str]
    folder: Path
    environment: Mapping[str, str]
    seconds: float
    output_bytes: int

    def text(self) -> str:
        """The task for the supervisor, one line."""
        task = {
            "argv": list(self.argv),
            "folder": str(self.folder),
            "environment": dict(self.environment),
            "seconds": self.seconds,
            "output_bytes": self.output_bytes,
        }
        return json.dumps(task) + "\n"


@dataclass(frozen=True, slots=True)
class Finished:
    """What came of it: exit code (negative: the signal), what it printed, and how many bytes more were dropped."""

    status: int
    ended: Ended
    output: str = ""
    dropped: int = 0


def run(command: Command) -> Finished:
    """Run it to its end.

    Where this process is killed, the supervisor ends the program and all that it started; so does leaving here early.

    Raises:
        NotStarted: the program was not started.
    """
    supervisor = subprocess.Popen(
        [sys.executable, "-I", "-S", command_supervisor.__file__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={},
        # Ctrl-C at the terminal is for driftbot, which lets the step under way finish.
        start_new_session=True,
    )
    assert supervisor.stdin is not None and supervisor.stdout is not None
    try:
        with contextlib.suppress(BrokenPipeError):
            supervisor.stdin.write(command.text().encode())
            supervisor.stdin.flush()
        return _understood(_said(supervisor.stdout.fileno(), command.seconds + GRACE))
    finally:
        _let_go(supervisor)


def _said(pipe: int, seconds: float) -> bytes:
    """All that the supervisor says until it ends, or until the time is over."""
    said, until = b"", time.monotonic() + seconds
    with selectors.DefaultSelector() as watch:
        watch.register(pipe, selectors.EVENT_READ)
        while (left := until - time.monotonic()) > 0 and watch.select(left):
            part = os.read(pipe, 65_536)
            if not part:
                break
            said += part
    return said


def _understood(said: bytes) -> Finished:
    try:
        result = json.loads(said)
    except ValueError:
        return Finished(0, Ended.LOST)
    if not result["started"]:
        raise NotStarted(result["reason"])
    ended = Ended.TIME if result["ended_by"] == "time" else Ended.LOST if result["ended_by"] else Ended.ITSELF
    return Finished(result["status"], ended, result["output"], result["dropped"])


def _let_go(supervisor: subprocess.Popen[bytes]) -> None:
    """Cut the lifeline and wait for the supervisor to end all."""
    for pipe in (supervisor.stdin, supervisor.stdout):
        with contextlib.suppress(OSError):
            if pipe is not None:
                pipe.close()
    try:
        supervisor.wait(timeout=GRACE)
    except subprocess.TimeoutExpired:
        supervisor.kill()
        supervisor.wait()
