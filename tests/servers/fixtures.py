"""Pytest fixtures: factories of real servers that are stopped and removed after the test.

``prometheus_server(rules={"shop.yml": text}, series=[sample("up", times, 1, job="shop")])`` starts one and returns it;
a test may start several. Tests that use them carry ``@pytest.mark.server``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any, TypeVar

import pytest

from driftbot.sandbox.sandbox import Sandbox
from tests.servers.alertmanager import AlertmanagerServer, start_alertmanager
from tests.servers.process import Server
from tests.servers.prometheus import PrometheusServer, start_prometheus
from tests.servers.victoria_metrics import VictoriaMetricsServer, start_victoria_metrics, start_vmalert

AnyServer = TypeVar("AnyServer", bound=Server)


def _factory(start: Callable[..., AnyServer]) -> Iterator[Callable[..., AnyServer]]:
    with ExitStack() as running:

        def started(*positional: Any, **named: Any) -> AnyServer:
            server = start(*positional, **named)
            running.callback(server.stop)
            return server

        yield started


@pytest.fixture
def prometheus_server() -> Iterator[Callable[..., PrometheusServer]]:
    """``prometheus_server(rules=…, series=…, config=…, arguments=…, files=…)`` → a running Prometheus."""
    yield from _factory(start_prometheus)


@pytest.fixture
def victoria_metrics_server() -> Iterator[Callable[..., VictoriaMetricsServer]]:
    """``victoria_metrics_server(series=…)`` → a running VictoriaMetrics."""
    yield from _factory(start_victoria_metrics)


@pytest.fixture
def vmalert_server() -> Iterator[Callable[..., Server]]:
    """``vmalert_server(datasource_url, rules)`` → a running vmalert."""
    yield from _factory(start_vmalert)


@pytest.fixture
def alertmanager_server() -> Iterator[Callable[..., AlertmanagerServer]]:
    """``alertmanager_server(config, arguments=…, prefix=…)`` → a running Alertmanager."""
    yield from _factory(start_alertmanager)


@pytest.fixture
def slack_sandbox() -> Iterator[Sandbox]:
    """A running Slack of the test's own (``tests.servers.slack.client_of(slack_sandbox)`` is its client)."""
    with Sandbox() as sandbox:
        yield sandbox
