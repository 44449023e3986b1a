"""Which servers requests may be sent to: ``acting.reach.http_request``."""

from __future__ import annotations

from collections import Counter
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from driftbot.actions.strict import Strict
from driftbot.collectors.prometheus_options import ServerOptions

HostName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")]


class Method(StrEnum):
    """The methods of HTTP that requests use."""

    GET = "GET"
    POST = "POST"
    PUT = "PUT"
    PATCH = "PATCH"
    DELETE = "DELETE"


class HttpHost(ServerOptions):
    """A server that requests may be sent to; ``url`` is where every one of them begins: scheme, host, port, path.

    Its secrets go to it alone: a playbook names the host and never a secret. ``retries`` and ``patience`` are those of
    checks; what changes something is sent once.
    """

    name: HostName = Field(description="what playbooks call it")
    methods: tuple[Method, ...] = Field(default=tuple(Method), min_length=1, description="methods that may be used")
    answer_bytes: int = Field(
        default=65_536, ge=1_024, le=16_777_216, description="how much of an answer is read; more is cut off and told"
    )


class HttpRequestOptions(Strict):
    """Which servers requests may be sent to; none is reached that is not named here, this machine included."""

    hosts: Annotated[tuple[HttpHost, ...], Field(description="the servers")] = ()

    @model_validator(mode="after")
    def _names_differ(self) -> Self:
        twice = [name for name, count in Counter(host.name for host in self.hosts).items() if count > 1]
        if twice:
            raise ValueError(f"two hosts are called {twice[0]!r}")
        return self
