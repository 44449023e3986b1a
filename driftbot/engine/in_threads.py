"""Work in two threads at a time, with few items in flight: NumPy lets go of the interpreter, memory stays bounded."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

THREADS = 2
"""As many as the smallest machine that a night is planned for has cores; more gain little beside the interpreter."""

Item = TypeVar("Item")
Result = TypeVar("Result")


def in_threads(work: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
    """The results in the order of the items; an item is taken only when a thread is free for it.

    Raises:
        Exception: what the work on an item raised, where its result would have come.
    """
    waiting: deque[Future[Result]] = deque()
    with ThreadPoolExecutor(THREADS) as pool:
        for item in items:
            waiting.append(pool.submit(work, item))
            if len(waiting) >= THREADS:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
