"""Alertmanagers are found by the address given, or by a Prometheus that sends its alerts there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import requests

from driftbot.config import parse_config
from driftbot.discovery.alertmanagers import FoundAlertmanager, look_for_alertmanagers
from driftbot.discovery.proposal import propose, sources
from driftbot.discovery.server import look_at
from driftbot.discovery.starting_pack import candidates
from tests.servers.fake import Reply, fake_server

CONFIG = "route: {receiver: r}\nreceivers: [{name: r}]\n"
PROMETHEUS = """\
alerting:
  alertmanagers:
  - path_prefix: /am
    static_configs: [{targets: ["%s"]}]
"""


def found_at(*addresses):
    return look_for_alertmanagers([look_at(address, requests.Session) for address in addresses], requests.Session)


@pytest.mark.server
def test_one_that_is_given_and_one_that_a_prometheus_names(alertmanager_server, prometheus_server):
    server = alertmanager_server(CONFIG, prefix="/am")
    target = server.url.removeprefix("http://").removesuffix("/am")
    prometheus = prometheus_server(config=PROMETHEUS % target)
    wait_for(prometheus)
    alertmanagers, servers = found_at(prometheus.url, server.url)
    assert alertmanagers == (FoundAlertmanager(server.url),)
    assert [one.url for one in servers] == [prometheus.url]
    text = propose(sources(servers, (), Path(), alertmanagers), (), "production", ())
    config = parse_config(text.encode(), Path("driftbot.yaml"))
    assert [(source.name, source.collector.kind) for source in config.sources] == [
        ("prometheus", "prometheus"),
        ("alertmanager", "alertmanager"),
    ]


def wait_for(prometheus):
    import time

    for _ in range(100):
        answer = requests.get(f"{prometheus.url}/api/v1/alertmanagers", timeout=5).json()
        if answer["data"]["activeAlertmanagers"]:
            return
        time.sleep(0.1)
    raise AssertionError("Prometheus names no Alertmanager")


def test_one_that_does_not_answer_from_here_is_a_comment():
    listed = {"activeAlertmanagers": [{"url": "http://127.0.0.1:9/api/v2/alerts"}, {"url": 7}, {"url": "x"}, 3]}
    body = json.dumps({"status": "success", "data": listed})
    with fake_server(lambda _: Reply(200, body)) as server:
        alertmanagers, servers = found_at(server.url)
    (found,) = alertmanagers
    assert found.url == "http://127.0.0.1:9"
    assert "cannot be reached" in found.problem
    text = propose(sources(servers, (), Path(), alertmanagers), (), "production", ())
    assert "# - name: alertmanager" in text
    assert [source.name for source in parse_config(text.encode(), Path("driftbot.yaml")).sources] == ["prometheus"]


@pytest.mark.parametrize(
    "reply", [Reply(404, "no"), Reply(200, "<html>"), Reply(200, '{"status": "success", "data": []}')]
)
def test_what_is_neither_names_none(reply):
    with fake_server(lambda _: reply) as server:
        alertmanagers, servers = found_at(server.url)
    assert alertmanagers == ()
    assert len(servers) == 1


def test_rules_that_rest_on_what_follows_belong_into_the_starting_pack():
    """A key that is derived has no source of its own."""
    fitting = {candidate.rule.id for candidate in candidates(["alertmanager"]) if not candidate.missing}
    assert {"route-reaches-somebody", "silence-matches-an-alert", "silence-ends"} <= fitting
    missing = {candidate.rule.id: candidate.missing for candidate in candidates(["catalog"])}
    assert missing["silence-matches-an-alert"] == ("silence alerts", "silence matchers", "silence muting")
