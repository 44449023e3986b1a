"""The options of a source of kind ``prometheus``, as written in ``driftbot.yaml``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from driftbot.collectors.collector import Options
from driftbot.core.quantity import Unit, parse_quantity
from driftbot.credential import Credential, LocalPath
from driftbot.signals.reading import ReleaseEntry, SignalBook, SignalEntry


def _seconds(value: Any) -> Any:
    return parse_quantity(value, Unit.SECONDS).value if isinstance(value, str) else value


Seconds = Annotated[float, BeforeValidator(_seconds, json_schema_input_type=float | str), Field(ge=0)]
"""A duration: ``30s``, ``5m``, or a number of seconds."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class BasicAuthentication(_Part):
    """A user's name, and where the password is."""

    username: str
    password: Credential


class Tls(_Part):
    """How the server's certificate is checked, and with which one we show ourselves."""

    ca: LocalPath | None = Field(
        default=None, description="path of the authority's certificate (PEM); otherwise the public ones"
    )
    certificate: LocalPath | None = Field(default=None, description="path of our client certificate (PEM)")
    key: LocalPath | None = Field(default=None, description="path of its key (PEM)")
    verify: bool = Field(default=True, description="false accepts any certificate; only for a test server")

    @model_validator(mode="after")
    def _key_needs_certificate(self) -> Tls:
        if self.key and not self.certificate:
            raise ValueError("a client key needs its certificate")
        return self


class LoadBudget(_Part):
    """What a night may cost this server; what does not fit waits for the next night."""

    samples: int = Field(default=200_000_000, ge=1, description="samples the server may read for us in a night")
    query_time: Seconds = Field(default=600.0, description="time the server may evaluate our queries in a night")
    samples_per_request: int = Field(default=500_000, ge=1_000, description="samples one answer may hold")


class ServerOptions(Options):
    """A server that is asked over HTTP: where it is, how it knows us, and how patient we are."""

    url: str = Field(description="as in a browser, with its path prefix: https://prometheus.example.org/prometheus")
    basic: BasicAuthentication | None = Field(default=None, description="basic authentication")
    bearer: Credential | None = Field(default=None, description="bearer token")
    headers: Mapping[str, str | Credential] = Field(
        default={}, description="further headers, e.g. X-Scope-OrgID: tenant"
    )
    tls: Tls = Field(default_factory=lambda: Tls.model_validate({}), description="certificates")
    proxy: str | None = Field(default=None, description="URL of a proxy; the environment's proxies are not used")
    timeout: Seconds = Field(default=60.0, description="longest wait for an answer")
    retries: int = Field(
        default=2, ge=0, le=10, description="repetitions after a refused connection or 429, 502, 503, 504"
    )
    patience: Seconds = Field(default=30.0, description="longest pause that a Retry-After is obeyed for")

    @field_validator("url")
    @classmethod
    def _plain_url(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("write the URL with http:// or https:// and a host")
        if parts.username or parts.password:
            raise ValueError("keep credentials out of the URL; use `basic` with {env: NAME} or {file: path}")
        try:
            _ = parts.port
        except ValueError:
            # Also what comes of a password with a slash in it: neither may be repeated.
            raise ValueError("the port after the host is no number from 0 to 65535") from None
        if parts.query or parts.fragment:
            raise ValueError("write the URL without a query; tenants and tokens go into `headers`")
        return url.rstrip("/")

    @model_validator(mode="after")
    def _one_authentication(self) -> Self:
        if self.basic and self.bearer:
            raise ValueError("use either `basic` or `bearer`")
        return self


class PrometheusOptions(ServerOptions):
    """A Prometheus, or something that answers like one (VictoriaMetrics, vmalert, Thanos, Mimir)."""

    budget: LoadBudget = Field(default_factory=lambda: LoadBudget.model_validate({}), description="load budget")
    overlap: Seconds = Field(default=3600.0, description="what is fetched again each night, for samples that came late")
    rules: bool = Field(default=True, description="false for a server that only holds series")
    series: bool = Field(default=True, description="false for a server that only evaluates rules, as vmalert")
    fit_window: Seconds = Field(
        default=30 * 86400.0, gt=0, description="how far back alerts' thresholds are held against what was measured"
    )
    signals: tuple[SignalEntry, ...] = Field(
        default=(), description="further signals, or shipped ones with another query"
    )
    releases: tuple[ReleaseEntry, ...] = Field(
        default=(), description="further signals of releases (which versions run), or shipped ones with another query"
    )
    without: tuple[str, ...] = Field(default=(), description="names of shipped signals that are not measured here")

    @model_validator(mode="after")
    def _known_signals(self) -> PrometheusOptions:
        SignalBook.of(self.signals, self.without, self.releases)
        return self
