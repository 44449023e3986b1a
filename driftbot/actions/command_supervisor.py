"""Runs one program for driftbot and ends it, and all that it started, when its time is over or driftbot is gone.

A process of its own (``python -I -S command_supervisor.py``, the standard library alone). Its standard input is the
lifeline: a task comes on it as one line of JSON, and its end means that driftbot is gone, killed perhaps. The program
gets no input, a session of its own and only the environment of the task. Linux only: orphans become children of the
supervisor (PR_SET_CHILD_SUBREAPER), and the program dies with it (PR_SET_PDEATHSIG; both in prctl(2)).
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import selectors
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import IO, Any

PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
PART = 65_536
LONGEST_PIPE = 1 << 20
SWEEPS = 50


def main() -> None:
    """Read the task, run it, write what came of it as one line of JSON."""
    task = json.loads(sys.stdin.buffer.readline())
    os.set_blocking(sys.stdin.fileno(), False)
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    json.dump(run(task), sys.stdout)
    sys.stdout.flush()


def run(task: dict[str, Any]) -> dict[str, Any]:
    """Run the program: ``status`` is its exit code (negative: a signal), ``output`` what it printed, up to a limit."""
    try:
        program = subprocess.Popen(
            task["argv"],
            cwd=task["folder"],
            env=task["environment"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=_die_with_supervisor,
        )
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        return {"started": False, "reason": str(error)}
    try:
        output, dropped, ended_by = _watched(program, task["output_bytes"], task["seconds"])
    finally:
        _end_all(program)
    # Only now: what a child that was left behind goes on printing has no end.
    output, dropped = _kept(output, dropped, _rest(program.stdout), task["output_bytes"])
    return {
        "started": True,
        "status": program.wait(),
        "ended_by": ended_by,
        "output": output.decode("utf-8", "replace"),
        "dropped": dropped,
    }


def _die_with_supervisor() -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def _watched(program: subprocess.Popen[bytes], limit: int, seconds: float) -> tuple[bytes, int, str]:
    """What the program printed, how many bytes were dropped, and why it was ended; empty where it ended itself."""
    output, dropped, until = b"", 0, time.monotonic() + seconds
    assert program.stdout is not None
    with selectors.DefaultSelector() as watch:
        watch.register(sys.stdin, selectors.EVENT_READ)
        watch.register(program.stdout, selectors.EVENT_READ)
        while program.poll() is None:
            if time.monotonic() > until:
                return output, dropped, "time"
            for key, _ in watch.select(timeout=0.05):
                part = os.read(key.fd, PART)
                if key.fd == sys.stdin.fileno():
                    return output, dropped, "lifeline"
                if not part:
                    watch.unregister(program.stdout)
                output, dropped = _kept(output, dropped, part, limit)
    return output, dropped, ""


def _kept(output: bytes, dropped: int, part: bytes, limit: int) -> tuple[bytes, int]:
    """The output with one more part, as far as the limit allows, and how many bytes were dropped in all."""
    kept = part[: max(0, limit - len(output))]
    return output + kept, dropped + len(part) - len(kept)


def _rest(pipe: IO[bytes] | None) -> bytes:
    """What is still in the pipe; who got away may hold it open."""
    if pipe is None:
        return b""
    os.set_blocking(pipe.fileno(), False)
    rest = b""
    with contextlib.suppress(BlockingIOError):
        while len(rest) < LONGEST_PIPE and (part := os.read(pipe.fileno(), PART)):
            rest += part
    return rest


def _end_all(program: subprocess.Popen[bytes]) -> None:
    """Kill the program's session and whatever else it started; orphans are our own children by then."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(program.pid, signal.SIGKILL)
    program.wait()
    for _ in range(SWEEPS):
        orphans = _children()
        for orphan in orphans:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(orphan, signal.SIGKILL)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(orphan, os.WNOHANG)
        if not orphans:
            return
        time.sleep(0.01)


def _children() -> list[int]:
    """Our own children; the second field of ``/proc/<pid>/stat`` may hold anything, its closing bracket ends it."""
    found = []
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError, ValueError, IndexError):
            parent = (entry / "stat").read_text(errors="replace").rpartition(")")[2].split()[1]
            found += [int(entry.name)] if int(parent) == os.getpid() else []
    return found


if __name__ == "__main__":
    main()
