"""What a URL offers: the endpoints of Prometheus and its relatives tried one by one, and why one did not answer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

import requests
from requests import Session

from driftbot.collectors.prometheus_answer import quoted
from driftbot.collectors.request_failure import cause

PROBE_TIMEOUT = 5.0
"""Seconds that one endpoint may take."""

PREFIXES = ("", "/prometheus", "/vmalert", "/select/0/prometheus", "/api/prom")
"""Paths that such servers are commonly put under: none, a reverse proxy's or Mimir's, vmalert's behind
VictoriaMetrics, vmselect's, and Cortex'."""


class Server(StrEnum):
    """What answers at a URL."""

    PROMETHEUS = "Prometheus"
    VICTORIA_METRICS = "VictoriaMetrics"
    VMALERT = "vmalert"
    ALERTMANAGER = "Alertmanager"
    COMPATIBLE = "a server that answers like Prometheus"


class Offer(StrEnum):
    """What an endpoint is good for."""

    RULES = "rules"
    SERIES = "series"
    STATUS = "status"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Probe:
    """One endpoint tried: the base URL for ``driftbot.yaml``, what it offers, and a sentence for a person.

    ``reason`` is empty where it answered; ``server`` is what seems to answer, None where nothing is known.
    """

    base: str
    path: str
    offer: Offer
    server: Server | None = None
    detail: str = ""
    reason: str = ""

    @property
    def answered(self) -> bool:
        """Whether the endpoint can be used."""
        return not self.reason

    def __str__(self) -> str:
        if self.reason:
            return f"{self.base}{self.path}: {self.reason}"
        who = f"{self.server}: " if self.server else ""
        return f"{self.base}{self.path}: {who}{self.detail}"


def probe(url: str, session: Session) -> tuple[Probe, ...]:
    """Try what the URL may offer: as written first, then under the usual prefixes; all tries in that order.

    Stops at the first base whose series or rules can be read; a server that cannot be reached is tried once. Asks for
    nothing but small answers and raises nothing for what the server does.
    """
    bases = _bases(url)
    tried: list[Probe] = []
    for base in bases:
        found = list(_probe_base(base, session))
        tried += found
        useful = {one.offer for one in found if one.answered} & {Offer.RULES, Offer.SERIES}
        if useful or any(one.offer is Offer.NOTHING for one in found):
            break
    return tuple(tried)


def _bases(url: str) -> tuple[str, ...]:
    """The URL without what people copy along (/graph, /api/v1/…), then its host under the usual prefixes."""
    text = url if "://" in url else f"http://{url}"
    plain = re.split(r"/(?:graph|alerts|rules|targets|query|vmui|api/v\d)(?:[/?#]|$)", text, maxsplit=1)[0]
    plain = plain.partition("?")[0].partition("#")[0].rstrip("/")
    parts = urlsplit(plain)
    host = f"{parts.scheme}://{parts.netloc}"
    return tuple(dict.fromkeys((plain, *(host + prefix for prefix in PREFIXES))))


def _probe_base(base: str, session: Session) -> Iterator[Probe]:
    build = _ask(base, "/api/v1/status/buildinfo", Offer.STATUS, session)
    yield build
    if build.offer is Offer.NOTHING:
        return
    server = build.server
    for path, offer in (("/api/v1/query?query=vector(1)", Offer.SERIES), ("/api/v1/rules", Offer.RULES)):
        found = _ask(base, path, offer, session, server)
        server = server or found.server
        yield found
    if server is None:
        alertmanager = _ask(base, "/api/v2/status", Offer.STATUS, session)
        if alertmanager.server is Server.ALERTMANAGER:
            yield alertmanager


def _ask(base: str, path: str, offer: Offer, session: Session, server: Server | None = None) -> Probe:
    try:
        response = session.get(base + path, timeout=PROBE_TIMEOUT)
        content = response.content
    except requests.RequestException as error:
        reason = f"cannot be reached: {cause(error)}"
        down = isinstance(error, requests.ConnectionError | requests.Timeout | requests.exceptions.InvalidURL)
        return Probe(base, path, Offer.NOTHING if down else offer, reason=reason)
    if not response.ok:
        return Probe(base, path, offer, _guess(content), reason=_refusal(response, content))
    try:
        body = response.json()
    except ValueError:
        return Probe(base, path, offer, reason=f"answered {quoted(content)} instead of JSON; is this its address?")
    return _understood(base, path, offer, server, body)


def _refusal(response: requests.Response, content: bytes) -> str:
    said = f"answered {response.status_code} {response.reason or ''}".rstrip()
    if response.status_code in (401, 403):
        return f"{said}; it wants credentials: `basic`, `bearer` or `headers` of the source"
    return f"{said}: {quoted(content)}"


def _guess(content: bytes) -> Server | None:
    return Server.VICTORIA_METRICS if b"unsupported path requested" in content else None


def _understood(base: str, path: str, offer: Offer, server: Server | None, body: Any) -> Probe:
    data = body.get("data") if isinstance(body, dict) else None
    if isinstance(body, dict) and "versionInfo" in body and "cluster" in body:
        version = (body["versionInfo"] or {}).get("version", "")
        reason = "this is an Alertmanager, which holds no rules and no series; name the Prometheus that sends to it"
        return Probe(base, path, Offer.STATUS, Server.ALERTMANAGER, version, reason)
    if not isinstance(body, dict) or body.get("status") != "success" or not isinstance(data, dict):
        return Probe(base, path, offer, server, reason="answered JSON that is not Prometheus' API")
    if offer is Offer.STATUS:
        version = str(data.get("version") or "")
        who = Server.PROMETHEUS if data.get("goVersion") else None if version else Server.VICTORIA_METRICS
        return Probe(
            base, path, offer, who or Server.COMPATIBLE, f"version {version}" if version else "no version said"
        )
    if offer is Offer.SERIES:
        return Probe(base, path, offer, server or Server.COMPATIBLE, "series can be measured")
    listed = data.get("groups")
    groups: list[Any] = listed if isinstance(listed, list) else []
    if server in (None, Server.VICTORIA_METRICS) and _is_vmalert(groups):
        server = Server.VMALERT
    count = sum(len(group.get("rules") or ()) for group in groups if isinstance(group, dict))
    if not groups and server is Server.VICTORIA_METRICS:
        return Probe(base, path, offer, server, reason="knows no rules; give driftbot the URL of vmalert as well")
    return Probe(base, path, offer, server or Server.COMPATIBLE, f"{count} rules in {len(groups)} groups")


def _is_vmalert(groups: list[Any]) -> bool:
    return any(isinstance(group, dict) and "concurrency" in group and "id" in group for group in groups)
