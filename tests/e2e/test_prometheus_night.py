"""Nights against a real Prometheus and a real VictoriaMetrics: measured, judged, kept, and asked for only once."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import numpy as np
import pytest

from tests.e2e.estate import MANIFEST, RULES, Estate
from tests.servers.process import Server
from tests.servers.prometheus import PrometheusServer
from tests.servers.remote_write import Samples, sample
from tests.servers.victoria_metrics import VictoriaMetricsServer

pytestmark = pytest.mark.server

DAY = 86400
MIB = 2**20


def config(url: str) -> str:
    return f"""\
rules:
  shipped: [memory-limit-has-room, alert-runs-as-declared, merged-alert-is-loaded]
sources:
  - {{name: prometheus, kind: prometheus, environment: production, url: "{url}"}}
  - {{name: manifests, kind: kubernetes_manifests, environment: production, path: kubernetes}}
  - {{name: alerts, kind: alert_files, environment: production, path: alerts}}
"""


def working_set(now: float, days: Sequence[float], level: float) -> Samples:
    """A container's memory over some days before now, at five minutes."""
    times = np.arange(now - days[0] * DAY, now - days[1] * DAY, 300.0)
    return sample(
        "container_memory_working_set_bytes",
        times,
        level,
        namespace="shop",
        pod="cart-6d4cf56db6-x7k2p",
        container="cart",
    )


def laid_out(estate: Estate, url: str) -> None:
    estate.write("driftbot.yaml", config(url))
    estate.write("kubernetes/cart.yaml", MANIFEST)
    estate.write("alerts/shop.yaml", RULES)


def test_a_limit_that_is_nearly_used_is_found_explained_and_resolved(
    estate: Estate, prometheus_server: Callable[..., PrometheusServer]
) -> None:
    now = time.time()
    server = prometheus_server(rules={"shop.yaml": RULES}, series=[working_set(now, (32, 0), 480 * MIB)])
    laid_out(estate, server.url)

    first = estate.driftbot("scan")
    assert first.code == 2, first.out + first.err
    assert "used 480Mi of 512Mi within 30 days" in first.out

    told = estate.driftbot("explain", "memory-limit-has-room", "shop/cart")
    assert told.code == 0, told.err
    for part in ("kubernetes/cart.yaml:15", "container_memory_working_set_bytes", "zalando", "720Mi"):
        assert part in told.out, part

    estate.write("kubernetes/cart.yaml", MANIFEST.replace("512Mi", "1Gi"))
    second = estate.driftbot("scan")
    assert second.code == 0, second.out + second.err
    life = estate.driftbot("history", "workload:production/shop/cart", "resources.limits.memory")
    assert "512Mi" in life.out
    assert "1Gi" in life.out


def test_the_second_night_asks_only_for_what_is_new(
    estate: Estate, prometheus_server: Callable[..., PrometheusServer]
) -> None:
    now = time.time()
    server = prometheus_server(rules={"shop.yaml": RULES}, series=[working_set(now, (32, 0), 200 * MIB)])
    laid_out(estate, server.url)
    answered = 'prometheus_http_response_size_bytes_sum{handler="/api/v1/query_range"}'
    assert estate.driftbot("scan", "--as-of", iso(now)).code == 0
    before = own_metric(server, answered)
    assert estate.driftbot("scan", "--as-of", iso(now + 60)).code == 0
    second = own_metric(server, answered) - before
    assert 0 < second < before / 10


def test_a_prometheus_that_is_down_makes_the_night_blind_and_loses_nothing(
    estate: Estate, prometheus_server: Callable[..., PrometheusServer]
) -> None:
    now = time.time()
    server = prometheus_server(rules={"shop.yaml": RULES}, series=[working_set(now, (32, 0), 480 * MIB)])
    laid_out(estate, server.url)
    assert estate.driftbot("scan").code == 2
    server.stop()
    blind = estate.driftbot("scan", "--format", "json")
    assert blind.code == 1, blind.out + blind.err
    assert server.url in blind.out
    standing = estate.driftbot("explain", "memory-limit-has-room", "shop/cart")
    assert "480Mi" in standing.out
    assert "first seen" in standing.out


