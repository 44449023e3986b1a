"""The whole process: store, pages, signals and what goes on between nights, from start to end."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from aiohttp import web
from prometheus_client import CollectorRegistry

from driftbot.config import Config, load_config
from driftbot.core.failure import Failure
from driftbot.serve.event_log import Bridge, EventLog
from driftbot.serve.listening import Address, check_exposure
from driftbot.serve.metrics import registry_of
from driftbot.serve.metrics_page import MetricsPage
from driftbot.serve.pages import Questions, application
from driftbot.serve.serving import Serving, World, unreadable
from driftbot.store.store import Store


@dataclass(frozen=True, slots=True)
class Start:
    """How the process is started: its configuration (with the store that is meant), and whether a night begins at once.

    ``listening`` is told the address once it answers there.
    """

    config: Config
    store_url: str
    night_now: bool = False
    listening: Callable[[Address], None] = lambda address: None  # noqa: ARG005 - nobody has to be told


def serve(start: Start, world: World, log: EventLog) -> None:
    """Serve until SIGTERM or Ctrl-C.

    Raises:
        Failure: it cannot begin: the address is taken or exposed, the store cannot be opened.
    """
    logging.getLogger().handlers[:] = [Bridge(log)]
    address = check_exposure(start.config.serve)
    with Store.open(start.store_url) as store:
        asyncio.run(_Process(start, world, log, store, address).run())


class _Process:
    def __init__(self, start: Start, world: World, log: EventLog, store: Store, address: Address) -> None:
        self._start, self._log, self._address = start, log, address
        self._config = replace(start.config, store_url=start.store_url)
        self._clock = world.clock
        self._serving = Serving(self._config, store, world, log, start.night_now)
        self._metrics = MetricsPage(self._registry())
        self._reloading: asyncio.Task[None] | None = None

    async def run(self) -> None:
        """Until it is stopped."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._serving.stop)
        loop.add_signal_handler(signal.SIGHUP, self._begin_reload)
        async with self._pages() as address:
            at = f"http://{address.asked_at}"
            self._log.info("serve.begun", "nights are waited for", listen=at, cron=self._config.serve.cron)
            self._start.listening(address)
            await self._serving.run()
        self._log.info("serve.ended", "stopped as asked")

    @asynccontextmanager
    async def _pages(self) -> AsyncIterator[Address]:
        """Answer over HTTP; the address at which."""
        serving = self._serving
        questions = Questions(
            serving.alive,
            serving.ready,
            self._metrics.page,
            serving.scan,
            serving.chat.answer,
            lambda: self._config.serve.token,
        )
        runner = web.AppRunner(application(questions), access_log=None, handle_signals=False, shutdown_timeout=2.0)
        await runner.setup()
        site = web.TCPSite(runner, self._address.host, self._address.port)
        try:
            await site.start()
        except OSError as error:
            await runner.cleanup()
            raise Failure(
                f"serve.listen: {self._config.serve.listen} cannot be listened on: {error.strerror or error}",
                "Another `driftbot serve` may have it; name another port.",
            ) from error
        try:
            yield Address(self._address.host, int(runner.addresses[0][1]))
        finally:
            await runner.cleanup()

    def _begin_reload(self) -> None:
        """Reload after the reload under way, if any: the file that was written last is the one that holds."""
        self._reloading = asyncio.ensure_future(self._reload(self._reloading))

    async def _reload(self, before: asyncio.Task[None] | None) -> None:
        """Read the configuration again; what cannot be used, or needs a restart, leaves the old one in place."""
        path = self._config.path
        if before is not None:
            await asyncio.wait([before])
        try:
            found = await asyncio.to_thread(self._reread, path)
        except Failure as failure:
            self._log.failure("configuration.refused", failure)
            self._serving.reload(None, unreadable(failure))
            return
        self._config = found
        self._metrics.replace(self._registry())
        self._serving.reload(found)
        self._log.info("configuration.read", "what was changed holds from now on", cron=found.serve.cron)

    def _reread(self, path: Path) -> Config:
        found = load_config(path)
        fixed = self._start.store_url != self._start.config.store_url
        found = replace(found, store_url=self._start.store_url) if fixed else found
        if found.store_url != self._config.store_url:
            raise Failure("the store is another one", "Restart to change the store.")
        if found.serve.listen != self._config.serve.listen:
            raise Failure(f"serve.listen is {found.serve.listen} now", "Restart to listen elsewhere.")
        check_exposure(found.serve)
        return found

    def _registry(self) -> CollectorRegistry:
        return registry_of(self._config, self._start.store_url, self._clock, lambda: self._serving.attempt)
