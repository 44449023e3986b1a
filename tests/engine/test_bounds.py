"""Nothing can hang or swell: what a rule may cost is bounded by the sizes of what it goes through."""

from __future__ import annotations

import tracemalloc

import pytest

from driftbot.core.finding import Verdict
from driftbot.core.snapshot import Snapshot
from driftbot.engine import compute
from driftbot.engine.evaluate import evaluate
from tests.engine.estate import AS_OF, fact, job, judge, rule, tally, verdict
from tests.rules.words import VOCABULARY

JOB = job(tier="1")


def names(number: int) -> list[str]:
    return [f"alert-{index:06}" for index in range(number)]


def test_ten_thousand_and_one_iterations_are_no_limit():
    """cel-expr-python raises beyond 10,000."""
    facts = fact(JOB, "alerts.names", names(10_001)), fact(JOB, "expected.alerts", names(10_001))
    assert verdict(rule('self.alerts.names.all(a, a.startsWith("alert"))'), *facts) is Verdict.OK
    assert verdict(rule("self.expected.alerts.filter(a, !(a in self.alerts.names)).size() == 0"), *facts) is Verdict.OK


def test_a_membership_test_costs_the_items_not_their_square():
    """10,001 names looked for in 10,001 names would be a hundred million comparisons, ten times for ten rules."""
    facts = tuple(fact(JOB, key, names(10_001)) for key in ("alerts.names", "expected.alerts"))
    text = "self.expected.alerts.all(a, a in self.alerts.names)"
    evaluation = evaluate([rule(text, name=f"r{n}") for n in range(10)], VOCABULARY, Snapshot(AS_OF, facts))
    assert [entry.ok for entry in evaluation.tallies] == [1] * 10


@pytest.mark.parametrize(
    "text",
    [
        "self.alerts.names.all(a, self.alerts.names.exists(b, a == b))",
        "self.alerts.names.all(a, self.alerts.names.all(b, self.alerts.names.all(c, a != b || b != c)))",
        "self.alerts.names.map(a, self.alerts.names.size()).sum() > self.alerts.names.map(a, a).map(b,"
        " self.alerts.names.all(c, c != b) ? 1 : 2).size()",
    ],
)
def test_a_rule_that_would_hang_is_stopped_before_it_starts(text):
    """Nested loops over 10,001 names are 10^8 to 10^12 steps: refused by their size, before anything is computed."""
    tracemalloc.start()
    try:
        counted = tally(judge(rule(text), fact(JOB, "alerts.names", names(10_001))))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert counted.stopped.startswith("the rule goes through 100,020,001 list items")
    assert peak < 50_000_000


def test_the_bound_is_over_all_subjects_together(monkeypatch):
    monkeypatch.setattr(compute, "MOST_ITEMS", 1_000)
    facts = [fact(job(f"job-{number:03}"), "alerts.names", names(11)) for number in range(100)]
    assert "1,100 list items" in tally(judge(rule('self.alerts.names.all(a, a != "")'), *facts)).stopped
    assert not tally(judge(rule('self.alerts.names.all(a, a != "")'), *facts[:90])).stopped


def test_a_text_of_a_hundred_kilobytes_is_a_value_like_any_other():
    long = "ä" * 100_000
    found = judge(rule(f'self.image.endsWith("ä") && self.image != self.policy && self.image == "{"ä" * 100}"'),
                  fact(JOB, "image", long), fact(JOB, "policy", long + "x")).findings  # fmt: skip
    assert [entry.verdict for entry in found] == [Verdict.DRIFT]


def test_a_long_text_is_shortened_where_people_read_it():
    (found,) = judge(rule('self.image == "x"', message="{self.image}"), fact(JOB, "image", "y" * 100_000)).findings
    assert len(found.observed) < 300
    assert len(found.message) < 300


def test_a_long_list_is_shortened_where_people_read_it():
    (found,) = judge(rule("self.alerts.names.size() == 0"), fact(JOB, "alerts.names", names(10_001))).findings
    assert (
        found.observed == "10001 (alert-000000, alert-000001, alert-000002, alert-000003, alert-000004 and 9996 more)"
    )


def test_texts_cannot_grow():
    assert "cannot add text and text" in tally(judge(rule('self.image + self.image != ""'), JOB)).stopped


def test_lets_that_double_are_computed_once_each():
    """Sixty names that each add the one before to itself: 2^60 steps if they were written out."""
    lets = {"n0": "self.retries"} | {f"n{index}": f"n{index - 1} + n{index - 1}" for index in range(1, 60)}
    assert verdict(rule("n59 > 0", let=lets), fact(JOB, "retries", 1)) is Verdict.OK
    (found,) = judge(rule("n59 < 0", let=lets), fact(JOB, "retries", 1)).findings
    assert found.verdict is Verdict.DRIFT


def test_names_of_let_bound_in_a_list_do_not_loop():
    assert "nothing is called 'b' here" in tally(judge(rule("a", let={"a": "b", "b": "a"}), JOB)).stopped


@pytest.mark.parametrize("text", ["!(" * 40 + "self.enabled" + ")" * 40, " + ".join(["self.retries"] * 65) + " > 0"])
def test_nesting_is_bounded_and_said(text):
    assert "deep" in tally(judge(rule(text), JOB)).stopped