def test_a_rule_that_was_merged_but_never_loaded_is_found(
    estate: Estate, prometheus_server: Callable[..., PrometheusServer]
) -> None:
    now = time.time()
    server = prometheus_server(
        rules={"shop.yaml": RULES.replace("0.5", "0.9")}, series=[working_set(now, (32, 0), 200 * MIB)]
    )
    laid_out(estate, server.url)
    found = estate.driftbot("scan")
    assert found.code == 2, found.out + found.err
    assert "alert-runs-as-declared" in found.out


def test_alerts_that_vanish_from_the_running_server_are_found_and_resolve_when_they_are_back(
    estate: Estate, prometheus_server: Callable[..., PrometheusServer]
) -> None:
    server = prometheus_server(rules={"shop.yaml": RULES})
    laid_out(estate, server.url)
    clean = estate.driftbot("scan")
    assert clean.code == 0, clean.out + clean.err

    server.use_rules({})
    found = estate.driftbot("scan")
    assert found.code == 2, found.out + found.err
    assert "no server has loaded it" in found.out
    assert about_alerts(estate) == [("CartSlow", "drift")]

    server.use_rules({"shop.yaml": RULES})
    server.wait_for_rules()
    back = estate.driftbot("scan")
    assert back.code == 0, back.out + back.err
    assert "Resolved: 1 finding" in back.out


def test_an_alert_that_was_declared_and_never_loaded_is_drift_only_where_a_server_is_asked(
    estate: Estate, prometheus_server: Callable[..., PrometheusServer]
) -> None:
    gone = (
        RULES.replace("name: shop", "name: gone").replace("CartSlow", "CartGone").replace("job:latency", "cart:alive")
    )
    server = prometheus_server(rules={"shop.yaml": RULES})
    laid_out(estate, server.url)
    estate.write("alerts/gone.yaml", gone)
    assert about_alerts(estate) == [("CartGone", "drift")]

    server.stop()
    assert about_alerts(estate) == [("CartGone", "unknown"), ("CartSlow", "unknown")]


def test_an_estate_without_a_server_is_not_told_that_nothing_is_loaded(estate: Estate) -> None:
    laid_out(estate, "http://127.0.0.1:1")
    lines = config("http://127.0.0.1:1").splitlines(keepends=True)
    estate.write("driftbot.yaml", "".join(line for line in lines if "kind: prometheus" not in line))
    assert about_alerts(estate) == []


def test_a_server_without_files_is_not_held_against_files_that_nobody_reads(
    estate: Estate, prometheus_server: Callable[..., PrometheusServer]
) -> None:
    server = prometheus_server(rules={"shop.yaml": RULES})
    laid_out(estate, server.url)
    lines = config(server.url).splitlines(keepends=True)
    estate.write("driftbot.yaml", "".join(line for line in lines if "kind: alert_files" not in line))
    assert about_alerts(estate) == []


def test_victoria_metrics_and_vmalert_answer_the_same(
    estate: Estate,
    victoria_metrics_server: Callable[..., VictoriaMetricsServer],
    vmalert_server: Callable[..., Server],
) -> None:
    now = time.time()
    storage = victoria_metrics_server(series=[working_set(now, (32, 0), 480 * MIB)])
    alerting = vmalert_server(storage.url, {"shop.yaml": RULES})
    laid_out(estate, storage.url)
    text = (
        config(storage.url)
        .replace(
            "sources:\n",
            f'sources:\n  - {{name: vmalert, kind: prometheus, environment: production, url: "{alerting.url}", '
            "series: false}\n",
        )
        .replace(f'url: "{storage.url}"}}', f'url: "{storage.url}", rules: false}}')
    )
    estate.write("driftbot.yaml", text)
    found = estate.driftbot("scan")
    assert found.code == 2, found.out + found.err
    assert "used 480Mi of 512Mi within 30 days" in found.out


def about_alerts(estate: Estate) -> list[tuple[str, str]]:
    """Which alerts are perhaps not loaded, and the verdicts."""
    found = estate.driftbot("scan", "--format", "json").report["findings"]
    ours = (entry for entry in found if entry["rule"] == "merged-alert-is-loaded")
    return [(entry["subject"]["name"], entry["verdict"]) for entry in ours]


def iso(seconds: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def own_metric(server: PrometheusServer, name: str) -> float:
    """A counter of the server itself, from its own metrics page."""
    import requests

    with requests.Session() as session:
        session.trust_env = False
        text = session.get(f"{server.url}/metrics", timeout=10).text
    return sum(float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if line.startswith(name))
