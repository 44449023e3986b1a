"""A user edits a signal: from that night on nothing is judged by what the old query measured."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from tests.e2e.estate import Estate
from tests.servers.prometheus import PrometheusServer
from tests.servers.remote_write import Samples, sample

pytestmark = pytest.mark.server

NOW, DAY = 1_762_000_000.0, 86400.0

RULE = """\
id: queue-is-short
title: A queue stays short
reference:
  url: https://sre.google/sre-book/monitoring-distributed-systems/
  summary: A queue that grows is a symptom that users feel.
why: A long queue is late work.
numbers: {2d: ours, 100: ours}
severity: low
owner: shop
review_by: 2030-01-01
for_each: service
expect: self.queue.length.max("2d") <= 100
message: "{self.queue.length.max('2d')} wait"
cases:
  - {name: long, series: {queue.length: {level: 500, over: 3d}}, verdict: drift}
"""


def config(url: str, query: str) -> str:
    return f"""\
rules: {{shipped: none, paths: [rules]}}
sources:
  - name: prometheus
    kind: prometheus
    environment: production
    url: "{url}"
    signals:
      - name: shop/queue
        kind: service
        key: queue.length
        unit: count
        meaning: Orders that wait to be handled.
        query: {query}
        subject: "{{service}}"
"""


def level(metric: str, service: str, value: float) -> Samples:
    return sample(metric, np.arange(NOW - 4 * DAY, NOW + DAY + 1, 300.0), value, service=service)


def night(estate: Estate, url: str, query: str, after: float) -> tuple[int, int]:
    """How many services drift and how many are fine, one night."""
    estate.write("driftbot.yaml", config(url, query))
    as_of = str(np.datetime64(int(NOW + after), "s"))
    counts = estate.driftbot("scan", "--as-of", as_of, "--format", "json").report["counts"]
    return counts["drift"], counts["ok"]


def test_samples_of_the_old_query_are_not_mixed_with_those_of_the_new(
    estate: Estate, prometheus_server: Callable[..., PrometheusServer]
) -> None:
    estate.write("rules/queue-is-short.yaml", RULE)
    waiting = [level("bytes_waiting", service, 500.0) for service in ("cart", "search")]
    server = prometheus_server(series=[*waiting, level("orders_waiting", "cart", 5.0)])
    assert night(estate, server.url, "bytes_waiting", 0) == (2, 0)
    assert night(estate, server.url, "bytes_waiting", 3600) == (2, 0)
    assert night(estate, server.url, "orders_waiting", 7200) == (0, 1), "nothing of the old query is judged"
    assert night(estate, server.url, "orders_waiting", DAY) == (0, 1), "nor is it read again later"
