"""Locks that a killed git left on driftbot's own references."""

from __future__ import annotations

import time
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

_OWN = ("refs", "driftbot")


def removed_if_stale(lock: Path, lifetime: float) -> bool:
    """Remove a lock of a reference of ours that is older than any command may run (``lifetime`` seconds).

    No living process can hold it. Locks of other references, the index and ``packed-refs`` are other people's.
    """
    parts = lock.parts
    if _OWN not in pairwise(parts):
        return False
    with suppress(OSError):
        if time.time() - lock.stat().st_mtime > lifetime:
            lock.unlink()
            return True
    return False
