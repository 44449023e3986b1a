"""Memory given back: glibc keeps what was freed for itself, thread by thread, until it is asked."""

from __future__ import annotations

import ctypes
from functools import cache
from typing import Any


def give_back() -> bool:
    """Give freed pages back to the system (malloc_trim(3), which walks all arenas); whether this system can.

    Takes milliseconds. Other C libraries than glibc have no such call and need none.
    """
    trim = _malloc_trim()
    if trim is None:
        return False
    trim(0)
    return True


@cache
def _malloc_trim() -> Any:
    try:
        return ctypes.CDLL(None).malloc_trim
    except (OSError, AttributeError, TypeError):
        return None
