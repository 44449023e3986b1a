"""Broken, partial, refused and slow answers about what alerts see: unknown with the reason, and never dead."""

from __future__ import annotations

import re

import pytest

from driftbot.collectors.prometheus_liveness_inquiry import LONGEST_QUERY, MOST_QUESTIONS, MOST_REFUSALS
from tests.collectors.liveness_scene import NOW, ask, facts_of, gaps, said, series
from tests.servers.fake import Reply, fake_server, matrix

pytestmark = pytest.mark.filterwarnings("error")

ALERTS = [(f"A{number}", f"metric_{number} > 1") for number in range(8)]
MARKED = re.compile(r'label_replace\((count\((\w+)\)), "driftbot_question", "(\d+)"')
REFUSED = {"status": "error", "errorType": "bad_data", "error": "unknown function"}
TOO_MUCH = {"status": "error", "errorType": "execution", "error": "query processing would load too many samples"}
BUSY = {"status": "error", "errorType": "unavailable", "error": "overloaded"}


def answered(request, *there, **more):
    """The answer of a server on which some metrics are there, all the time."""
    query = request.parameters.get("query", "")
    rows = [({"driftbot_question": number}, [(NOW, "1")]) for _, name, number in MARKED.findall(query) if name in there]
    return Reply(200, matrix(*rows, **more))


def asked(answer, alerts=ALERTS, **options):
    def reply(request):
        if request.path == "/api/v1/targets":
            return Reply(404)
        if request.path.startswith("/api/v1/label"):
            return Reply(200, {"status": "success", "data": ["up"]})
        return answer(request)

    with fake_server(reply) as server:
        reading = ask(server.url, facts_of(alerts), retries=0, **options)
    return reading, [request for request in server.requests if request.path == "/api/v1/query_range"]


def nothing_is_dead(reading):
    assert not any(said(reading, "dead.selectors").values()) and not said(reading, "dead.last_seen")
    return set(said(reading, "dead.selectors"))


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (Reply(503, BUSY), "answered 503"),
        (Reply(429, BUSY, {"Retry-After": "900"}), "429"),
        (Reply(401, REFUSED), "check the credentials"),
        (Reply(200, "<html>sign in</html>", {"Content-Type": "text/html"}), "a web page"),
        (Reply(200, '{"status": "success", "data": {"resultType": "matrix", "result": [{"met'), "not an answer"),
        (Reply(200, matrix(), cut=True), "broke off"),
        (Reply(200, {"status": "success", "data": {"resultType": "vector", "result": []}}), "something else"),
        (Reply(200, matrix(warnings=["store-gateway 3 did not answer"])), "may be partial: store-gateway 3"),
        (Reply(200, matrix(isPartial=True)), "its answer is partial"),
        (Reply(422, TOO_MUCH), "too many samples"),
        (Reply(400, REFUSED), "unknown function"),
    ],
)
def test_no_good_answer_leaves_every_alert_unknown_with_the_reason(reply, reason):
    reading, _ = asked(lambda _: reply)
    assert not nothing_is_dead(reading)
    assert any(reason in gap for gap in gaps(reading)), gaps(reading)
    assert all("metric_" in gap for gap in gaps(reading)), "a gap names what is not known"


def test_a_server_that_is_too_slow_is_left_alone():
    reading, requests = asked(lambda _: Reply(200, matrix(), delay=5.0), timeout=0.2)
    assert not nothing_is_dead(reading) and "did not answer in time" in gaps(reading)[0]
    assert len(requests) <= 4, "three slow answers, and one that was under way"


def test_a_refused_question_hides_no_other():
    def answer(request):
        if "metric_5" in request.parameters["query"]:
            return Reply(422, REFUSED)
        return answered(request, *(f"metric_{number}" for number in range(8)))

    reading, _ = asked(answer)
    assert nothing_is_dead(reading) == {f"A{number}" for number in range(8)} - {"A5"}
    assert any("count(metric_5)" in gap and "unknown function" in gap for gap in gaps(reading))


def test_what_is_too_much_for_one_query_is_asked_in_smaller_ones():
    def answer(request):
        if len(MARKED.findall(request.parameters["query"])) > 2:
            return Reply(422, TOO_MUCH)
        return answered(request, *(f"metric_{number}" for number in range(8)))

    reading, _ = asked(answer)
    assert len(nothing_is_dead(reading)) == 8


def test_in_a_partial_answer_what_is_there_counts_and_what_is_not_there_is_not_known():
    reading, _ = asked(lambda request: answered(request, "metric_1", warnings=["half of it"]))
    assert nothing_is_dead(reading) == {"A1"}


