"""An event loop in a thread of its own: whoever is outside asks it to do things and waits."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from typing import TypeVar

Result = TypeVar("Result")
LONGEST_WAIT = 30.0
"""Seconds after which whoever asked is told that nothing came (``TimeoutError``)."""


class LoopThread:
    """The thread; everything that the loop's things do, they do there."""

    def __init__(self, name: str) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, name=name, daemon=True)

    @property
    def running(self) -> bool:
        """Whether it was started and has not ended."""
        return self._thread.is_alive()

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def end(self) -> None:
        """Stop the loop and wait for the thread."""
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(LONGEST_WAIT)
        self.loop.close()

    def wait_for(self, work: Awaitable[Result]) -> Result:
        """What the work comes to, done there."""

        async def done() -> Result:
            return await work

        return asyncio.run_coroutine_threadsafe(done(), self.loop).result(LONGEST_WAIT)

    def call(self, work: Callable[[], Result]) -> Result:
        """What the function returns, called there."""

        async def done() -> Result:
            return work()

        return self.wait_for(done())
