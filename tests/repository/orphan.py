"""Processes that outlive the one that started them."""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path


def is_alive(process: int) -> bool:
    """Whether it still runs; a dead one that nobody has collected does not."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def children(process: int) -> list[int]:
    """The processes that it started and that still run."""
    try:
        return [int(word) for word in Path(f"/proc/{process}/task/{process}/children").read_text().split()]
    except OSError:
        return []


def descendants(process: int) -> list[int]:
    """Those, and the ones that they started: a push to a folder runs the remote's side as well."""
    own = children(process)
    return [*own, *(one for child in own for one in descendants(child))]


def awaited(processes: Iterable[int]) -> None:
    """Return once all of them have ended."""
    for process in processes:
        while is_alive(process):
            time.sleep(0.01)
