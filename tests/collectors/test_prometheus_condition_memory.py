"""Which verdicts stand, what is remembered of a question, and whose turn it is: tables of nights."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftbot.collectors.prometheus_condition_memory import NOTHING, Remembered, in_turn, remembered
from driftbot.collectors.prometheus_condition_plan import Question
from driftbot.core.fact import Fact, Origin, View
from driftbot.core.subject import Subject
from driftbot.detectors.fit.threshold import Threshold
from driftbot.promql.condition import Comparison

NOW = datetime(2026, 11, 2, 2, 0, tzinfo=UTC)
MONTH = 30 * 86400.0


def ago(nights):
    return None if nights is None else NOW - timedelta(days=nights)


def question(name="X", value=0.9, **more):
    threshold = Threshold(Comparison.ABOVE, value, **{"hold": 300.0, **more})
    return Question(Subject("condition", "production", f"g/{name}/1"), "load", threshold, 60.0, MONTH)


def stated(asked, source="prometheus", **values):
    """What a night stated of a question."""
    said = {"fit.asked": asked.asked} | {f"fit.{key}": value for key, value in values.items() if value is not None}
    origin = Origin(source, f"http://{source}/api/v1/query_range", query="load")
    return [Fact(asked.subject, key, value, View.OBSERVED, origin=origin) for key, value in said.items()]


@pytest.mark.parametrize(
    ("order", "asked"),
    [
        ("never asked first, by name", {"b": (None, None), "a": (None, None), "c": (1, None)}),
        ("the longest ago first", {"c": (5, None), "a": (3, None), "b": (1, None)}),
        ("without a verdict before a standing one", {"b": (None, 1), "a": (7, None)}),
        ("but after one that is to be renewed", {"b": (9, None), "a": (None, 1)}),
        ("what stands no more, before what was tried since", {"c": (15, None), "b": (None, 3), "a": (20, 1)}),
        ("asked in vain last night, whatever stands, comes late", {"b": (6, None), "a": (10, 1)}),
        ("of the same night by name", {"a": (2, None), "b": (2, None), "c": (2, None)}),
    ],
)
def test_whose_turn_it_is(order, asked):
    """The tables stand in the order expected: nights since it was measured, and since it was asked in vain."""
    memory = {
        question(name).subject.id: Remembered(ago(measured), ago(tried))
        for name, (measured, tried) in asked.items()
        if (measured, tried) != (None, None)
    }
    names = [one.subject.name[2] for one in in_turn([question(name) for name in "abc" if name in asked], memory, NOW)]
    expected = sorted(asked) if order.startswith("never") else list(asked)
    assert names == expected, order


@pytest.mark.parametrize(
    ("verdict", "nights", "asked"),
    [
        ("fits", 0, False),
        ("fits", 3.9, False),
        ("fits", 7, True),
        ("never_reached", 1, False),
        ("never_reached", 3.9, False),
        ("never_reached", 7, True),
        ("no_data", 1, False),
        ("flapping", 1, True),
        (None, 1, True),
    ],
)
def test_a_quiet_threshold_rests_some_nights(verdict, nights, asked):
    one = question()
    (memory,) = remembered(stated(one, verdict=verdict, measured_at=ago(nights)), [one], "prometheus", NOW).values()
    assert in_turn([one], {one.subject.id: memory}, NOW) == ([one] if asked else [])


def test_what_rests_is_not_all_asked_on_one_night():
    many = [question(f"alert-{number}") for number in range(100)]
    known = [fact for one in many for fact in stated(one, verdict="fits", measured_at=ago(5.5))]
    awake = in_turn(many, remembered(known, many, "prometheus", NOW), NOW)
    assert 25 < len(awake) < 75


@pytest.mark.parametrize(("nights", "stands"), [(0, True), (1, True), (14, True), (14.01, False), (None, False)])
def test_a_verdict_stands_for_fourteen_nights(nights, stands):
    assert Remembered(ago(nights)).stands(NOW) is stands


@pytest.mark.parametrize(
    "other",
    [
        question(value=0.8),
        question(hold=600.0),
        question(keep_firing=60.0),
        Question(question().subject, "load5", question().threshold, 60.0, MONTH),
        Question(question().subject, "load", question().threshold, 30.0, MONTH),
        Question(question().subject, "load", question().threshold, 60.0, MONTH / 2),
        Question(question().subject, "load", Threshold(Comparison.AT_LEAST, 0.9, 300.0), 60.0, MONTH),
    ],
    ids=["threshold", "for", "keep_firing_for", "measured side", "interval", "window", "comparison"],
)
def test_what_asks_something_else_is_not_remembered(other):
    known = stated(question(), verdict="fits", measured_at=ago(1))
    found = remembered(known, [question(), other], "prometheus", NOW)
    assert found[question().subject.id] is NOTHING, "the last one of this subject is the other"
    assert remembered(known, [question()], "prometheus", NOW)[question().subject.id].stands(NOW)


@pytest.mark.parametrize(
    ("here", "there", "expected"),
    [
        (3, 1, 1),
        (1, 3, 1),
        (None, 3, 3),
        (3, None, 3),
        (-1, 3, 3),
    ],
    ids=["another's is newer", "own is newer", "own is only tried", "another's is only tried", "own is of the future"],
)
def test_of_several_servers_the_newest_word_counts_as_own(here, there, expected):
    mine, known = question(), []
    for source, nights in (("prometheus", here), ("replica", there)):
        at = {"tried_at": ago(2)} if nights is None else {"measured_at": ago(nights), "verdict": "fits"}
        known += stated(mine, source, **at)
    found = remembered(known, [mine], "prometheus", NOW)[mine.subject.id]
    assert found.measured_at == ago(expected)
    assert [fact.origin.source for fact in found.facts] == ["prometheus"]


def test_what_is_kept_of_a_night_that_brought_nothing():
    fact = stated(question(), evidence="fires often")[1]
    judged = Remembered(ago(3), None, (fact,))
    assert judged.kept(NOW, None) == judged and judged.kept(NOW, NOW) == Remembered(ago(3), NOW, (fact,))
    assert Remembered(ago(20), ago(4), (fact,)).kept(NOW, None) == Remembered(tried_at=ago(4)), "when, and no more what"
    assert Remembered(ago(20)).kept(NOW, NOW) == Remembered(tried_at=NOW)
    assert NOTHING.kept(NOW, None) is NOTHING and not list(NOTHING.said_of(question()))


def test_the_evidence_says_once_when_it_was_measured():
    (once,) = Remembered(ago(3), None, tuple(stated(question(), evidence="fires often")[1:])).restated()
    assert once.value == "fires often; measured on 2026-10-30"
    assert list(Remembered(ago(3), None, (once,)).restated()) == [once]


@given(st.integers(1, 200), st.integers(1, 200), st.integers(0, 30))
def test_if_all_fit_into_fourteen_nights_every_verdict_stands_once_all_were_asked(size, fits, hopeless):
    """Whatever fits into a night; some that never get a verdict take their turn, and no more than that."""
    fits = max(fits, -(-(size + hopeless) // 6))
    asked = [question(f"{number:03d}") for number in range(size + hopeless)]
    memory, in_vain = {}, {one.subject.id for one in asked[:hopeless]}
    for night in range(40):
        now = NOW + timedelta(days=night)
        turn = {one.subject.id for one in in_turn(asked, memory, now)[:fits]}
        for one in asked:
            before, name = memory.get(one.subject.id, NOTHING), one.subject.id
            failed = now if name in turn & in_vain else None
            memory[name] = Remembered(now) if name in turn - in_vain else before.kept(now, failed)
        if night >= 6:
            assert all(memory[one.subject.id].stands(now) for one in asked[hopeless:]), night
