"""A night with a real Alertmanager: its file, what it runs, its silences, and the rules whose alerts it gets."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from tests.e2e.estate import RULES, Estate
from tests.servers.alertmanager import AlertmanagerServer

pytestmark = pytest.mark.server

RUNNING = """\
route:
  receiver: nobody
  routes:
  - matchers: ['severity=~"page|ticket"']
    receiver: nobody
  - matchers: ['severity="page"', 'team="basket"']
    receiver: pager
receivers:
- name: nobody
- name: pager
  pagerduty_configs: [{routing_key: 0123456789abcdef}]
- name: former
inhibit_rules:
- source_matchers: ['severity="page"']
  target_matchers: ['severity="warning"']
"""
LESSONS = (
    "inhibition-spares-others",
    "receiver-is-used",
    "route-can-be-reached",
    "route-reaches-somebody",
    "routing-runs-as-declared",
    "silence-ends",
    "silence-matches-an-alert",
    "silence-says-why",
)


def config(url: str) -> str:
    return f"""\
rules:
  shipped: [{", ".join(LESSONS)}]
sources:
  - {{name: alerts, kind: alert_files, environment: production, path: alerts}}
  - {{name: alertmanager, kind: alertmanager, environment: production, path: alertmanager.yml, url: "{url}"}}
"""


def drifts(report: dict[str, object]) -> set[tuple[str, str]]:
    found = report["findings"]
    assert isinstance(found, list)
    return {(one["rule"], one["subject"]["id"]) for one in found if one["verdict"] == "drift"}


def test_what_is_wrong_with_routing_and_silences_is_found(
    estate: Estate, alertmanager_server: Callable[..., AlertmanagerServer]
) -> None:
    server = alertmanager_server(RUNNING)
    now = datetime.now(UTC)
    long = server.silence([("alertname", "=", "CartSlow")], now, now + timedelta(days=365))
    vain = server.silence([("alertname", "=", "CartSlov")], now, now + timedelta(days=1), comment=" ")
    estate.write("driftbot.yaml", config(server.url))
    estate.write("alerts/shop.yaml", RULES)
    estate.write("alertmanager.yml", RUNNING.replace('team="basket"', 'team=~"basket|cart"'))
    ended = estate.driftbot("scan", "--format", "json")
    assert ended.code == 2, ended.out + ended.err
    catch_all = 'route:production/severity=~"page|ticket"'
    assert drifts(ended.report) == {
        ("route-reaches-somebody", catch_all),
        ("route-can-be-reached", 'route:production/severity="page",team="basket"'),
        ("route-can-be-reached", 'route:production/severity="page",team=~"basket|cart"'),
        ("routing-runs-as-declared", 'route:production/severity="page",team="basket"'),
        ("routing-runs-as-declared", 'route:production/severity="page",team=~"basket|cart"'),
        ("receiver-is-used", "receiver:production/former"),
        ("inhibition-spares-others", 'inhibition:production/severity="page" mutes severity="warning"'),
        ("silence-ends", f"silence:production/{long}"),
        ("silence-matches-an-alert", f"silence:production/{vain}"),
        ("silence-says-why", f"silence:production/{vain}"),
    }
    assert "0123456789abcdef" not in ended.out
    explained = estate.driftbot("explain", "route-reaches-somebody", catch_all)
    assert "alertmanager.yml" in explained.out or "/api/v2/status" in explained.out

    server.stop()
    blind = estate.driftbot("scan", "--format", "json")
    assert blind.code == 1
    assert not {rule for rule, _ in drifts(blind.report)} & {"silence-ends", "routing-runs-as-declared"}
