"""Whatever a server answers: a gap with a sentence naming the URL, what came and the next step; never an exception."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from driftbot.collectors import prometheus
from driftbot.collectors.collector import Context
from driftbot.collectors.prometheus_options import PrometheusOptions
from driftbot.core.demand import Demand, SeriesNeed
from driftbot.tape import LiveTape
from tests.servers.fake import Reply, fake_server, matrix

AS_OF = datetime(2026, 11, 1, tzinfo=UTC)
NOW = AS_OF.timestamp()
UP = Demand.of([SeriesNeed("scrape_job", "up", 3600.0, 300.0)])
GRID = [NOW - 3600 + 300 * step for step in range(13)]


class NothingYet:
    def held(self, *_):
        return None


def context():
    return Context("prometheus", "production", AS_OF, LiveTape(Path()))


def options(url, **more):
    return PrometheusOptions(url=url, **{"timeout": 2, "retries": 0, **more})


def measured(answer, demand=UP, **more):
    with fake_server(lambda request: answer(request) if callable(answer) else answer) as server:
        reading = prometheus.measure(options(server.url, **more), context(), demand, NothingYet())
    return reading, server


def gaps(reading):
    return [gap.reason for entry in reading.coverage for gap in entry.gaps]


def samples(value="1"):
    return [(time, value) for time in GRID]


HTML = "<!DOCTYPE html><html><title>Sign in</title></html>"
WHOLE = (
    b'{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"job":"a"},"values":[[1793487600,"1"]]}]}}'
)
BAD_ANSWERS = {
    "400": (
        Reply(400, {"status": "error", "errorType": "bad_data", "error": "parse error"}),
        "answered 400 Bad Request: parse error; check the query",
    ),
    "401": (Reply(401, "who are you"), "answered 401 Unauthorized: “who are you”; check the credentials"),
    "403": (Reply(403, b""), "answered 403 Forbidden: nothing; ask for read access"),
    "404": (
        Reply(404, "404 page not found"),
        "answered 404 Not Found: “404 page not found”; check the URL and its path prefix",
    ),
    "500": (Reply(500, HTML, {"Content-Type": "text/html"}), "answered 500 Internal Server Error"),
    "503": (
        Reply(503, b"", {"Retry-After": "3600"}),
        "answered 503 Service Unavailable: nothing (it asks us to come back after 3600); ",
    ),
    "429": (Reply(429, b"slow down"), "answered 429 Too Many Requests: “slow down”; the next night tries again"),
    "a web page": (
        Reply(200, HTML, {"Content-Type": "text/html"}),
        "answered with a web page (“<!DOCTYPE html><html>",
    ),
    "nothing": (Reply(200, b""), "answered with 0 bytes that are not an answer of Prometheus' API"),
    "other JSON": (Reply(200, {"hello": "world"}), "not an answer of Prometheus' API (it has no status)"),
    "a list": (Reply(200, b"[1]"), "not an answer of Prometheus' API"),
    "a broken off connection": (Reply(200, WHOLE, cut=True), "sent an answer that broke off or is damaged"),
    "a truncated series": (Reply(200, WHOLE[:-12]), "not an answer of Prometheus' API (it ends within a series)"),
    "a truncated end": (Reply(200, WHOLE[:-2]), "it is not a whole range answer"),
    "broken gzip": (
        Reply(200, gzip.compress(WHOLE)[:-40], {"Content-Encoding": "gzip"}),
        "not an answer of Prometheus' API (it is not a whole range answer",
    ),
    "no gzip": (Reply(200, WHOLE, {"Content-Encoding": "gzip"}), "sent an answer that broke off or is damaged"),
    "a word for a sample": (Reply(200, WHOLE.replace(b'"1"', b'"one"')), "a series holds what is not a sample"),
    "half a sample": (Reply(200, WHOLE.replace(b'"1"', b'"1x"')), "a series holds what is not a sample"),
    "a time without a value": (Reply(200, WHOLE.replace(b',"1"', b"")), "a series holds what is not a sample"),
    "a circle": (Reply(302, b"", {"Location": "/api/v1/query_range"}), "redirects in a circle"),
    "slow": (Reply(200, WHOLE, delay=30), "did not answer in time; raise `timeout`"),
}  # fmt: skip


@pytest.mark.parametrize(("reply", "sentence"), BAD_ANSWERS.values(), ids=BAD_ANSWERS)
def test_a_bad_answer_is_one_clear_gap(reply, sentence):
    reading, server = measured(reply, timeout=0.3 if reply.delay else 2)
    (gap,) = gaps(reading)
    assert gap.startswith(f"{server.url}/api/v1/query_range {sentence}") or sentence in gap
    assert gap.startswith(server.url) and "; " in gap, "a next step"
    assert not reading.series and not reading.measured


@pytest.mark.parametrize("reply", [reply for reply, _ in BAD_ANSWERS.values()], ids=BAD_ANSWERS)
def test_reading_the_inventory_survives_it_too(reply):
    with fake_server(lambda _: reply) as server:
        reading = prometheus.read(options(server.url, timeout=0.3 if reply.delay else 2), context())
    assert gaps(reading)
    assert {entry.kind for entry in reading.coverage} >= {"alert", "condition", "rule_group"}
    assert not any(entry.complete for entry in reading.coverage if entry.kind != "prometheus")


def test_a_server_that_is_down():
    reading = prometheus.read(options("http://127.0.0.1:9"), context())
    assert all(entry.failed for entry in reading.coverage)
    assert "http://127.0.0.1:9/api/v1/status/buildinfo cannot be reached: " in gaps(reading)[-1]
    reading = prometheus.measure(options("http://127.0.0.1:9"), context(), UP, NothingYet())
    assert "Connection refused; check the URL, the network and whether the server runs" in gaps(reading)[0]


@pytest.mark.parametrize("rules", [True, False])
def test_a_server_that_is_not_there_under_any_path_has_failed_as_a_whole(rules):
    with fake_server(lambda _: Reply(404, "404 page not found")) as server:
        reading = prometheus.read(options(server.url, rules=rules), context())
    assert {entry.kind for entry in reading.coverage} >= {"prometheus", *(["alert"] if rules else [])}
    assert all(entry.failed for entry in reading.coverage)
    (reason,) = set(gaps(reading))
    assert "answered 404 Not Found" in reason and "check the URL and its path prefix" in reason


def test_a_server_that_has_series_only_has_not_failed():
    none = {"status": "success", "data": {"resultType": "vector", "result": []}}
    with fake_server(lambda request: Reply(200, none) if request.path.endswith("/query") else Reply(404, "")) as server:
        reading = prometheus.read(options(server.url), context())
    assert gaps(reading) and not any(entry.failed for entry in reading.coverage)


def test_after_a_refusal_nothing_more_is_asked():
    demand = Demand.of([SeriesNeed("scrape_job", key, 3600.0, 300.0) for key in ("up", "targets", "samples")])
    reading, server = measured(Reply(429, b"slow down"), demand)
    assert len(server.requests) == 1
    assert sum("not asked after an earlier answer" in gap for gap in gaps(reading)) == 2


def test_retry_after_is_obeyed_when_it_is_short():
    replies = iter([Reply(429, b"", {"Retry-After": "1"}), Reply(200, matrix(({"job": "a"}, samples())))])
    reading, server = measured(lambda _: next(replies), retries=2, patience=5)
    assert not gaps(reading) and len(reading.series) == 1
    assert len(server.requests) == 2


def test_a_long_retry_after_is_not_waited_for_nor_shortened():
    reading, server = measured(Reply(503, b"", {"Retry-After": "3600"}), retries=5, patience=5)
    assert len(server.requests) == 1
    assert "come back after 3600" in gaps(reading)[0]


def test_not_finite_samples_are_left_out_and_counted():
    values = ["1", "NaN", "+Inf", "-Inf", *["2"] * 9]
    reading, _ = measured(Reply(200, matrix(({"job": "a"}, list(zip(GRID, values, strict=True))))))
    (series,) = reading.series
    assert series.values.tolist() == [1.0, *[2.0] * 9] and series.times.tolist() == [GRID[0], *GRID[4:]]
    assert any("3 samples are not finite numbers" in note for note in reading.notes)


def test_duplicate_series_are_combined_and_reported():
    twice = matrix(({"job": "a"}, samples("1")), ({"job": "a"}, samples("3")))
    reading, _ = measured(Reply(200, twice))
    (series,) = reading.series
    assert set(series.values.tolist()) == {3.0}
    assert any("several series are one subject and were combined by max: 1, e.g. a" in note for note in reading.notes)


def test_series_without_a_subject_are_left_out_and_reported():
    reading, _ = measured(Reply(200, matrix(({"job": "a"}, samples()), ({"instance": "b"}, samples()))))
    assert [series.subject.name for series in reading.series] == ["a"]
    assert any("1 series carry no {job} and were left out, e.g. instance=b" in note for note in reading.notes)


def test_an_empty_result_is_complete_and_noted():
    reading, _ = measured(Reply(200, matrix()))
    assert not gaps(reading) and not reading.series
    assert reading.coverage[0].complete
    assert any("nothing measures up of a scrape_job; asked prometheus/scrape.up" in note for note in reading.notes)
    assert reading.measured[0].span.until == NOW


@pytest.mark.parametrize("more", [{"warnings": ["store gateway 3 is away"]}, {"isPartial": True}])
def test_a_partial_answer_is_a_gap_and_is_fetched_again(more):
    reading, _ = measured(Reply(200, matrix(({"job": "a"}, samples()), **more)))
    assert "the answer may be partial: " in gaps(reading)[0]
    assert len(reading.series) == 1, "what came is kept"
    assert not reading.measured, "the next night asks for all of it again"


@pytest.mark.parametrize(("hours", "words"), [(1, "1h ahead of ours"), (-1, "behind ours")])
def test_a_clock_an_hour_off_is_noticed(hours, words):
    date = format_datetime(datetime.now(UTC) + timedelta(hours=hours, seconds=1), usegmt=True)
    reading, server = measured(Reply(200, matrix(({"job": "a"}, samples())), {"Date": date}))
    assert f"the clock of {server.url} is " in gaps(reading)[0] and words in gaps(reading)[0]
    assert reading.series


def test_a_date_that_no_calendar_has_says_nothing_of_a_clock():
    date = "Mon, 01 Jan 99999999999999999999 00:00:00 GMT"
    reading, _ = measured(Reply(200, matrix(({"job": "a"}, samples())), {"Date": date}))
    assert not gaps(reading)
    assert reading.series


def test_too_much_for_the_server_is_asked_for_in_smaller_parts():
    def answer(request):
        start, end = float(request.parameters["start"]), float(request.parameters["end"])
        if (end - start) / 300 > 3:
            return Reply(422, {"status": "error", "error": "query processing would load too many samples into memory"})
        return Reply(200, matrix(({"job": "a"}, [(t, str(t)) for t in GRID if start <= t <= end])))

    reading, server = measured(answer)
    assert not gaps(reading)
    assert reading.series[0].values.tolist() == GRID
    assert len(server.requests) > 4


def test_too_much_even_for_one_step_is_a_gap():
    reading, _ = measured(Reply(422, {"status": "error", "error": "query timed out in expression evaluation"}))
    assert "query timed out in expression evaluation; lower `budget.samples_per_request`" in gaps(reading)[0]


def test_a_pretty_printed_answer_is_read_as_well():
    import json

    reading, _ = measured(Reply(200, json.dumps(matrix(({"job": 'a"values":[['}, samples("0.5"))), indent=2)))
    assert reading.series[0].subject.name == 'a"values":[[' and set(reading.series[0].values.tolist()) == {0.5}


def test_a_missing_credential_names_its_place_and_never_a_secret(monkeypatch):
    monkeypatch.delenv("SHOP_PASSWORD", raising=False)
    basic = {"username": "shop", "password": {"env": "SHOP_PASSWORD"}}
    reading, server = measured(Reply(200, matrix()), basic=basic)
    assert "the environment variable SHOP_PASSWORD is not set; driftbot has to be given it" in gaps(reading)[0]
    assert not server.requests


def test_an_echoed_credential_is_not_repeated(monkeypatch):
    monkeypatch.setenv("SHOP_TOKEN", "t0ps3cret-token")
    reading, server = measured(
        lambda request: Reply(400, request.headers["Authorization"]), bearer={"env": "SHOP_TOKEN"}
    )
    assert server.requests[0].headers["Authorization"] == "Bearer t0ps3cret-token"
    assert "t0ps3cret" not in repr(reading)


def test_a_rule_of_another_language_hides_what_only_that_rule_could_say():
    def rule(name, query):
        return {"name": name, "query": query, "type": "alerting", "duration": 60, "labels": {}, "annotations": {}}

    rules = [rule("A", "foo keep_metric_names > 1"), rule("B", "up == 0")]
    data = {"groups": [{"name": "g", "file": "a.yaml", "interval": 60, "rules": rules}]}
    whole = {"status": "success", "data": data}
    empty = {"status": "success", "data": {}}
    with fake_server(lambda request: Reply(200, whole if request.path == "/api/v1/rules" else empty)) as server:
        reading = prometheus.read(options(server.url), context())
    (about,) = [entry for entry in reading.coverage if entry.kind == "alert" and not entry.keys]
    assert not about.complete
    assert about.settles("runbook", "g/B")
    assert about.settles("labels.team", "g/B")
    assert not about.settles("expression", "g/A")
    assert not about.settles("loaded", "g/B"), "what only files and servers together can say"
