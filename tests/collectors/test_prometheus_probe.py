"""What a URL offers, asked of real servers and of things that are none."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import pytest
import requests

from driftbot.collectors.prometheus_probe import Offer, Server, probe
from tests.servers.fake import Reply, fake_server
from tests.servers.process import Server as Process
from tests.servers.process import binary, free_port, start

RULES = {"a.yml": "groups: [{name: g, rules: [{alert: A, expr: vector(1) > 0}, {alert: B, expr: vector(1) > 2}]}]"}


@pytest.fixture
def session():
    with requests.Session() as session:
        session.trust_env = False
        yield session


def useful(probes):
    return {(one.base, one.offer, one.server) for one in probes if one.answered and one.offer is not Offer.STATUS}


@pytest.mark.server
def test_a_prometheus(prometheus_server, session):
    server = prometheus_server(rules=RULES)
    for url in (server.url, f"{server.url}/graph?g0.expr=up", server.url.removeprefix("http://")):
        probes = probe(url, session)
        assert useful(probes) == {
            (server.url, Offer.SERIES, Server.PROMETHEUS),
            (server.url, Offer.RULES, Server.PROMETHEUS),
        }
    assert "version 2." in str(probes[0]) and "2 rules in 1 groups" in str(probes[2])


@pytest.mark.server
def test_a_prometheus_under_a_prefix(prometheus_server, session):
    # The server is ready under its prefix only; the fixture waits for the plain path, so the prefix is a proxy's here.
    server = prometheus_server()

    def behind(request):
        if not request.path.startswith("/prometheus/"):
            return Reply(404, "404 page not found")
        answer = requests.get(server.url + request.path.removeprefix("/prometheus"), request.parameters, timeout=10)
        return Reply(answer.status_code, answer.content)

    with fake_server(behind) as proxy:
        probes = probe(proxy.url, session)
        assert {base for base, _, _ in useful(probes)} == {f"{proxy.url}/prometheus"}
        assert "404 page not found" in str(probes[0]), "what failed is said as well"


@pytest.mark.server
def test_victoria_metrics_and_vmalert(victoria_metrics_server, vmalert_server, session):
    store = victoria_metrics_server()
    probes = probe(store.url, session)
    assert useful(probes) == {(store.url, Offer.SERIES, Server.VICTORIA_METRICS)}
    assert "give driftbot the URL of vmalert" in str(probes[2])
    alert = vmalert_server(store.url, RULES)
    time.sleep(0.2)
    probes = probe(alert.url, session)
    assert useful(probes) == {(alert.url, Offer.RULES, Server.VICTORIA_METRICS)} or useful(probes) == {
        (alert.url, Offer.RULES, Server.VMALERT)
    }


@pytest.mark.server
def test_an_alertmanager_is_recognised(session):
    program = binary("prometheus-alertmanager")
    directory = Path(tempfile.mkdtemp(prefix="alertmanager-"))
    (directory / "am.yml").write_text("route: {receiver: none}\nreceivers: [{name: none}]\n")
    url = f"http://127.0.0.1:{free_port()}"
    command = [
        program,
        f"--config.file={directory / 'am.yml'}",
        f"--storage.path={directory}",
        f"--web.listen-address={url.removeprefix('http://')}",
        "--cluster.listen-address=",
    ]
    server = start(Process, command, url, directory, "/-/ready")
    try:
        probes = probe(url, session)
    finally:
        server.stop()
    assert not useful(probes)
    assert any("this is an Alertmanager" in str(one) for one in probes)


def test_nobody_there_is_tried_once(session):
    (only,) = probe("http://127.0.0.1:9", session)
    assert not only.answered and "cannot be reached" in str(only)


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (Reply(200, "<html>Sign in</html>", {"Content-Type": "text/html"}), "“<html>Sign in</html>” instead of JSON"),
        (Reply(401, b""), "it wants credentials"),
        (Reply(200, {"status": "fine"}), "not Prometheus' API"),
        (Reply(200, b"[]"), "not Prometheus' API"),
    ],
)
def test_what_is_no_prometheus_says_why_for_every_endpoint(reply, words, session):
    with fake_server(lambda _: reply) as server:
        probes = probe(server.url, session)
    assert len(probes) >= 10 and all(words in str(one) for one in probes)
