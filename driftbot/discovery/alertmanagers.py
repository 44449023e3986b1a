"""Alertmanagers: those whose address somebody gave, and those that a Prometheus sends its alerts to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from requests import Session

from driftbot.collectors.alertmanager_options import AlertmanagerOptions
from driftbot.collectors.alertmanager_server import STATUS, ask
from driftbot.collectors.alertmanager_server import connect as connect_alertmanager
from driftbot.collectors.prometheus_answer import AnswerProblem
from driftbot.collectors.prometheus_connection import connect
from driftbot.collectors.prometheus_options import PrometheusOptions
from driftbot.discovery.server import TIMEOUT_SECONDS, Server, shown

_ALERTMANAGERS = "/api/v1/alertmanagers"
_ENDS = ("/api/v2/alerts", "/api/v1/alerts")
MOST = 20
"""Alertmanagers that are asked whether they answer."""


@dataclass(frozen=True, slots=True, order=True)
class FoundAlertmanager:
    """An Alertmanager's address; ``problem`` says why it does not answer from here, empty where it does."""

    url: str
    problem: str = ""


def look_for_alertmanagers(
    servers: Sequence[Server], session: Callable[[], Session]
) -> tuple[tuple[FoundAlertmanager, ...], tuple[Server, ...]]:
    """The Alertmanagers, each once, and the servers that are none."""
    found: set[FoundAlertmanager] = set()
    others = []
    for server in servers:
        # Up to 0.26 it answers at /api/v1/alerts as a Prometheus does.
        itself = _tried(server.url or server.likely, session) if any(one.heard for one in server.tried) else None
        if itself is not None and not itself.problem:
            found.add(itself)
            continue
        others.append(server)
        if server.answers:
            found |= {_tried(url, session) for url in _named_by(server, session)[:MOST]}
    return tuple(sorted(found)), tuple(others)


def _named_by(server: Server, session: Callable[[], Session]) -> list[str]:
    """Where a Prometheus sends its alerts; nothing where it does not say."""
    options = PrometheusOptions(url=server.url, timeout=TIMEOUT_SECONDS, retries=0)
    try:
        data = connect(session(), options).get(_ALERTMANAGERS).data
    except AnswerProblem:
        return []
    active = data.get("activeAlertmanagers") if isinstance(data, dict) else None
    urls = {_base(entry.get("url")) for entry in active or () if isinstance(entry, dict)}
    return sorted(urls - {""})


def _base(url: Any) -> str:
    text = url if isinstance(url, str) else ""
    return next((text.removesuffix(end) for end in _ENDS if text.endswith(end)), "")


def _tried(url: str, session: Callable[[], Session]) -> FoundAlertmanager:
    try:
        options = AlertmanagerOptions.model_validate({"url": url, "timeout": TIMEOUT_SECONDS, "retries": 0})
        status = ask(connect_alertmanager(session(), options), options, STATUS, dict)
    except (AnswerProblem, ValidationError) as error:
        problem = f"{error.came}; {error.next_step}" if isinstance(error, AnswerProblem) else "it is no plain address"
        return FoundAlertmanager(shown(url), problem)
    return FoundAlertmanager(options.url, "" if "config" in status else "its status tells no configuration")
