"""Whatever bytes come: an answer or one sentence, never another exception."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import requests
from hypothesis import given, settings
from hypothesis import strategies as st

from driftbot.collectors import prometheus
from driftbot.collectors.collector import Context
from driftbot.collectors.prometheus_answer import AnswerProblem, understand
from driftbot.collectors.prometheus_options import PrometheusOptions
from driftbot.core.demand import Demand, SeriesNeed
from driftbot.tape import LiveTape

AS_OF = datetime(2026, 11, 1, tzinfo=UTC)
NAMES = """status data result resultType metric values stats samples timings warnings groups rules name query labels
duration alerts error isPartial evalTotalTime state"""
WORDS = st.sampled_from(NAMES.split())
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(["success", "matrix", "NaN", "1"])
JSON = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=4), max_leaves=15
)
SHAPED = st.fixed_dictionaries(
    {
        "status": st.just("success"),
        "data": st.fixed_dictionaries(
            {"resultType": st.just("matrix")},
            optional={"result": JSON, "stats": JSON, "groups": st.lists(JSON), "version": JSON},
        ),
    },
    optional={"warnings": JSON, "isPartial": JSON},
)
BODIES = (
    st.binary(max_size=60)
    | JSON.map(lambda value: json.dumps(value).encode())
    | SHAPED.map(lambda value: json.dumps(value).encode())
)


def response(body, status=200):
    made = requests.Response()
    made.status_code, made._content, made.url = status, body, "http://prometheus/api/v1/x?token=secret"
    return made


@given(BODIES, st.sampled_from([200, 400, 404, 429, 503]))
@settings(max_examples=300)
def test_an_answer_or_a_sentence(body, status):
    try:
        understand(response(body, status))
    except AnswerProblem as problem:
        assert str(problem).startswith("http://prometheus/api/v1/x ") and "\n" not in str(problem)


def test_endless_nesting_is_a_sentence():
    for body in (b"[" * 100_000, b'{"data":{"resultType":"matrix","result":' + b"[" * 100_000):
        try:
            understand(response(body))
        except AnswerProblem as problem:
            assert "not an answer of Prometheus' API" in str(problem)
        else:
            raise AssertionError("nobody can understand that")


class AnyAnswer(requests.adapters.BaseAdapter):
    def __init__(self, body):
        super().__init__()
        self.body = body

    def send(self, request, *_arguments, **_named):
        made = response(self.body)
        made.request, made.url, made.raw = request, request.url, None
        return made

    def close(self):
        pass


class AnyTape(LiveTape):
    def __init__(self, body):
        super().__init__(Path())
        self.body = body

    def session(self, source):
        session = super().session(source)
        adapter = AnyAnswer(self.body)
        session.get_adapter = lambda url: adapter  # noqa: ARG005
        return session


class NothingYet:
    def held(self, *_):
        return None


@given(BODIES)
@settings(max_examples=200)
def test_the_collector_survives_any_answer(body):
    context = Context("prometheus", "production", AS_OF, AnyTape(body))
    options = PrometheusOptions(url="http://prometheus")
    prometheus.read(options, context)
    need = SeriesNeed("scrape_job", "up", 3600.0, 300.0)
    prometheus.measure(options, context, Demand.of([need]), NothingYet())
