"""Needs: exactly the series that the rules name, the longest window, a step for all, and who asks."""

from __future__ import annotations

import pytest

from driftbot.core.demand import FactNeed, MarkerNeed, SeriesNeed
from driftbot.core.key import Delivery, Key, ValueType, Vocabulary
from driftbot.core.marker import MARKERS
from driftbot.engine.needs import named_keys, needs, step_of
from tests.engine.estate import DAY, fact, job, rule
from tests.rules.words import VOCABULARY

LONG = rule('self.duration.max("30d") < duration("1h") && self.failures.increase("1d") == 0', name="long")
SHORT = rule('x < duration("1h")', let={"x": 'self.duration.quantile(0.99, "1h")'}, name="short")


def test_one_need_a_key_with_the_longest_window_and_a_step_for_all():
    assert needs([LONG, SHORT], VOCABULARY, ()).series == (
        SeriesNeed("job", "duration", 30 * DAY, 300.0, ("long", "short")),
        SeriesNeed("job", "failures", DAY, 60.0, ("long",)),
    )


@pytest.mark.parametrize(
    "place",
    [
        {"where": 'self.duration.last("2d") > duration("1s")', "expect": "true"},
        {"expect": "true", "recommend": {"timeout.deadline": 'self.duration.last("2d")'}},
        {"expect": "true", "message": '{self.duration.last("2d")}'},
        {"expect": "true", "let": {"unused": 'self.duration.last("2d")'}},
        {"expect": 'self.alerts.names.all(a, self.duration.last("2d") > duration("1s"))'},
        {"expect": 'present(self.duration.last("2d"))'},
    ],
)
def test_every_expression_of_a_rule_is_looked_at(place):
    assert [need.window for need in needs([rule(**place)], VOCABULARY, ()).series] == [2 * DAY]


def test_a_rule_that_surely_selects_nobody_asks_for_nothing():
    narrow = rule('self.duration.last("2d") > duration("1s")', where="self.retries == 3")
    assert needs([narrow], VOCABULARY, [fact(job(), "retries", 4)]).series == ()
    assert needs([narrow], VOCABULARY, [fact(job(), "retries", 3)]).series
    assert needs([narrow], VOCABULARY, [fact(job(), "replicas", 4)]).series
    assert needs([narrow], VOCABULARY, []).series


@pytest.mark.parametrize(
    "where", ["present(self.retries)", 'self.labels.tier == "1"', 'as_of > timestamp("2026-01-01T00:00:00Z")']
)
def test_what_only_the_night_can_settle_is_asked_for(where):
    asked = rule('self.duration.last("2d") > duration("1s")', where=where)
    assert needs([asked], VOCABULARY, [fact(job(), "replicas", 4)]).series


def test_rules_that_do_not_fit_ask_for_nothing():
    assert needs([rule("self.typo == 1"), rule("true", for_each="starship")], VOCABULARY, ()).series == ()


@pytest.mark.parametrize(
    ("window", "step"), [(3600, 60), (DAY, 60), (30 * DAY, 300), (60 * DAY, 600), (999 * DAY, 3600)]
)
def test_a_window_is_measured_with_some_thousand_samples(window, step):
    assert step_of(window) == step


def test_the_keys_that_rules_name_by_kind():
    rules = [
        rule(
            'worst < self.timeout.deadline && "self.image" != self.policy && known(declared.memory.limit)',
            where='self.labels.tier == "1" && self.alerts.names.size() > 0',
            let={"worst": 'self.duration.max("30d")'},
            recommend={"retries": "approved.retries"},
        ),
        rule("self.hops.retries.max.map(r, 1 + r).product() <= 4", for_each="path", name="paths"),
    ]
    assert named_keys(rules, VOCABULARY) == {
        "job": frozenset(
            {"timeout.deadline", "policy", "memory.limit", "labels.tier", "alerts.names", "duration", "retries"}
        ),
        "call": frozenset({"retries.max"}),
    }


COSTLY = Vocabulary(
    [
        *VOCABULARY,
        Key("job", "fit.verdict", ValueType.TEXT, "costly", None, ("test",), Delivery.ON_DEMAND),
        Key("job", "fit.cause", ValueType.TEXT, "costly", None, ("test",), Delivery.ON_DEMAND),
    ]
)


def test_a_costly_fact_is_read_only_if_a_rule_names_it_and_with_it_goes_what_is_known():
    known = [fact(job(), "retries", 4)]
    assert needs([rule("self.retries == 3")], COSTLY, known).about == ()
    demand = needs(
        [rule('self.fit.verdict == "fits"', name="b"), rule("known(self.fit.verdict)", name="a")], COSTLY, known
    )
    assert demand.facts == (FactNeed("job", "fit.verdict", ("a", "b")),)
    assert demand.about == tuple(known)
    assert demand.keys_of("job") == {"fit.verdict"}
    assert demand.keys_of("service") == frozenset()


def test_a_costly_fact_is_not_read_for_a_rule_that_surely_selects_nobody():
    known = [fact(job(), "retries", 4)]
    assert not needs([rule('self.fit.verdict == "fits"', where="self.retries == 3")], COSTLY, known)
    assert needs([rule('self.fit.verdict == "fits"', where="self.retries == 4")], COSTLY, known)


def test_a_rule_that_chooses_by_a_costly_fact_asks_for_it_whatever_else_is_known():
    known = [fact(job(), "retries", 4)]
    chosen = rule("self.retries == 3", where='self.fit.verdict == "fits"')
    assert needs([chosen], COSTLY, known).keys_of("job") == {"fit.verdict"}
    named = rule("self.retries == 3", where="odd", let={"odd": 'self.fit.cause == "none"'})
    assert needs([named], COSTLY, known).keys_of("job") == {"fit.cause"}


DRIFTS = rule('self.duration.drift("60d") <= 0.1 && self.failures.baseline("28d") < 10', name="drifts")
STEPS = rule('self.memory.used.step("90d") <= 0.2', name="steps")
BREACHES = rule('self.duration.breach(self.timeout.deadline, "30d") <= 0.1', name="breaches")


def test_detectors_are_measured_by_the_hour_and_a_breach_looks_back_however_far_it_looks_ahead():
    asked = {need.key: need for need in needs([DRIFTS, STEPS], VOCABULARY, ()).series}
    assert {key: (need.window, need.step) for key, need in asked.items()} == {
        "duration": (60 * DAY, 3600.0),
        "failures": (28 * DAY, 3600.0),
        "memory.used": (90 * DAY, 3600.0),
    }
    (breach,) = needs([BREACHES], VOCABULARY, ()).series
    assert (breach.window, breach.step) == (90 * DAY, 3600.0)


def test_markers_are_asked_for_as_far_back_as_some_detector_looks_and_only_then():
    assert needs([DRIFTS, STEPS, BREACHES], VOCABULARY, ()).markers == (
        MarkerNeed("job", 90 * DAY, ("drifts", "steps")),
    )
    assert needs([BREACHES, LONG], VOCABULARY, ()).markers == ()
    assert MARKERS in named_keys([DRIFTS], VOCABULARY)
    assert MARKERS not in named_keys([BREACHES], VOCABULARY)
