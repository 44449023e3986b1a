"""Releases of every source beside a step of a real Prometheus' series: told once, kept, recorded and replayed alike."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime

import numpy as np
import pytest

from driftbot.core.marker import Cause
from driftbot.store.store import Store
from tests.e2e.estate import Estate
from tests.servers.grafana import TOKEN, grafana
from tests.servers.prometheus import PrometheusServer
from tests.servers.remote_write import Samples, sample

pytestmark = pytest.mark.server

DAY = 86400.0
NOW = datetime(2026, 10, 1, tzinfo=UTC).timestamp()
RELEASED = NOW - 20 * DAY

CONFIG = """\
rules:
  paths: [lessons]
  shipped: none
sources:
  - name: prometheus
    kind: prometheus
    environment: production
    url: "{prometheus}"
    rules: false
    signals:
      - {{name: shop/queue, kind: workload, key: queue.length, unit: count, meaning: Orders that wait.,
         query: "sum by (namespace, workload) (orders_waiting)", subject: "{{namespace}}/{{workload}}", step: 1h}}
  - {{name: deploys, kind: release_log, environment: production, path: deploys.jsonl}}
  - {{name: grafana, kind: grafana_annotations, environment: production, url: "{grafana}/grafana",
     bearer: {{env: GRAFANA_TOKEN}}, tags: [deploy], retries: 0}}
  - {{name: catalog, kind: catalog, environment: production, path: catalog.yaml}}
"""

LESSON = """\
id: queues-stay-short
title: Queues do not get longer from one day to the next
reference: {url: "https://example.org/queues", summary: A queue that stands is a service that is too slow.}
why: A longer queue is latency that nobody decided.
numbers: {0.1: ours, 60d: ours}
severity: medium
owner: shop
review_by: 2030-01-01
for_each: workload
let:
  step: self.queue.length.step("60d")
expect: step <= 0.1
message: 'the queue grew by {step}, {self.queue.length.step_cause("60d")}'
cases:
  - {name: a queue that stays, series: {queue.length: {level: 100, over: 60d}}, verdict: ok}
"""

CATALOG = """\
services:
  - name: cart
    owner: shop
    kubernetes: {namespace: shop, name: cart}
"""


def iso(time: float) -> str:
    return datetime.fromtimestamp(time, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def measured() -> list[Samples]:
    times = np.arange(NOW - 62 * DAY, NOW + DAY, 600.0)
    noise = np.random.default_rng(7)
    found = []
    for name in ("cart", "steady"):
        level = (
            100.0 * (1 + 0.02 * noise.normal(size=times.size)) * np.where((times > RELEASED) & (name == "cart"), 1.4, 1)
        )
        labels = {"namespace": "shop", "workload": name}
        found.append(sample("orders_waiting", times, level, **labels))
    for version, those in {"1": times[times <= RELEASED], "2": times[times > RELEASED]}.items():
        labels = {
            "namespace": "shop",
            "pod": "cart-6bcdf7f8d9-x2bcd",
            "container": "app",
            "image": f"shop/cart:{version}",
        }
        found.append(sample("kube_pod_container_info", those, 1.0, **labels))
    return found


def test_the_release_beside_a_step_is_named_and_a_recording_tells_the_same(
    estate: Estate, prometheus_server: Callable[..., PrometheusServer]
):
    server = prometheus_server(series=measured())
    with grafana() as annotations:
        annotations.add(RELEASED + 30, "deploy", "service:cart", "version:2.0")
        annotations.add(NOW - 40 * DAY, "deploy", "service:other", "version:9")
        estate.write("driftbot.yaml", CONFIG.format(prometheus=server.url, grafana=annotations.server.url))
        estate.write("lessons/queues-stay-short.yaml", LESSON)
        estate.write("catalog.yaml", CATALOG)
        entries = [
            {"service": "cart", "version": "old", "at": iso(NOW - 90 * DAY)},
            {"service": "cart", "version": "1.9.9", "at": iso(NOW - 50 * DAY)},
            {"service": "cart", "version": "2.0.0", "at": iso(RELEASED - 60), "commit": "3f2a91c0d5e6"},
        ]
        estate.write("deploys.jsonl", "".join(json.dumps(entry) + "\n" for entry in entries))

        first = estate.driftbot("scan", "--as-of", iso(NOW), "--format", "json", GRAFANA_TOKEN=TOKEN)
        recorded = estate.driftbot("record", "--as-of", iso(NOW), "--output", "bundle", GRAFANA_TOKEN=TOKEN)
        second = estate.driftbot("scan", "--as-of", iso(NOW + DAY / 2), "--format", "json", GRAFANA_TOKEN=TOKEN)
        annotations.server.requests.clear()
        blind = estate.driftbot("scan", "--as-of", iso(NOW + DAY), "--format", "json", GRAFANA_TOKEN="wrong")

    assert first.report["blindness"] == []
    assert first.code == 2, first.out + first.err
    (finding,) = first.report["findings"]
    assert finding["subject"]["name"] == "shop/cart"
    assert "release" in finding["message"], finding["message"]
    assert recorded.code == 0, recorded.out + recorded.err
    replays = [estate.driftbot("scan", "--replay", "bundle", "--format", "json") for _ in range(2)]
    assert replays[0].out == replays[1].out
    assert replays[0].report["findings"] == first.report["findings"]

    assert second.code == 2, second.out + second.err
    with Store.open(f"sqlite:///{estate.folder / 'driftbot.db'}") as store:
        kept = [
            (one.origin.source, str(one.subject), one.name, one.cause) for one in store.markers(start=NOW - 60 * DAY)
        ]
    assert kept == [
        ("deploys", "service:production/cart", "1.9.9", Cause.RELEASE),
        ("grafana", "service:production/other", "9", Cause.RELEASE),
        ("deploys", "service:production/cart", "2.0.0", Cause.RELEASE),
        ("grafana", "service:production/cart", "2.0", Cause.RELEASE),
        ("prometheus", "workload:production/shop/cart", "shop/cart:2", Cause.RELEASE),
    ]
    told = estate.driftbot("history", "workload:production/shop/cart").out
    assert "release 2.0.0 (3f2a91c0d5)" in told
    assert "release shop/cart:2" in told

    assert blind.code == 1
    (cause,) = blind.report["blindness"]
    assert "401" in cause["reason"] and TOKEN not in blind.out
    assert "release" in blind.report["findings"][0]["message"], "what earlier nights were told is still known"
