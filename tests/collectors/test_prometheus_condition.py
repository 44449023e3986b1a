"""Thresholds held against what real servers hold: verdicts, budget, order, and what cannot be asked."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
import requests
import yaml

from driftbot.collectors import prometheus
from driftbot.collectors.collector import Context
from driftbot.collectors.prometheus_options import PrometheusOptions
from driftbot.core.coverage import is_absent
from driftbot.core.demand import Demand, FactNeed
from driftbot.core.fact import Provenance, View
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
    """A store that holds what earlier nights stated of conditions, and no series."""

    def __init__(self, *readings):
        self.facts = [fact for reading in readings for fact in reading.facts]

    def held(self, *_place):
        return None

    def stated(self, environment, kind, keys):
        asked = {fact.key for fact in self.facts} & set(keys)
        return tuple(
            f for f in self.facts if (f.subject.environment, f.subject.kind) == (environment, kind) and f.key in asked
        )


def context(as_of=AS_OF):
    return Context("prometheus", "production", as_of, LiveTape(Path()))


def measured(server, as_of=AS_OF, need=WANTED, before=None, **more):
    """What the server says of the alerts it has loaded, and what more is asked about them; ``before`` is remembered."""
    options = PrometheusOptions(url=server.url, **more)
    about = prometheus.read(options, context(as_of)).facts
    return prometheus.measure(
        options, context(as_of), Demand.of(facts=[need], about=about), Ledger(*([before] if before else []))
    )


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
    assert {fact.provenance for fact in reading.facts} == {Provenance.EXPLICIT}
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
    assert {fact.origin.query for fact in reading.facts if fact.key == "fit.verdict"} == {"max(load)"}


def test_what_does_not_fit_into_the_budget_is_a_gap_until_all_are_judged_and_all_stay_judged():
    """Twenty conditions, of which about two are judged a night, the longest ago first: clean from the night on when the
    last was judged, and no verdict ever grows older than two weeks."""
    texts = [f"load{number} > 0.9" for number in range(20)]
    reading, left, ages = None, [], []
    with fake_server(loading(hourly(cost=100), *texts)) as server:
        for night in range(40):
            as_of = AS_OF + timedelta(days=night)
            last, reading = reading, measured(server, as_of, before=reading, budget={"samples": 1000})
            assert measured(server, as_of, before=last, budget={"samples": 1000}) == reading, "asked again, the same"
            left.append(20 - len(told(reading)))
            ages.append(max(as_of - at for at in told(reading, "fit.measured_at").values()).days)
            if left[-1]:
                (gap,) = gaps(reading)
                assert gap.startswith(f"{left[-1]} of 20 thresholds were not judged within 14 nights (g/A")
                assert "tonight's load budget is spent" in gap
            else:
                assert not gaps(reading)
    blind = left.index(0)
    assert left[:blind] == sorted(left[:blind], reverse=True) and 4 <= blind <= 10, left
    assert not any(left[blind:]) and 4 <= max(ages) <= 14


def test_what_asks_something_else_is_measured_first():
    small = {"budget": {"samples": 120}}
    with fake_server(loading(hourly(cost=100), "load > 0.9", "other > 0.9")) as server:
        before = measured(server)
        assert len(told(before)) == 2 and not gaps(before)
    with fake_server(loading(hourly(cost=100), "load > 0.9", "other > 0.2")) as server:
        after = measured(server, AS_OF + timedelta(days=1), before=before, **small)
        assert {query for query in queries(server) if not query.startswith("count(")} <= {"other"}
    assert told(after)["A0/1"] == "fits" and told(after, "fit.measured_at")["A0/1"] == AS_OF
    assert "A1/1" not in told(after), "a verdict about another threshold says nothing of this one"
    (gap,) = gaps(after)
    assert gap.startswith("1 of 2 thresholds were not judged within 14 nights (g/A1/1)")


def test_a_verdict_stands_for_fourteen_nights_and_says_when_it_was_measured():
    answer = loading(hourly(), "load > 0.35", "load > 0.9")
    with fake_server(answer) as server:
        first = measured(server)
    with fake_server(lambda one: Reply(503, b"no") if one.path.endswith("query_range") else answer(one)) as server:
        reading = first
        for night in (1, 14):
            reading = measured(server, AS_OF + timedelta(days=night), before=reading, retries=0)
            assert told(reading) == told(first) and not gaps(reading)
            assert (
                told(reading, "fit.evidence")["A0/1"]
                == f"{told(first, 'fit.evidence')['A0/1']}; measured on 2026-11-02"
            )
            assert told(reading, "fit.suggested") == told(first, "fit.suggested")
            assert set(told(reading, "fit.measured_at").values()) == {AS_OF}
            (note,) = reading.notes
            assert "stays judged as on 2026-11-02" in note and "503" in note
        expired = measured(server, AS_OF + timedelta(days=15), before=reading, retries=0)
    assert not told(expired) and len(gaps(expired)) == 2 and not told(expired, "fit.measured_at")


def test_what_is_asked_in_vain_holds_up_nobody():
    """Two after which a busy server is left alone for the night: each costs one night, and none for ever."""
    fine = loading(hourly(), *(f"{name} > 0.9" for name in ("heavy0", "heavy1", "load0", "load1")))

    def answer(request):
        return Reply(503, b"no") if "heavy" in request.parameters.get("query", "") else fine(request)

    reading, judged = None, []
    with fake_server(answer) as server:
        for night in range(5):
            reading = measured(server, AS_OF + timedelta(days=night), before=reading, retries=0)
            judged.append(sorted(told(reading)))
    assert judged == [[], [], *[["A2/1", "A3/1"]] * 3]
    assert sorted(told(reading, "fit.tried_at")) == ["A0/1", "A1/1"]


def test_of_a_pair_the_word_of_the_one_that_is_heard_counts_for_both():
    with fake_server(loading(hourly(cost=100), "load > 0.35")) as server:
        here = measured(server)
        there = replace(
            here, facts=tuple(replace(fact, origin=replace(fact.origin, source="replica")) for fact in here.facts)
        )
        reading = measured(server, AS_OF + timedelta(days=1), before=there, budget={"samples": 1})
    assert told(reading) == told(here) and not gaps(reading)
    assert {fact.origin.source for fact in reading.facts} == {"prometheus"}


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
    assert [unsaid(reading, number, "fit.suggested") for number in range(3)] == [True, False, True]


def unsaid(reading, number, key):
    """Whether the key of a condition is known to be absent, of one that the server told of."""
    return is_absent(reading.coverage, "production", "condition", key, f"g/A{number}/1", {"prometheus"})


def test_of_a_condition_that_stands_judged_no_gap_hides_what_was_not_stated():
    """Of three that the budget left two for another night, of which one was judged on an earlier night."""
    texts = ["load > 0.9", "other > 0.9", "third > 0.9"]
    with fake_server(loading(hourly(cost=100), texts[0])) as server:
        before = measured(server)
    with fake_server(loading(hourly(cost=100), *texts)) as server:
        reading = measured(server, AS_OF + timedelta(days=1), before=before, budget={"samples": 1})
    judged = [f"A{number}/1" in told(reading) for number in range(3)]
    assert judged[0] and not all(judged) and gaps(reading)
    assert [unsaid(reading, number, "fit.suggested") for number in range(3)] == judged


def test_what_the_server_cannot_evaluate_is_asked_nothing_and_makes_nobody_blind():
    answer = loading(hourly(), "load > 0.9", "odd > 5")
    answer.groups[0]["rules"][1] |= {"health": "err", "lastError": "many-to-many matching not allowed"}
    with fake_server(answer) as server:
        reading = measured(server)
        assert not [query for query in queries(server) if "odd" in query]
    assert told(reading) == {"A0/1": "fits", "A1/1": "left_alone"} and not gaps(reading)
    assert told(reading, "fit.evidence")["A1/1"] == "the server cannot evaluate the alert"


def test_a_server_that_is_busy_is_left_alone_for_the_night():
    fine = loading(hourly(), *(f"load{number} > 0.9" for number in range(4)))
    with fake_server(lambda one: Reply(503, b"no") if one.path.endswith("query_range") else fine(one)) as server:
        reading = measured(server, retries=0)
        assert len(queries(server)) == 1
    first, others = gaps(reading)
    assert not told(reading) and "is not judged" in first
    assert others.startswith("3 of 4 thresholds were") and "not asked after an earlier answer" in others


def once(times):
    """A level that was crossed for two hours, twenty days ago."""
    return np.where(np.abs(times - (NOW - 20 * DAY)) <= 3600.0, 0.8, 0.3) + 0.001 * np.sin(times / 3600.0)


def test_coarse_samples_settle_what_is_quiet_and_not_what_is_crossed():
    """No budget for samples at each evaluation: what is crossed may flap, which hourly samples cannot tell."""
    with fake_server(loading(hourly(once, cost=100), "load > 0.9", "load > 0.35", interval=15)) as server:
        reading = measured(server, budget={"samples": 2000})
    assert told(reading) == {"A0/1": "fits"} and not told(reading, "fit.firings")
    (gap,) = gaps(reading)
    assert gap.startswith("1 of 2 thresholds were not judged within 14 nights (g/A1/1)")
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
    assert quiet == {"fit.verdict", "fit.margin", "fit.firings", "fit.measured_at", "fit.asked"}
    assert told(reading, "fit.asked")["A0/1"] == "load > 0.9 for 0s, alone, every 1h over 30d"
    assert told(reading) == {"A0/1": "fits", "A1/1": "flapping"}
    assert told(reading, "fit.evidence")["A1/1"].startswith("fires ")
    assert told(reading, "fit.neighbours")["A1/1"].count("→") >= 6


def asked_so_far(server):
    """How many range queries the server has answered, by its own count."""
    with requests.Session() as session:
        session.trust_env = False
        text = session.get(f"{server.url}/metrics", timeout=10).text
    counts = re.findall(r'prometheus_http_requests_total\{code="200",handler="/api/v1/query_range"\} (\S+)', text)
    return float(counts[0]) if counts else 0.0


@pytest.mark.server
def test_many_conditions_without_data_cost_few_requests_and_hide_none_that_has_some(prometheus_server):
    rare = NOW - 11 * 86400.0 + np.arange(3) * 60.0
    series = [sample("load", NOW - 300.0 * np.arange(9000.0)[::-1], 0.4), sample("rare_load", rare, 0.5)]
    silent = [alert(f"Silent{number:02}", f'gone{{n="{number}"}} > 1') for number in range(60)]
    server = prometheus_server(
        rules=rules(*silent, alert("Loaded", "load > 0.9"), alert("Rare", "rare_load > 0.9")), series=series
    )
    reading = measured(server)
    found = told(reading)
    assert not gaps(reading)
    assert {verdict for name, verdict in found.items() if name.startswith("Silent")} == {"no_data"}
    assert len([name for name in found if name.startswith("Silent")]) == 60
    assert found["Loaded/1"] != "no_data"
    assert found.get("Rare/1") != "no_data", "it lives between two of the first looks"
    assert asked_so_far(server) <= 30
