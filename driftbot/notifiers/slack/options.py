"""A Slack channel in ``driftbot.yaml``: where it is, and how much of a digest is told in its thread."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from driftbot.core.rule import Severity
from driftbot.notices.options import ChannelOptions


class SlackOptions(ChannelOptions):
    """One channel of the workspace that the section ``slack`` describes."""

    channel: Annotated[
        str,
        Field(
            pattern=r"^(#[^\s#]{1,80}|[CG][A-Z0-9]{6,})$",
            description="the channel: its id (C…, which survives renaming) or its #name",
        ),
    ]
    entries: Annotated[
        int, Field(ge=1, le=200, description="how many findings have an entry of their own in the thread, worst first")
    ] = 50
    broadcast: Annotated[
        Severity, Field(description="new findings this severe or worse are shown in the channel, too")
    ] = Severity.HIGH
    broadcasts: Annotated[
        int,
        Field(
            ge=0, le=50, description="how many of them, escalations included, at most at once; others: the thread only"
        ),
    ] = 5
    charts: Annotated[
        int, Field(ge=0, le=100, description="how many findings get a chart in the thread, worst first; 0: none")
    ] = 20
