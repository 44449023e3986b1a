"""The ``serve`` section of ``driftbot.yaml``: when nights begin, what listens where, and who is told that we live."""

from __future__ import annotations

from datetime import timedelta
from ipaddress import ip_address
from typing import Annotated

from pydantic import AfterValidator, Field

from driftbot.credential import Credential
from driftbot.guards.options import Span, Strict, Zone
from driftbot.schedule.cron import read_cron


def _cron(text: str) -> str:
    read_cron(text)
    return text


def _address(text: str) -> str:
    """``address:port``, an IPv6 address in brackets; names other than ``localhost`` would hide what they mean."""
    host, _, port = text.rpartition(":")
    try:
        ip_address("127.0.0.1" if host == "localhost" else host.removeprefix("[").removesuffix("]"))
    except ValueError:
        raise ValueError("write an address and a port, like 127.0.0.1:9464, 0.0.0.0:9464 or [::1]:9464") from None
    if (":" in host) != host.startswith("["):
        raise ValueError("write an IPv6 address in brackets, like [::1]:9464")
    if not (port.isascii() and port.isdigit() and int(port) <= 65535):
        raise ValueError("the port is a number up to 65535; 0 takes a free one")
    return text


Cron = Annotated[str, AfterValidator(_cron)]
"""A cron expression of five fields."""
Address = Annotated[str, AfterValidator(_address)]
"""Where a server listens: ``127.0.0.1:9464``."""


class DeadMan(Strict):
    """A service that alarms when it is not pinged (healthchecks.io's way: URL, URL/start, URL/<exit code>)."""

    url: Annotated[Credential, Field(description="where the ping URL is; it is a secret")]
    timeout: Annotated[Span, Field(description="how long one ping may take")] = Field(
        default=timedelta(seconds=10), json_schema_extra={"default": "10s"}
    )


class ServeOptions(Strict):
    """When nights begin, and what `driftbot serve` listens on."""

    cron: Annotated[Cron, Field(description="when nights begin: a cron expression of five fields")] = "30 2 * * *"
    zone: Annotated[Zone, Field(description="IANA time zone of `cron`")] = "UTC"
    jitter: Annotated[Span, Field(description="nights begin up to so much later, at random")] = Field(
        default=timedelta(minutes=5), json_schema_extra={"default": "5m"}
    )
    catch_up: Annotated[
        Span, Field(description="a night missed while nothing ran is caught up once if it is not older than this")
    ] = Field(default=timedelta(days=1), json_schema_extra={"default": "1d"})
    longest_night: Annotated[Span, Field(description="a night that runs longer is stopped")] = Field(
        default=timedelta(hours=4), json_schema_extra={"default": "4h"}
    )
    listen: Annotated[Address, Field(description="address:port of health, metrics and Slack's requests")] = (
        "127.0.0.1:9464"
    )
    token: Annotated[
        Credential | None, Field(description="where the bearer token is that requests need; a must beyond loopback")
    ] = None
    dead_man: Annotated[DeadMan | None, Field(description="who is told that nights begin and how they end")] = None
