"""Two replicas that evaluate the same alerts over samples that are never quite the same."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import pytest

from tests.e2e.estate import Estate
from tests.servers.prometheus import PrometheusServer
from tests.servers.remote_write import Samples, sample

pytestmark = pytest.mark.server

DAY = 86400.0
LESSONS = "alert-still-sees-data, rule-can-be-evaluated, threshold-fits-its-data, window-spans-four-scrapes"
RULES = """\
groups:
  - name: cart
    rules:
      - {alert: Gone, expr: 'rate(orders_open_total[1m]) > 3', labels: {severity: page}}
      - {alert: Noisy, expr: 'job_errors_ratio > 0.0101', labels: {severity: page}}
      - {alert: Short, expr: 'rate(orders_total[1m]) > 1e9', labels: {severity: page}}
"""
CONFIG = """\
rules: {{shipped: [{lessons}]}}
sources:
  - {{name: one, kind: prometheus, environment: production, url: "{one}"}}
  - {{name: other, kind: prometheus, environment: production, url: "{other}"}}
"""


def history(now: float, shift: float, days: float) -> list[Samples]:
    times = np.arange(now - days * DAY + shift, now, 60.0)
    noise = np.random.default_rng(int(shift)).normal(0, 0.001, len(times))
    level = 0.01 + 0.004 * np.sin(times / DAY * 2 * np.pi) + noise
    pace = np.arange(now - 2 * DAY + shift, now, 30.0)
    found = [sample("job_errors_ratio", times, level), sample("orders_total", pace, np.arange(len(pace)))]
    ended = times[times < now - 10 * DAY - shift]
    return found + ([sample("orders_open_total", ended, np.arange(len(ended)))] if len(ended) else [])


@pytest.mark.parametrize("days", [30, 5])
def test_a_pair_is_judged_as_one_server_would_be(
    estate: Estate, prometheus_server: Callable[..., PrometheusServer], days: float
) -> None:
    now = time.time()
    rules = {"cart.yaml": RULES}
    one, other = (prometheus_server(rules, history(now, *how)) for how in ((290.0, days), (17.0, 30)))
    for server in (one, other):
        server.wait_for_rules()
    estate.write("driftbot.yaml", CONFIG.format(lessons=LESSONS, one=one.url, other=other.url))
    ended = estate.driftbot("scan", "--format", "json")
    assert ended.code == 2, ended.out + ended.err
    found = {(one["rule"], one["subject"]["id"]): one["verdict"] for one in ended.report["findings"]}
    assert "unknown" not in found.values(), found
    assert {place for place, verdict in found.items() if verdict == "drift"} == {
        ("alert-still-sees-data", "alert:production/Gone"),
        ("threshold-fits-its-data", "condition:production/Noisy/1"),
        ("window-spans-four-scrapes", "condition:production/Short/1"),
    }
