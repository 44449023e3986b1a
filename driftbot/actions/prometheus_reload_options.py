"""Which servers may be told to reload: ``acting.reach.prometheus_reload``."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from driftbot.actions.strict import Strict


class PrometheusReloadOptions(Strict):
    """Which servers may be told to load their configuration and rules again."""

    sources: Annotated[tuple[str, ...], Field(description="names of sources of kind prometheus")] = ()
