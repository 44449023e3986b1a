"""A delivery in a process of its own that ends at one of its boundaries as ``kill -9`` ends it."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path

from driftbot.config import load_config
from driftbot.core.digest import Digest, Standing
from driftbot.delivery.channel_memory import ChannelMemory
from driftbot.store.errors import Work
from driftbot.store.store import Store
from tests.notices import digest_scene as scene
from tests.notifiers.channel_scene import Moment, tools

COUNT = 12


def digest() -> Digest:
    """Findings that need several requests, one of them waived."""
    news = (
        scene.entry(Standing.NEW, f"shop/job-{number}", of_finding={"reasons": ("x" * 900,) * 9})
        for number in range(COUNT)
    )
    return scene.digest(*news, scene.entry(Standing.WAIVED, "shop/waived"))


def deliver(store_url: str, config: Path, channel: str, boundary: Callable[[str], None]) -> None:
    """Deliver that digest to one channel of the configuration, remembered in the store."""
    moment = Moment(scene.NOW)
    (chosen,) = [one for one in load_config(config).channels if one.name == channel]
    with Store.open(store_url) as store, store.lease("test", moment(), timedelta(hours=1), Work.DELIVER) as held:
        given = tools(ChannelMemory(store, channel, held), moment, boundary)  # type: ignore[arg-type]
        chosen.notifier.deliver(digest(), chosen.options, given)


def killer(number: int) -> Callable[[str], None]:
    """A boundary that kills this process the ``number``-th time."""
    left = [number]

    def boundary(_: str) -> None:
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    return boundary


def deliver_and_die(store_url: str, config: Path, channel: str, number: int, environment: Mapping[str, str]) -> None:
    """Deliver in this process, which is killed at the ``number``-th boundary (from 1; 0: never)."""
    os.environ.update(environment)
    deliver(store_url, config, channel, killer(number))
