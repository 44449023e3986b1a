"""The options of a channel of kind ``webhook``, as written in ``driftbot.yaml``."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from driftbot.collectors.prometheus_options import Seconds, Tls
from driftbot.credential import Credential
from driftbot.notices.options import ChannelOptions
from driftbot.notifiers.heartbeat import Heartbeat

HeaderName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]+$")]


class WebhookOptions(ChannelOptions):
    """An address that takes JSON: what changed since it took the last request."""

    url: Annotated[
        Credential, Field(description="where the address is; it is a secret, of which only the host is shown")
    ]
    secret: Annotated[
        Credential | None,
        Field(description="where the key is that requests are signed with (Standard Webhooks; whsec_… or any text)"),
    ] = None
    headers: dict[HeaderName, str | Credential] = Field(
        default_factory=dict, description="further headers, e.g. Authorization: {env: HOOK_TOKEN}"
    )
    heartbeat: Annotated[
        Heartbeat, Field(description="always: a request every night; changes: only where something changed")
    ] = Heartbeat.ALWAYS
    largest: Annotated[
        int,
        Field(ge=16_384, le=16_777_216, description="bytes of changes in one request; what is more comes in others"),
    ] = 262_144
    timeout: Annotated[Seconds, Field(gt=0, description="longest wait for an answer")] = 30.0
    retries: Annotated[
        int, Field(ge=0, le=20, description="repetitions after no answer, 408, 409, 425, 429 or 5xx")
    ] = 4
    tls: Tls = Field(default_factory=lambda: Tls.model_validate({}), description="certificates")
    proxy: Annotated[str | None, Field(description="URL of a proxy; the environment's proxies are not used")] = None
