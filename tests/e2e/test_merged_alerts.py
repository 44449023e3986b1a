"""Merged, loaded, evaluated: what a real Prometheus made of the files, as the lessons tell it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import requests

from tests.e2e.estate import Estate
from tests.servers.prometheus import PrometheusServer

pytestmark = pytest.mark.server

HOSTS = """\
groups:
  - name: hosts
    rules:
      - alert: HostDown
        expr: up{job="a", zone="b"} == 0
        for: 5m
        labels: {severity: page}
"""
SAME = HOSTS.replace('up{job="a", zone="b"} == 0', '0 == up{zone="b",job=~"a"}').replace("5m", "300s")
MORE = f"""{HOSTS}
      - alert: HostSlow
        expr: avg(latency_seconds) > 2
"""
OTHER_GROUP = MORE.replace("      - alert: HostSlow", "  - name: slow\n    rules:\n      - alert: HostSlow")
CANNOT = """\
groups:
  - name: hosts
    rules:
      - alert: HostDown
        expr: >-
          vector(1) + on () (label_replace(vector(1), "a", "1", "", "") or label_replace(vector(1), "a", "2", "", ""))
"""


def scanned(estate: Estate, url: str, declared: str) -> dict[str, str]:
    """The messages of tonight's drift by rule, of an estate whose files say ``declared``."""
    shipped = "alert-runs-as-declared, merged-alert-is-loaded, rule-can-be-evaluated"
    estate.write(
        "driftbot.yaml",
        f"""\
rules: {{shipped: [{shipped}]}}
sources:
  - {{name: prometheus, kind: prometheus, environment: production, url: "{url}"}}
  - {{name: alerts, kind: alert_files, environment: production, path: alerts}}
""",
    )
    estate.write("alerts/hosts.yaml", declared)
    done = estate.driftbot("scan", "--format", "json")
    assert done.code in {0, 2}, done.out + done.err
    found = done.report["findings"]
    return {entry["rule"]: entry["message"] for entry in found if entry["verdict"] == "drift"}


def test_another_text_is_no_difference_and_another_meaning_is(
    estate: Estate, prometheus_server: Callable[..., PrometheusServer]
) -> None:
    server = prometheus_server(rules={"hosts.yaml": SAME})
    server.wait_for_rules()
    assert scanned(estate, server.url, HOSTS) == {}
    server.use_rules({"hosts.yaml": HOSTS.replace("5m", "1h")})
    server.wait_for_rules()
    told = scanned(estate, server.url, HOSTS)
    assert told == {"alert-runs-as-declared": "running is not what the file says: for 5m → 1h"}


@pytest.mark.parametrize(
    ("declared", "told"),
    [
        (MORE, "the group hosts is loaded without it, as an older state of the file has it"),
        (OTHER_GROUP, "the group slow is not loaded; of hosts.yaml others are"),
    ],
)
def test_why_a_merged_alert_is_not_loaded(
    estate: Estate, prometheus_server: Callable[..., PrometheusServer], declared: str, told: str
) -> None:
    server = prometheus_server(rules={"hosts.yaml": HOSTS})
    server.wait_for_rules()
    assert scanned(estate, server.url, declared) == {"merged-alert-is-loaded": f"no server has loaded it: {told}"}
    with pytest.raises(requests.HTTPError):
        server.use_rules({"hosts.yaml": declared, "broken.yaml": "groups: ["})
    failed = f"the last reload of prometheus failed; {told}"
    assert scanned(estate, server.url, declared) == {"merged-alert-is-loaded": f"no server has loaded it: {failed}"}
    server.use_rules({"hosts.yaml": declared})
    server.wait_for_rules()
    assert scanned(estate, server.url, declared) == {}


def test_an_alert_that_cannot_be_evaluated(estate: Estate, prometheus_server: Callable[..., PrometheusServer]) -> None:
    server = prometheus_server(rules={"hosts.yaml": CANNOT})
    server.wait_for_rules()
    told = scanned(estate, server.url, CANNOT)
    assert list(told) == ["rule-can-be-evaluated"]
    assert told["rule-can-be-evaluated"].startswith("the server cannot evaluate it: found duplicate series")
