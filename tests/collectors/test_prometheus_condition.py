"""Thresholds held against what real servers hold: verdicts, budget, order, and what cannot be asked."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
import yaml

from driftbot.collectors import prometheus
from driftbot.collectors.collector import Context
from driftbot.collectors.prometheus_options import PrometheusOptions
from driftbot.core.demand import Demand, FactNeed
from driftbot.core.fact import View
from driftbot.promql.reading import read_expression
from driftbot.tape import LiveTape
from tests.detectors.recipe import STEP, cases
from tests.servers.fake import Reply, fake_server, matrix
from tests.servers.remote_write import sample

pytestmark = pytest.mark.filterwarnings("error")
AS_OF = datetime(2026, 11, 2, tzinfo=UTC)
NOW = AS_OF.timestamp()
DAY = 86400.0
CASES = {case.name: case for case in cases() if len(case.expression.split()) == 3}
"""Those about a metric alone, which can be written to a server as it is."""
WANTED = FactNeed("condition", "fit.verdict", ("threshold-fits-its-data",))


class Ledger:
    """A store that holds nothing."""

    def held(self, *_place):
        return None


def context(as_of=AS_OF):
    return Context("prometheus", "production", as_of, LiveTape(Path()))


def measured(server, as_of=AS_OF, need=WANTED, **more):
    """What the server says of the alerts it has loaded, and what more is asked about them."""
    options = PrometheusOptions(url=server.url, **more)
    about = prometheus.read(options, context(as_of)).facts
    return prometheus.measure(options, context(as_of), Demand.of(facts=[need], about=about), Ledger())


def told(reading, key="fit.verdict"):
    """The values of a key by alert and number of the condition."""
    return {fact.subject.name.partition("/")[2]: fact.value for fact in reading.facts if fact.key == key}


def gaps(reading):
    return [gap.reason for entry in reading.coverage for gap in entry.gaps]


def rules(*alerts, interval="1m"):
    return {"a.yml": yaml.safe_dump({"groups": [{"name": "g", "interval": interval, "rules": list(alerts)}]})}


def alert(name, expression, hold="0s", **more):
    return {"alert": name, "expr": expression, "for": hold, **more}


def of_case(case, lost_seed=None):
    """The alert of a case about series of its own, and the series."""
    (metric,) = read_expression(case.expression).metrics
    expression = case.expression.replace(metric, f'{metric}{{case="{case.name}"}}')
    values = case.values()
    times = NOW - STEP * np.arange(values.shape[1], dtype=float)[::-1]
    random = np.random.default_rng(lost_seed)
    series = []
    for row, found in enumerate(values):
        there = ~np.isnan(found)
        if lost_seed is not None:
            there &= random.random(len(found)) >= 0.1
        if there.any():
            series.append(sample(metric, times[there], found[there], case=case.name, instance=f"i{row}"))
    return alert(case.name, expression, f"{case.hold:.0f}s"), series


def verdicts_on_a_server(prometheus_server, names, lost_seed=None):
    made = [of_case(CASES[name], lost_seed) for name in names]
    server = prometheus_server(rules=rules(*(one for one, _ in made)), series=[row for _, rows in made for row in rows])
    reading = measured(server)
    assert not gaps(reading)
    expected = {f"{name}/1": CASES[name].verdict for name in names if CASES[name].verdict != "too_little"}
    assert told(reading) == expected
    return server, reading


@pytest.mark.server
def test_every_case_has_its_verdict_on_a_real_server(prometheus_server):
    server, reading = verdicts_on_a_server(prometheus_server, CASES)
    assert "are too few" in told(reading, "fit.evidence")["too-little/1"]
    assert {fact.view for fact in reading.facts} == {View.OBSERVED}
    (origin,) = {fact.origin for fact in reading.facts if fact.subject.name == "g/fits-cpu/1"}
    assert origin.query == 'cpu_utilization_ratio{case="fits-cpu"}' and origin.locator.startswith(server.url)


@pytest.mark.server
@pytest.mark.campaign
def test_a_tenth_of_the_samples_lost_changes_no_verdict_on_a_real_server(prometheus_server):
    seed = int(os.environ.get("DRIFTBOT_CAMPAIGN_SEED", "7"))
    whole = os.environ.get("DRIFTBOT_CAMPAIGN") == "all"
    names = CASES if whole else np.random.default_rng(seed).choice(sorted(CASES), 6, replace=False).tolist()
    verdicts_on_a_server(prometheus_server, names, seed)


def hourly(values=lambda times: 0.3 + 0.1 * np.sin(times / 3600.0), series=1, cost=60):
    """An API whose every query gives an hourly series of these values; ``count`` gives the number of series."""

    def answer(request):
        if request.path == "/api/v1/rules":
            return Reply(200, {"status": "success", "data": {"groups": answer.groups}})
        if request.path != "/api/v1/query_range":
            return Reply(404, {"status": "error", "error": "not here"})
        start, end, step = (float(request.parameters[name]) for name in ("start", "end", "step"))
        times = np.arange(start, end + 1, step)
        counted = request.parameters["query"].startswith("count(")
        found = np.full(len(times), float(series)) if counted else values(times)
        points = [(time, repr(value)) for time, value in zip(times.tolist(), found.tolist(), strict=True)]
        body = matrix(({"job": "a"}, points))
        body["data"]["stats"] = {"samples": {"totalQueryableSamples": cost}, "timings": {"evalTotalTime": 0.01}}
        return Reply(200, body)

    answer.groups = []
    return answer


def loading(answer, *expressions, interval=3600, hold=0):
    """The same API with these alerts loaded, named A0, A1, …."""
    answer.groups = [
        {
            "name": "g",
            "file": "a.yml",
            "interval": interval,
            "rules": [
                {
                    "type": "alerting",
                    "name": f"A{number}",
                    "query": text,
                    "duration": hold,
                    "health": "ok",
                    "alerts": [],
                }
                for number, text in enumerate(expressions)
            ],
        }
    ]
    return answer


def queries(server):
    return [one.parameters["query"] for one in server.requests if one.path == "/api/v1/query_range"]


def test_nothing_is_asked_that_no_rule_demands():
    with fake_server(loading(hourly(), "load > 0.9")) as server:
        reading = measured(server, need=FactNeed("alert", "owner", ("r",)))
        assert not reading.facts and not reading.coverage and not queries(server)


def test_what_is_left_alone_costs_nothing():
    texts = ["vector(1)", "up == 0", "absent(up)", "increase(errors_total[5m]) > 0", "load > capacity", "load"]
    with fake_server(loading(hourly(), *texts)) as server:
        reading = measured(server)
        assert not queries(server)
    assert set(told(reading).values()) == {"left_alone"} and len(told(reading)) == len(texts)
    assert told(reading, "fit.evidence")["A4/1"] == "what it is compared with is no constant"


def test_parts_are_asked_apart_and_what_keeps_from_firing_is_left_alone():
    with fake_server(loading(hourly(), "load > 0.1 and rate_of_use > 0.35 unless maintenance_window > 0.5")) as server:
        reading = measured(server)
        assert {query for query in queries(server) if not query.startswith("count(")} == {"load", "rate_of_use"}
    assert told(reading) == {"A0/1": "fits", "A0/2": "fits", "A0/3": "left_alone"}
    assert not told(reading, "fit.suggested") and set(told(reading, "fit.firings")) == {"A0/1", "A0/2"}


def test_of_too_many_series_the_extremes_are_asked():
    with fake_server(loading(hourly(series=5000), "load > 0.9", "load < 0.1", "load == 7")) as server:
        reading = measured(server)
        asked = queries(server)
    assert {"max(load)", "min(load)"} <= set(asked) and "load" not in asked
    assert [query for query in asked if query == "max(load)"] and set(told(reading)) == {"A0/1", "A1/1"}
    assert not told(reading, "fit.firings") and not gaps(reading)
    assert "are not told apart" in told(reading, "fit.evidence")["A2/1"]


def test_of_series_that_come_and_go_the_extremes_are_asked():
    """Few at any hour, and hundreds in the month, most of them shorter than an hour."""
    alerts = loading(hourly(), "load > 0.9", interval=60)

    def answer(request):
        if request.parameters.get("query") == "load" and float(request.parameters["step"]) < 3600:
            start = float(request.parameters["start"])
            return Reply(200, matrix(*(({"pod": f"p{number}"}, [(start, "0.3")]) for number in range(500))))
        return alerts(request)

    with fake_server(answer) as server:
        reading = measured(server)
        assert {"max(load)", "min(load)"} <= set(queries(server))
    assert told(reading) == {"A0/1": "fits"} and not gaps(reading) and not told(reading, "fit.firings")
    assert {fact.origin.query for fact in reading.facts} == {"max(load)"}


def test_what_does_not_fit_into_the_budget_is_a_gap_and_everybodys_turn_comes():
    texts = [f"load{number} > 0.9" for number in range(20)]
    judged = {}
    with fake_server(loading(hourly(cost=100), *texts)) as server:
        for night in range(12):
            reading = measured(server, AS_OF + timedelta(days=night), budget={"samples": 1000})
            assert 0 < len(told(reading)) < 20
            (gap,) = gaps(reading)
            assert gap.startswith(f"{20 - len(told(reading))} of 20 thresholds are not judged tonight (g/A")
            assert "tonight's load budget is spent" in gap
            judged |= told(reading)
            again = measured(server, AS_OF + timedelta(days=night), budget={"samples": 1000})
            assert told(again) == told(reading), "the same night asks the same"
    assert len(judged) == 20


def test_one_query_that_is_refused_hides_no_other():
    fine = loading(hourly(), "load > 0.9", "odd > 5", "load2 > 0.9")

    def answer(request):
        if "odd" in request.parameters.get("query", ""):
            return Reply(400, {"status": "error", "error": "many-to-many matching not allowed"})
        return fine(request)

    with fake_server(answer) as server:
        reading = measured(server)
    assert told(reading) == {"A0/1": "fits", "A2/1": "fits"}
    (gap,) = gaps(reading)
    assert "A1/1 is not judged" in gap and "many-to-many matching not allowed" in gap


def test_a_server_that_is_busy_is_left_alone_for_the_night():
    fine = loading(hourly(), *(f"load{number} > 0.9" for number in range(4)))
    with fake_server(lambda one: Reply(503, b"no") if one.path.endswith("query_range") else fine(one)) as server:
        reading = measured(server, retries=0)
        assert len(queries(server)) == 1
    first, others = gaps(reading)
    assert not told(reading) and "is not judged" in first
    assert others.startswith("3 of 4 thresholds") and "not asked after an earlier answer" in others


def once(times):
    """A level that was crossed for two hours, twenty days ago."""
    return np.where(np.abs(times - (NOW - 20 * DAY)) <= 3600.0, 0.8, 0.3) + 0.001 * np.sin(times / 3600.0)


def test_coarse_samples_settle_what_is_quiet_and_not_what_is_crossed():
    """No budget for samples at each evaluation: what is crossed may flap, which hourly samples cannot tell."""
    with fake_server(loading(hourly(once, cost=100), "load > 0.9", "load > 0.35", interval=15)) as server:
        reading = measured(server, budget={"samples": 2000})
    assert told(reading) == {"A0/1": "fits"} and not told(reading, "fit.firings")
    (gap,) = gaps(reading)
    assert gap.startswith("1 of 2 thresholds are not judged tonight (g/A1/1)")
    assert "samples an hour apart do not settle it" in gap


def test_where_a_month_is_too_dear_a_week_shows_what_flaps():
    with fake_server(loading(hourly(cost=7200), "load > 0.35", interval=60)) as server:
        reading = measured(server, budget={"samples": 10_000_000})
    assert told(reading) == {"A0/1": "flapping"} and not gaps(reading)
    assert told(reading, "fit.evidence")["A0/1"].endswith("7d of 1 series every 1m")


def test_a_quiet_week_does_not_stand_for_the_month():
    with fake_server(loading(hourly(once, cost=7200), "load > 0.35", interval=60)) as server:
        reading = measured(server, budget={"samples": 10_000_000})
    assert told(reading) == {"A0/1": "fits"} and not gaps(reading)
    assert told(reading, "fit.margin")["A0/1"].value < 0, "it was crossed"


def test_a_server_without_series_is_asked_nothing():
    with fake_server(loading(hourly(), "load > 0.9")) as server:
        assert not measured(server, series=False).facts and not queries(server)


def test_what_fits_says_little_and_what_does_not_says_why():
    with fake_server(loading(hourly(), "load > 0.9", "load > 0.35")) as server:
        reading = measured(server)
    quiet = {fact.key for fact in reading.facts if fact.subject.name == "g/A0/1"}
    assert quiet == {"fit.verdict", "fit.margin", "fit.firings"}
    assert told(reading) == {"A0/1": "fits", "A1/1": "flapping"}
    assert told(reading, "fit.evidence")["A1/1"].startswith("fires ")
    assert told(reading, "fit.neighbours")["A1/1"].count("→") >= 6