def test_a_server_that_refuses_everything_is_soon_left_alone():
    alerts = [(f"A{number}", f"metric_{number} > 1") for number in range(2_000)]
    reading, requests = asked(lambda _: Reply(422, REFUSED), alerts)
    assert not nothing_is_dead(reading)
    # Once for what alerts see, once for the intervals of scrapes.
    assert len(requests) <= 2 * (MOST_REFUSALS + 2)


def test_a_walk_back_that_fails_leaves_what_is_silent_unknown():
    def answer(request):
        if request.parameters["start"] != request.parameters["end"]:
            return Reply(503, BUSY)
        return answered(request, "metric_1")

    reading, _ = asked(answer)
    assert nothing_is_dead(reading) == {"A1"} and any("overloaded" in gap for gap in gaps(reading))


@pytest.mark.parametrize("limit", [32, 10])
def test_a_server_that_answers_only_about_shorter_times_is_asked_about_those(limit):
    def answer(request):
        days = (float(request.parameters["end"]) - float(request.parameters["start"])) / 86_400
        if days > limit:
            return Reply(422, {"status": "error", "error": f"the query time range exceeds the limit ({limit}d)"})
        return answered(request)

    alerts = [(f"A{number}", f"metric_{number} > 1") for number in range(500)]
    reading, requests = asked(answer, alerts)
    assert not gaps(reading) and len(requests) < 60
    assert len(said(reading, "dead.never_seen")) == 500


def test_heavy_questions_make_smaller_queries_and_not_many_refusals():
    def answer(request):
        if len(MARKED.findall(request.parameters["query"])) > 30:
            return Reply(422, TOO_MUCH)
        return answered(request, *(f"metric_{number}" for number in range(3_000)))

    reading, requests = asked(answer, [(f"A{number}", f"metric_{number} > 1") for number in range(3_000)])
    assert len(nothing_is_dead(reading)) == 3_000 and not gaps(reading)
    assert len(requests) < 300


def test_a_server_without_any_series_is_another_server_and_not_the_death_of_all_alerts():
    def reply(request):
        if request.path.startswith("/api/v1/label"):
            return Reply(200, {"status": "success", "data": []})
        return Reply(404) if request.path == "/api/v1/targets" else Reply(200, matrix())

    with fake_server(reply) as server:
        reading = ask(server.url, facts_of(ALERTS), retries=0)
    assert not nothing_is_dead(reading) and any("has no series at all" in gap for gap in gaps(reading))


def test_a_spent_budget_is_a_gap():
    costly = matrix()
    costly["data"]["stats"] = {"samples": {"totalQueryableSamples": 500}, "timings": {"evalTotalTime": 0.1}}
    alerts = [(f"A{number}", f"metric_{number} > 1") for number in range(2_000)]
    reading, requests = asked(lambda _: Reply(200, costly), alerts, budget={"samples": 1_000})
    assert not nothing_is_dead(reading) and len(requests) <= 3
    assert any("tonight's load budget is spent" in gap for gap in gaps(reading))


def test_questions_fit_into_queries_that_servers_take():
    alerts = [(f"A{number}", f'metric_{number}{{job="{"j" * (number % 400)}"}} > 1') for number in range(1_000)]
    reading, requests = asked(lambda request: answered(request), alerts)
    assert said(reading, "dead.never_seen")
    for request in requests:
        query = request.parameters["query"]
        assert len(query) <= LONGEST_QUERY and query.count("label_replace(") <= MOST_QUESTIONS


HOSTILE = 'a"b\\c\nd{{$x}}<b>*é'


@pytest.mark.server
@pytest.mark.parametrize("kind", ["prometheus_server", "victoria_metrics_server"])
def test_label_values_with_quotes_newlines_and_markup(request, kind):
    server = request.getfixturevalue(kind)(
        series=[
            series("orders", 20, 0, 300.0, job="shop", queue=HOSTILE),
            series("orders", 20, 5, 300.0, job="shop", queue=f"{HOSTILE}2"),
        ]
    )
    quoted = HOSTILE.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    alerts = [("There", f'orders{{queue="{quoted}"}} > 1'), ("Gone", f'orders{{queue="{quoted}2"}} > 1')]
    alerts.append(("Regex", 'orders{queue=~"(?s)a\\"b\\\\\\\\c.d[{]+.*"} > 1'))
    reading = ask(server.url, facts_of(alerts))
    dead = said(reading, "dead.selectors")
    assert not gaps(reading) and {name for name in dead if dead[name]} == {"Gone"}
