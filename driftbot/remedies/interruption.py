"""Ctrl-C while something is done: once ends after the step under way, twice ends at once; both can be recovered."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def interruption(tell: Callable[[str], None]) -> Iterator[Callable[[], str]]:
    """Why to stop now, to be asked between steps; empty while nobody pressed Ctrl-C or ended the process.

    Raises:
        KeyboardInterrupt: it came a second time; in the block, wherever that is.
    """
    came: list[str] = []

    def heard(number: int, _: FrameType | None) -> None:
        name = "Ctrl-C" if number == signal.SIGINT else signal.Signals(number).name
        if came:
            raise KeyboardInterrupt
        came.append(name)
        tell(
            f"{name}: stopping after the step under way, nothing more is begun; again ends at once, "
            "and the next run looks at what was done"
        )

    before = {number: signal.signal(number, heard) for number in _SIGNALS}
    try:
        yield lambda: came[0] if came else ""
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
