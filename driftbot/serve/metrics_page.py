"""The page of metrics: rendered aside, and for some seconds from memory, so that asking often costs little."""

from __future__ import annotations

import asyncio
import time

from prometheus_client import CollectorRegistry, generate_latest

FRESH = 10.0
"""Seconds for which a page is given again (ours: Prometheus asks every 15 to 60)."""


class MetricsPage:
    """Renders a registry; one rendering at a time. ``registry`` may be replaced."""

    def __init__(self, registry: CollectorRegistry, fresh: float = FRESH) -> None:
        self._registry, self._fresh = registry, fresh
        self._lock = asyncio.Lock()
        self._page, self._until = b"", 0.0

    def replace(self, registry: CollectorRegistry) -> None:
        """Render another registry from now on."""
        self._registry, self._until = registry, 0.0

    async def page(self) -> bytes:
        """The page, at most ``fresh`` seconds old."""
        async with self._lock:
            if time.monotonic() >= self._until:
                self._page = await asyncio.to_thread(generate_latest, self._registry)
                self._until = time.monotonic() + self._fresh
            return self._page
