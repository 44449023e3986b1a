"""Answers of configured servers: whole, in time, and never more than is held."""

from __future__ import annotations

import gzip

import pytest

from driftbot.actions import server_call
from driftbot.actions.loaded_change import LoadedChange
from driftbot.actions.reload_call import not_loaded
from driftbot.actions.server_call import calling
from driftbot.collectors.prometheus_answer import AnswerProblem, Trouble
from tests.actions.server_scene import prometheus
from tests.actions.test_http_request import dripping
from tests.servers.fake import Reply, fake_server

LOADED = LoadedChange(
    alert="HighErrors",
    group="shop",
    file="shop.yaml",
    severity="",
    number=0,
    key="for",
    before="5m",
    after="10m",
    was=300.0,
    becomes=600.0,
    same="",
)


def asked(url: str) -> bytes:
    with calling(prometheus(url, timeout=1, retries=0)) as call:
        return call.send("GET", "/metrics").content


def test_an_answer_is_whole_packed_or_not_and_so_is_a_refusal():
    text = b"up 1\n" * 40_000
    packed = Reply(200, gzip.compress(text), {"Content-Encoding": "gzip"})
    for reply in (Reply(200, text), packed, Reply(400, text), Reply(200, b"")):
        with fake_server(lambda _, reply=reply: reply) as server:
            assert asked(server.url) == (b"" if reply.body == b"" else text)


@pytest.mark.parametrize(
    ("head", "trouble"),
    [(b"", Trouble.SLOW), (b"Content-Length: 1000000\r\n", Trouble.SLOW)],
    ids=["open", "announced"],
)
def test_a_server_that_answers_byte_by_byte_holds_nobody_up(monkeypatch, head, trouble):
    monkeypatch.setattr(server_call, "LONGEST_TIME", 0.3)
    with (
        dripping(b"HTTP/1.1 200 OK\r\n" + head + b"\r\n", b"x", 10_000) as url,
        pytest.raises(AnswerProblem) as problem,
    ):
        asked(url)
    assert problem.value.trouble is trouble


@pytest.mark.parametrize("status", [200, 403])
def test_no_secret_is_told_whatever_a_server_repeats(monkeypatch, status):
    monkeypatch.setenv("SHOP_TOKEN", "hunter2/hunter2")
    with fake_server(lambda request: Reply(status, f"you sent {request.headers['Authorization']}")) as server:
        options = prometheus(server.url, bearer={"env": "SHOP_TOKEN"}, retries=0)
        with calling(options) as call, pytest.raises(AnswerProblem, match="you sent Bearer REDACTED") as problem:
            not_loaded(call, [LOADED])
    assert "hunter2" not in str(problem.value)


def test_too_much_is_not_held(monkeypatch):
    monkeypatch.setattr(server_call, "LONGEST_ANSWER", 1_000_000)
    bomb = Reply(200, gzip.compress(b"0" * 50_000_000), {"Content-Encoding": "gzip"})
    with fake_server(lambda _: bomb) as server, pytest.raises(AnswerProblem) as problem:
        asked(server.url)
    assert problem.value.trouble is Trouble.TOO_MUCH


def test_one_that_breaks_off_or_is_damaged_is_no_answer():
    damaged = Reply(200, b"no gzip", {"Content-Encoding": "gzip"})
    for reply in (Reply(200, b"up 1\n", cut=True), damaged):
        with fake_server(lambda _, reply=reply: reply) as server, pytest.raises(AnswerProblem) as problem:
            asked(server.url)
        assert problem.value.trouble in (Trouble.UNREADABLE, Trouble.UNREACHABLE)
