"""Probing: every endpoint is tried, one bad answer ends nothing, and addresses are understood as people copy them."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import requests

from driftbot.discovery.server import look_at

RULES = """\
groups:
  - name: shop
    rules:
      - {alert: Slow, expr: up == 0, labels: {team: checkout}}
      - {alert: Dead, expr: up == 0, labels: {team: checkout}}
      - {alert: Full, expr: up == 0, labels: {owner: storage}}
"""


def session() -> requests.Session:
    return requests.Session()


@contextmanager
def serving(answers: Mapping[str, tuple[int, bytes]]) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = answers.get(self.path.partition("?")[0], (404, b"<html>not here</html>"))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def good(data: object) -> tuple[int, bytes]:
    return 200, json.dumps({"status": "success", "data": data}).encode()


@pytest.mark.server
@pytest.mark.parametrize("page", ["", "/", "/graph", "/api/v1"])
def test_a_real_prometheus_answers_everywhere(prometheus_server, page):
    running = prometheus_server(rules={"shop.yml": RULES})
    found = look_at(running.url + page, session)
    assert (found.url, found.rules) == (running.url, 3)
    assert [tried.problem for tried in found.tried] == [""] * 6
    assert found.teams == (("checkout", 2), ("storage", 1))


@pytest.mark.server
def test_a_real_victoria_metrics_can_be_measured(victoria_metrics_server):
    found = look_at(victoria_metrics_server().url, session)
    assert found.answers
    assert found.tried[0].told == "series can be measured"


def test_one_bad_answer_ends_nothing():
    with serving({"/api/v1/query": (500, b"oops"), "/api/v1/rules": good({"groups": []})}) as url:
        found = look_at(url, session)
    assert (found.url, found.rules, len(found.tried)) == (url, 0, 6)
    assert "500" in found.tried[0].problem
    assert found.tried[1].told == "0 rule groups"


def test_an_api_below_a_prefix_is_found():
    with serving({"/prometheus/api/v1/query": good({"resultType": "vector", "result": []})}) as url:
        found = look_at(url, session)
    assert (found.url, found.rules) == (f"{url}/prometheus", None)
    assert len(found.tried) == 12


def test_a_host_where_nothing_answers_is_asked_six_times_and_every_reason_told():
    with serving({}) as url:
        pass
    found = look_at(url, session)
    assert (found.answers, len(found.tried)) == (False, 6)
    assert all("cannot be reached" in tried.problem for tried in found.tried)


def test_a_page_that_is_no_such_api_is_asked_under_every_prefix():
    with serving({}) as url:
        found = look_at(url, session)
    assert (found.answers, len(found.tried)) == (False, 24)
    assert all(tried.problem for tried in found.tried)


@pytest.mark.parametrize(
    "address",
    ["ftp://host", "http://", "http://ada:secret@host:9090", "http://ada:sec/ret@host", "http://[::1", "::", ""],
)
def test_an_address_that_cannot_be_used_is_said_without_its_secret(address):
    found = look_at(address, session)
    assert (found.answers, len(found.tried)) == (False, 1)
    assert found.tried[0].problem
    assert "secret" not in str(found)
    assert "ret@" not in str(found)


def test_a_token_in_the_query_is_neither_printed_nor_written_down():
    with serving({}) as url:
        pass
    assert "secret" not in str(look_at(f"{url}/?token=secret", session))


@pytest.mark.parametrize(
    "rules", [[], "x", {"groups": 3}, {"groups": [3, {"rules": [None, {"labels": 3}]}]}, {"groups": [{"rules": {}}]}]
)
def test_rules_of_an_odd_shape_end_nothing(rules):
    with serving({"/api/v1/rules": good(rules)}) as url:
        assert look_at(url, session).answers
