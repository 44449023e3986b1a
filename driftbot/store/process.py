"""Processes by name: who holds a lease, and whether that process is known to be gone."""

from __future__ import annotations

import os
import re
from pathlib import Path

_PROC = Path("/proc")
_MARK = re.compile(r" \[(?P<machine>[^\s\[\]]+) (?P<pid>\d+) (?P<started>\d+)\]$")
_STATE, _STARTED = 0, 19
"""Fields of ``/proc/<pid>/stat`` counted from behind the name (proc(5): fields 3 and 22)."""


def marked(holder: str) -> str:
    """The holder with the mark of this process, by which others on this machine can tell whether it still runs.

    Machines are told apart by boot and PID namespace: names and numbers alone are shared between containers. Where the
    system does not tell them (no ``/proc``), the holder is left as it is, and its lease ends by time alone.
    """
    machine, pid = _machine(), os.getpid()
    stat = _stat(pid)
    return f"{holder} [{machine} {pid} {stat[_STARTED]}]" if machine and stat else holder


def unmarked(holder: str) -> str:
    """The holder as people read it."""
    return _MARK.sub("", holder)


def is_here(holder: str) -> bool:
    """Whether the process that marked the holder is known to run on this machine; False where nobody can know."""
    mark = _MARK.search(holder)
    return mark is not None and mark["machine"] == _machine() and not is_gone(holder)


def is_gone(holder: str) -> bool:
    """Whether the process that marked the holder is known not to run any more; False where nobody can know."""
    mark = _MARK.search(holder)
    if mark is None or mark["machine"] != _machine():
        return False
    pid = int(mark["pid"])
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except OSError:
        pass
    stat = _stat(pid)
    # A number is given anew to another process, and a process that was killed keeps its number until it is waited for.
    return bool(stat) and (stat[_STARTED] != mark["started"] or stat[_STATE] in "ZX")


def _machine() -> str:
    try:
        boot = (_PROC / "sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{boot}/{(_PROC / 'self/ns/pid').stat().st_ino}"
    except OSError:
        return ""


def _stat(pid: int) -> list[str]:
    """The fields behind the process's name, which may hold anything; none where they cannot be read."""
    try:
        return (_PROC / str(pid) / "stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return []
