"""Ctrl-C while something is done: once ends after the step under way, twice ends at once; both can be recovered."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interruption:
    """Why to stop now, to be asked between steps; empty while nobody pressed Ctrl-C or ended the process."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell, self._came, self._harmless = tell, "", False

    def __call__(self) -> str:
        """What came first, by its name."""
        return self._came

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """Work that nothing is lost of when it breaks off: here already the first one ends it.

        Raises:
            KeyboardInterrupt: it came, before the block or wherever that is in it.
        """
        self._harmless = True
        try:
            if self._came:
                raise KeyboardInterrupt
            yield
        finally:
            self._harmless = False

    def heard(self, number: int, _: FrameType | None) -> None:
        """A signal came: the first is told and remembered, unless it ends the work at once, as each later one does."""
        name = "Ctrl-C" if number == signal.SIGINT else signal.Signals(number).name
        if self._came:
            raise KeyboardInterrupt
        self._came = name
        if self._harmless:
            raise KeyboardInterrupt
        self._tell(
            f"{name}: stopping after the step under way, nothing more is begun; again ends at once, "
            "and the next run looks at what was done"
        )


@contextmanager
def interruption(tell: Callable[[str], None]) -> Iterator[Interruption]:
    """Hear of Ctrl-C and of the process being ended, in this block.

    Raises:
        KeyboardInterrupt: it came a second time, or while work ends at once; in the block, wherever that is.
    """
    interrupted = Interruption(tell)
    before = {number: signal.signal(number, interrupted.heard) for number in _SIGNALS}
    try:
        yield interrupted
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
