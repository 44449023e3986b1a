"""What is asked about conditions, in which order and in which steps."""

from __future__ import annotations

import pytest

from driftbot.collectors.alert_rule import said
from driftbot.collectors.prometheus_condition_plan import (
    MOST_CELLS,
    Question,
    Sampling,
    fine_sampling,
    questions,
)
from driftbot.collectors.prometheus_scope import Scope
from driftbot.core.fact import Fact, Origin, View
from driftbot.core.quantity import Quantity, Unit
from driftbot.core.subject import Subject, labels_of
from driftbot.detectors.fit.threshold import Part, Rows, Threshold
from driftbot.promql.condition import Comparison
from driftbot.promql.reading import read_expression

MONTH = 30 * 86400.0
ORIGIN = Origin("prometheus")


def facts(name, expression, labels=None, **seconds):
    """What a server states of an alert and its conditions."""
    subject = Subject("alert", "production", name, labels_of({"alertname": name, **(labels or {})}))
    yield Fact(subject, "expression", expression, View.EFFECTIVE, origin=ORIGIN)
    for key, value in seconds.items():
        yield Fact(subject, key, Quantity(value, Unit.SECONDS), View.EFFECTIVE, origin=ORIGIN)
    for number, condition in enumerate(read_expression(expression).conditions, start=1):
        part = Subject("condition", "production", f"{name}/{number}", subject.labels)
        for key, value in said(condition):
            yield Fact(part, key, value, View.EFFECTIVE, origin=ORIGIN)


def asked(*about):
    found = questions(Scope("prometheus", "production", True), [fact for one in about for fact in one], MONTH)
    return {question.subject.name: question for question in found}


def test_a_question_has_the_alerts_times_and_what_the_names_tell():
    found = asked(facts("Busy", "cpu_utilization_ratio > 0.9", hold=300, keep_firing=60, interval=30))["Busy/1"]
    assert found.measured == "cpu_utilization_ratio" and found.interval == 30.0
    assert found.threshold == Threshold(
        Comparison.ABOVE, 0.9, 300.0, 60.0, Part.ALONE, low=0.0, high=1.0, factors=(100.0,)
    )
    assert asked(facts("Busy", "load > 5"))["Busy/1"].interval == 60.0, "Prometheus' default"


@pytest.mark.parametrize(
    ("expression", "parts"),
    [
        ("a > 3", [Part.ALONE]),
        ("a > 3 or b > 4", [Part.ALTERNATIVE, Part.ALTERNATIVE]),
        ("a > 3 and b > 4", [Part.JOINED, Part.JOINED]),
        ("3 < a < 9", [Part.JOINED, Part.JOINED]),
        ("a > 3 unless b > 4", [Part.JOINED, None]),
        ("a > 3 or (b > 4 and c > 5)", [Part.JOINED, Part.JOINED, Part.JOINED]),
    ],
)
def test_what_a_condition_is_to_its_alert(expression, parts):
    found = asked(facts("X", expression)).values()
    assert [one.threshold.part if one.threshold else None for one in found] == parts


@pytest.mark.parametrize(
    ("expression", "because"),
    [
        ("vector(1)", "dead man"),
        ("absent(up{job='a'})", "absent"),
        ("absent_over_time(a[1h])", "absent"),
        ("ALERTS", "present"),
        ("up == 0", "state"),
        ("probe_success{job='b'} < 1", "state"),
        ("kube_node_status_condition != 1", "state"),
        ("increase(errors_total[5m]) > 0", "first event"),
        ("changes(process_start_time_seconds[15m]) > 0", "first event"),
        ("oom_kills >= 1", "first event"),
        ("a > b", "no constant"),
        ("sum(a > 3)", "inside the aggregation"),
        ("a > bool 3", "present"),
    ],
)
def test_what_is_left_alone_and_why(expression, because):
    found = asked(facts("X", expression))["X/1"]
    assert because in found.because and found.threshold is None


@pytest.mark.parametrize(("health", "because"), [("err", "cannot evaluate"), ("ok", ""), ("unknown", "")])
def test_what_the_server_cannot_evaluate_is_left_alone(health, because):
    known = [*facts("X", "load > 5 and rate_of_use > 7")]
    known.append(Fact(known[0].subject, "health", health, View.EFFECTIVE, origin=ORIGIN))
    for found in asked(known).values():
        assert bool(because) is bool(found.because) is (found.threshold is None) and because in found.because


def test_what_another_server_cannot_evaluate_is_asked_where_it_is_evaluated():
    known = [*facts("X", "load > 5")]
    known.append(Fact(known[0].subject, "health", "err", View.EFFECTIVE, origin=Origin("another")))
    assert not asked(known)["X/1"].because


@pytest.mark.parametrize("name", ["Watchdog", "DeadMansSwitch", "InfoHeartbeat"])
def test_a_dead_mans_switch_is_known_by_its_name(name):
    assert "dead man" in asked(facts(name, "some_metric > 5"))[f"{name}/1"].because


@pytest.mark.parametrize(
    "expression", ["load > 1", "requests_waiting >= 1", "rate(errors_total[5m]) > 0.1", "up_time > 3"]
)
def test_what_is_not_left_alone(expression):
    assert not asked(facts("X", expression))["X/1"].because


def test_conditions_of_an_alert_that_nobody_states_are_not_asked():
    conditions = [fact for fact in facts("X", "a > 3") if fact.subject.kind == "condition"]
    assert asked(conditions) == {}


def test_the_extremes_are_those_on_the_alerting_side_first():
    subject = Subject("condition", "production", "X/1")
    above = Question(subject, "a", Threshold(Comparison.ABOVE, 1.0), 60.0, MONTH)
    below = Question(subject, "a", Threshold(Comparison.AT_MOST, 1.0), 60.0, MONTH)
    assert above.queries(Rows.ENVELOPE) == ("max(a)", "min(a)") and below.queries(Rows.ENVELOPE) == ("min(a)", "max(a)")
    assert above.queries(Rows.SERIES) == ("a",)


def test_steps_are_evaluations_coarser_only_as_far_as_the_hold_allows():
    subject = Subject("condition", "production", "X/1")
    held = Question(subject, "a", Threshold(Comparison.ABOVE, 1.0, hold=900.0), 60.0, MONTH)
    assert fine_sampling(held, MONTH, series=1, cost=1.0, left=1e9) == Sampling(MONTH, 60.0, Rows.SERIES)
    assert fine_sampling(held, MONTH, series=1, cost=10.0, left=10 * MONTH / 200) == Sampling(MONTH, 200.0, Rows.SERIES)
    assert fine_sampling(held, MONTH, series=1, cost=10.0, left=10 * MONTH / 400) is None
    at_once = Question(subject, "a", Threshold(Comparison.ABOVE, 1.0), 60.0, MONTH)
    assert fine_sampling(at_once, MONTH, series=1, cost=10.0, left=10 * MONTH / 61) is None
    assert fine_sampling(at_once, MONTH, series=MOST_CELLS, cost=1.0, left=1e9) is None, "nor may it fill the memory"
