"""A Slack channel in ``driftbot.yaml``: where it is, and how much of a digest is told in its thread."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from driftbot.core.rule import Severity
from driftbot.notices.options import ChannelOptions
from driftbot.notifiers.slack.identifier import matching

_CHANNEL = r"^(#[^\s#]{1,80}|[CG][A-Z0-9]{6,})$"


class SlackOptions(ChannelOptions):
    """One channel of the workspace that the section ``slack`` describes."""

    channel: Annotated[
        str,
        AfterValidator(matching(_CHANNEL, "write the channel's id like C0123456789, or its name like #sre")),
        Field(
            description="the channel: its id (C…, which survives renaming) or its #name",
            json_schema_extra={"pattern": _CHANNEL},
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
