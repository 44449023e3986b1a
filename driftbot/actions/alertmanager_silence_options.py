"""Where silences may be set, and how long: ``acting.reach.alertmanager_silence``."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from driftbot.actions.strict import Strict
from driftbot.collectors.prometheus_options import Seconds


class AlertmanagerSilenceOptions(Strict):
    """Where silences may be set, how long they may be, and what they have to name."""

    sources: Annotated[tuple[str, ...], Field(description="names of sources of kind alertmanager with a `url`")] = ()
    longest: Annotated[Seconds, Field(gt=0, description="the longest silence (ours: half a working day)")] = 14_400.0
    naming: Annotated[
        tuple[str, ...],
        Field(description="labels of which a silence has to fix each to one value (`=`), so that it cannot mute all"),
    ] = ("alertname",)
