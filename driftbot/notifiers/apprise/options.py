"""The options of a channel of kind ``apprise``, as written in ``driftbot.yaml``."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from driftbot.credential import Credential
from driftbot.notices.options import ChannelOptions
from driftbot.notifiers.heartbeat import Heartbeat


class AppriseOptions(ChannelOptions):
    """Any of the services that apprise knows (mail, Teams, Discord, Telegram, ntfy, …): one short text a night."""

    urls: Annotated[
        Credential, Field(description="where apprise's URLs are, one a line; they are secrets and never shown")
    ]
    heartbeat: Annotated[
        Heartbeat, Field(description="always: a text every night; changes: only where something changed")
    ] = Heartbeat.ALWAYS
    entries: Annotated[int, Field(ge=0, le=100, description="findings that are named; the others are counted")] = 10
    longest: Annotated[
        int, Field(ge=200, le=30_000, description="characters of a text; services with less room cut or split it")
    ] = 1_500
