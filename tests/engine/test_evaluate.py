"""The judgement: views, absence, conflicts, selection, waivers, tallies and what a finding says."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise

import numpy as np
import pytest

from driftbot.core.coverage import Gap
from driftbot.core.excuse import Waiver
from driftbot.core.fact import Fact, Origin, Provenance, View
from driftbot.core.finding import Verdict
from driftbot.core.key import Vocabulary
from driftbot.core.quantity import Quantity, Unit
from driftbot.core.snapshot import Snapshot
from driftbot.core.subject import Subject
from driftbot.engine import compute
from driftbot.engine.evaluate import evaluate
from tests.engine.estate import (
    AS_OF,
    broken,
    call,
    complete,
    fact,
    finding,
    hourly,
    job,
    judge,
    rule,
    tally,
    verdict,
    watched,
)
from tests.rules.words import VOCABULARY

JOB = job(tier="1")
OK, DRIFT, UNKNOWN = Verdict.OK, Verdict.DRIFT, Verdict.UNKNOWN


@pytest.mark.parametrize(
    ("views", "expected"),
    [
        ({View.DECLARED: 3}, 3),
        ({View.OBSERVED: 4}, 4),
        ({View.DECLARED: 3, View.OBSERVED: 4}, 3),
        ({View.DECLARED: 3, View.EFFECTIVE: 5}, 5),
        ({View.DECLARED: 3, View.EFFECTIVE: 5, View.OBSERVED: 4}, 5),
    ],
)
def test_self_is_the_effective_else_the_declared_else_the_observed_value(views, expected):
    facts = [fact(JOB, "retries", value, view) for view, value in views.items()]
    assert verdict(rule(f"self.retries == {expected}"), *facts) is OK


def test_an_approved_value_is_never_self():
    approved = fact(JOB, "retries", 3, View.APPROVED)
    assert verdict(rule("self.retries == 3"), approved, JOB) is UNKNOWN
    assert verdict(rule("approved.retries == 3"), approved, JOB) is OK


def test_an_approval_alone_keeps_no_subject_alive():
    evaluation = judge(rule("self.retries == 3"), fact(JOB, "retries", 3, View.APPROVED))
    assert tally(evaluation).subjects == 0


def test_each_view_is_named_by_its_word():
    facts = [fact(JOB, "retries", number, view) for number, view in enumerate(View)]
    text = " && ".join(f"{view}.retries == {number}" for number, view in enumerate(View))
    assert verdict(rule(text), *facts) is OK


@pytest.mark.parametrize(
    ("text", "coverage", "expected"),
    [
        ("present(self.retries)", complete(), DRIFT),
        ("!present(self.retries)", complete(), OK),
        ("present(self.retries)", broken(), UNKNOWN),
        ("present(self.retries)", complete("job", "image"), UNKNOWN),
        ("present(self.retries)", broken("job", "image"), UNKNOWN),
        ("present(approved.retries)", broken(), DRIFT),
        ("explicit(self.retries)", complete(), DRIFT),
        ("explicit(self.retries)", broken(), UNKNOWN),
        ("present(self.duration.last())", complete(), DRIFT),
        ("present(self.duration.last())", broken(), UNKNOWN),
        ('self.duration.count("1d") == 0', complete(), OK),
        ('self.duration.count("1d") == 0', broken(), UNKNOWN),
        ('self.labels.team == "x"', complete(), DRIFT),
        ('self.labels.team == "x"', broken(), UNKNOWN),
        ("present(self.labels.team)", complete(), DRIFT),
        ("present(self.labels.team)", broken(), UNKNOWN),
        ("known(self.retries)", complete(), DRIFT),
        ("self.retries == 0", complete(), UNKNOWN),
    ],
)
def test_absence_needs_coverage(text, coverage, expected):
    """Law 2. Nobody states the key, the series or the label."""
    assert verdict(rule(text), fact(JOB, "image", "x"), coverage) is expected


def test_a_broken_source_beside_a_complete_one_leaves_absence_open():
    assert verdict(rule("present(self.retries)"), JOB, complete(), broken()) is UNKNOWN


def test_absence_is_asserted_per_environment():
    here, there = job("here"), job("there", "staging")
    expected = rule("!present(self.retries)")
    found = judge(expected, here, there, complete()).findings
    assert {entry.subject.environment: entry.verdict for entry in found} == {"production": OK, "staging": UNKNOWN}


@pytest.mark.parametrize(
    ("provenance", "expected"),
    [(Provenance.EXPLICIT, OK), (Provenance.INHERITED, DRIFT), (Provenance.DEFAULT, DRIFT)],
)
def test_explicit_asks_who_wrote_the_value(provenance, expected):
    assert verdict(rule("explicit(self.retries)"), fact(JOB, "retries", 3, provenance=provenance)) is expected


@pytest.mark.parametrize(
    "order", [(Provenance.EXPLICIT, Provenance.DEFAULT), (Provenance.DEFAULT, Provenance.EXPLICIT)]
)
def test_one_who_wrote_it_is_enough_whatever_the_order(order):
    facts = [fact(JOB, "retries", 3, provenance=one, file=f"{number}.yaml") for number, one in enumerate(order)]
    assert verdict(rule("explicit(self.retries)"), *facts) is OK


def test_two_facts_that_differ_are_a_conflict_and_both_are_named():
    facts = fact(JOB, "retries", 3, file="a.yaml"), fact(JOB, "retries", 5, file="b.yaml")
    found = finding(rule("self.retries <= 9"), *facts)
    assert found.verdict is UNKNOWN
    assert found.reasons == ("retries is stated differently: 3 (a.yaml:3) and 5 (b.yaml:3)",)
    assert [origin.locator for origin in found.evidence[0].origins] == ["a.yaml", "b.yaml"]


@pytest.mark.parametrize(("declared", "places"), [(3, ["server", "a.yaml"]), (4, ["server"])])
def test_a_servers_value_comes_with_the_files_that_state_the_same(declared, places):
    facts = fact(JOB, "retries", 3, View.EFFECTIVE, file="server"), fact(JOB, "retries", declared)
    (read,) = finding(rule("self.retries <= 2"), *facts).evidence
    assert (read.view, [origin.locator for origin in read.origins]) == (View.EFFECTIVE, places)
    (asked,) = finding(rule("effective.retries <= 2"), *facts).evidence
    assert [origin.locator for origin in asked.origins] == ["server"]


def test_two_facts_that_agree_are_no_conflict():
    facts = fact(JOB, "retries", 3, file="a.yaml"), fact(JOB, "retries", 3, file="b.yaml")
    assert verdict(rule("self.retries <= 9"), *facts) is OK


def test_a_conflict_in_the_first_view_does_not_fall_through_to_the_next():
    effective = [fact(JOB, "retries", number, View.EFFECTIVE) for number in (3, 5)]
    assert verdict(rule("self.retries <= 9"), *effective, fact(JOB, "retries", 1)) is UNKNOWN


def test_a_conflict_is_present_all_the_same():
    facts = fact(JOB, "retries", 3), fact(JOB, "retries", 5)
    assert verdict(rule("present(self.retries)"), *facts) is OK


def test_lists_that_differ_are_a_conflict():
    facts = fact(JOB, "alerts.names", ["a"]), fact(JOB, "alerts.names", ["a", "b"])
    assert verdict(rule("self.alerts.names.size() >= 1"), *facts) is UNKNOWN


def test_a_value_of_another_type_than_declared_is_unknown_and_said():
    wrong = Fact(JOB, "retries", Quantity(3, Unit.SECONDS), origin=Origin("files", "a.yaml", 3))
    found = finding(rule("self.retries <= 9"), wrong)
    assert found.verdict is UNKNOWN
    assert found.reasons == ("retries was read as 3s (a.yaml:3), which is not count",)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("self.retries <= 3 || self.replicas > 1", OK),
        ("self.retries > 3 && self.replicas > 1", DRIFT),
        ("self.retries > 3 || self.replicas > 1", UNKNOWN),
        ("self.retries <= 3 && self.replicas > 1", UNKNOWN),
        ("self.replicas > 1 ? self.retries == 3 : self.retries == 3", OK),
        ("!(self.replicas > 1)", UNKNOWN),
        ("self.replicas * 0 == 0", UNKNOWN),
        ("self.replicas == self.replicas", UNKNOWN),
        ("known(self.replicas) && self.replicas > 1", DRIFT),
        ("self.retries / (self.retries - 3) > 1", UNKNOWN),
        ("self.retries / (self.retries - 3) > 1 || true", OK),
        ("(self.retries - 3) / (self.retries - 3) == 1", UNKNOWN),
        ("self.retries * 1e308 * 1e308 > 1", UNKNOWN),
    ],
)
def test_a_verdict_holds_whatever_the_unread_values_are(text, expected):
    """Law 1. ``retries`` is 3, ``replicas`` was not read."""
    assert verdict(rule(text), fact(JOB, "retries", 3)) is expected


@pytest.mark.parametrize(
    ("where", "expect", "expected", "undecided"),
    [
        ("self.retries == 3", "self.retries == 3", OK, 0),
        ("self.retries == 4", "self.retries == 5", None, 0),
        ("self.replicas == 1", "self.retries == 3", None, 1),
        ("self.replicas == 1", "self.retries == 4", UNKNOWN, 1),
        ("self.replicas == 1", "self.replicas == 2", UNKNOWN, 1),
        ("self.retries == 3", "self.replicas == 2", UNKNOWN, 0),
    ],
)
def test_an_undecided_selection_is_unknown_unless_the_subject_is_healthy_anyway(where, expect, expected, undecided):
    evaluation = judge(rule(expect, where), fact(JOB, "retries", 3))
    assert [found.verdict for found in evaluation.findings] == ([expected] if expected else [])
    assert tally(evaluation).undecided == undecided
    assert tally(evaluation).unknown == int(expected is UNKNOWN)


def test_an_undecided_selection_says_what_would_have_to_be_readable():
    found = finding(rule("self.retries == 4", 'self.labels.tier == "1"'), fact(job(), "retries", 3), broken())
    assert found.reasons == (
        "whether the rule is meant for this subject is not known",
        "the label tier was not read: b.yaml:7: permission denied",
    )


def test_a_gap_is_named_with_its_place():
    found = finding(rule("self.retries == 4"), JOB, broken())
    assert found.reasons == ("retries was not read: b.yaml:7: permission denied",)


def test_what_nobody_measures_is_said_so_and_no_file_is_blamed_for_it():
    found = finding(rule('self.duration.max("30d") < duration("1h")'), fact(JOB, "retries", 3), broken())
    assert found.reasons == ("nobody measures it: no source provides series for duration",)
    asked = finding(rule('self.duration.max("30d") < duration("1h")'), JOB, broken("job", "duration"), broken("job"))
    assert found.verdict is UNKNOWN
    assert asked.reasons == ("duration was not measured: b.yaml:7: permission denied",)


def test_only_gaps_that_can_hold_the_key_of_this_subject_are_named():
    settled = replace(broken(), settled=frozenset({"retries"}))
    other = replace(broken("job", reason="timed out"), source="server")
    found = finding(rule("self.retries == 4"), fact(JOB, "image", "x"), settled, other)
    assert found.reasons == ("retries was not read: b.yaml:7: timed out",)


def test_a_source_that_never_states_a_view_is_not_blamed_for_it():
    found = finding(rule("effective.retries == 4"), fact(JOB, "retries", 3), broken())
    assert found.reasons == ("effective retries was not read; no source states it",)
    server = replace(broken("job", reason="timed out"), source="server")
    found = finding(rule("effective.retries == 4"), fact(JOB, "retries", 3), broken(), server)
    assert found.reasons == ("effective retries was not read: b.yaml:7: timed out",)


def test_what_merely_was_unreadable_tonight_is_not_never_seen():
    text = 'self.retries == 4 && self.duration.max("30d") < duration("1h")'
    unread = judge(rule(text), fact(JOB, "image", "x"), broken())
    assert tally(unread).never_seen == ("duration",), "files never measure"
    assert tally(judge(rule(text), fact(JOB, "image", "x"), broken(), broken("job", "duration"))).never_seen == ()
    assert tally(judge(rule(text), fact(JOB, "image", "x"), complete())).never_seen == ("duration", "retries")


def test_three_gaps_are_named_each_in_short():
    many = replace(broken(), gaps=tuple(Gap(Origin("files", f"{n}.yaml"), "x" * 1000) for n in range(5)))
    (reason,) = finding(rule("self.retries == 4"), JOB, many).reasons
    assert (reason.count(".yaml: x"), reason.endswith("… and 2 more")) == (3, True)
    assert len(reason) < 700


def test_drift_is_told_by_what_breaks_the_rule_not_by_what_was_unread_beside_it():
    found = finding(rule("self.retries == 4 && self.replicas > 0"), fact(JOB, "retries", 3))
    assert (found.verdict, found.observed, found.expected) == (DRIFT, "self.retries = 3", "4")


@pytest.mark.parametrize(
    ("retries", "told"), [(3, ("self.retries = 3", "4")), (4, ("self.retries = 4", "4"))], ids=["drift", "ok"]
)
def test_a_guard_is_not_told_beside_what_it_guards(retries, told):
    guarded = rule("!known(self.replicas) || self.replicas == 9 || (known(self.image) ? false : self.retries == 4)")
    found = finding(guarded, fact(JOB, "retries", retries), fact(JOB, "replicas", 1))
    observed = tuple(part.rpartition("; ")[2] for part in (found.observed, found.expected))
    assert observed == told
    assert "known(" not in found.observed


def test_the_arithmetic_of_a_finding():
    expected = rule(
        'worst <= 0.7 * deadline && self.duration.count("30d") > 2',
        let={"deadline": "self.timeout.deadline", "worst": 'self.duration.max("30d")'},
        message="{worst} of {deadline} used by {{one}}",
        recommend={"timeout.deadline": "1.5 * worst", "retries": "self.replicas + 1"},
    )
    series = hourly(JOB, "duration", np.linspace(3600, 6600, 720), file="max(job_seconds)")
    found = finding(expected, fact(JOB, "timeout.deadline", "2h"), series)
    assert found.verdict is DRIFT
    assert found.message == "1h50m of 2h used by {one}"
    assert found.observed == "worst = 1h50m"
    assert found.expected == "at most 1h24m = 0.7 × 2h"
    assert {entry.name: str(entry.value) for entry in found.evidence} == {
        "worst": "1h50m",
        "self.timeout.deadline": "2h",
        'self.duration.count("30d")': "720",
    }
    worst, deadline, _ = found.evidence
    assert (worst.view, worst.origins[0].locator) == (View.OBSERVED, "max(job_seconds)")
    assert (deadline.view, deadline.provenance, str(deadline.origins[0])) == (
        View.DECLARED,
        Provenance.EXPLICIT,
        "a.yaml:3",
    )
    assert [(entry.key, str(entry.value or entry.note)) for entry in found.recommendations] == [
        ("timeout.deadline", "2h45m"),
        ("retries", "replicas was not read; no source says that it looked for it"),
    ]


@pytest.mark.parametrize(
    ("approved", "advice"),
    [({}, []), ({"retries": 3}, []), ({"retries": 5}, ["5"]), ({"replicas": 5}, [])],
)
def test_an_approved_value_is_restored_only_where_one_was_approved_and_differs(approved, advice):
    expected = rule("self.replicas == 1", let={"right": "approved.retries"}, recommend={"retries": "right"})
    facts = [fact(JOB, "retries", 3), fact(JOB, "replicas", 2)]
    facts += [fact(JOB, key, value, View.APPROVED) for key, value in approved.items()]
    assert [str(entry.value) for entry in finding(expected, *facts).recommendations] == advice


@pytest.mark.parametrize(
    ("text", "observed", "expected"),
    [
        ("!(self.retries == 3)", "self.retries = 3", "not 3"),
        ("5 <= self.retries", "self.retries = 3", "at least 5"),
        ("self.retries > 9 || self.enabled", "self.retries = 3; self.enabled = false", "more than 9; true"),
        ("self.retries + 1 < 2 * self.retries - 2", "4 = 3 + 1", "less than 4 = 2 × 3 − 2"),
        ("(self.retries + 1) * 2 == 9", "8 = (3 + 1) × 2", "9"),
        ('self.alerts.names.filter(a, a.startsWith("J")).size() == 0', "2 (JobA, JobB)", "0"),
        ('"X" in self.alerts.names', "self.alerts.names = JobA, JobB, Other", "with X"),
        ('!("JobA" in self.alerts.names)', "self.alerts.names = JobA, JobB, Other", "without JobA"),
        ('self.alerts.names.all(a, a == "JobA")', "not for JobB, Other", "for all of self.alerts.names"),
        ('!self.alerts.names.all(a, a != "X")', "for all of JobA, JobB, Other", "not for all of self.alerts.names"),
        ('self.alerts.names.exists(a, a == "X")', "for none of JobA, JobB, Other", "for one of self.alerts.names"),
        ('!self.alerts.names.exists(a, a == "JobA")', "for JobA", "for none of self.alerts.names"),
        ('!self.image.startsWith("app")', "self.image = app:2", "not starting with app"),
        ("explicit(self.image)", "explicit(self.image) = false", "true"),
        ('self.image.endsWith(":1")', "self.image = app:2", "ending with :1"),
    ],
)  # fmt: skip
def test_what_was_observed_and_what_was_expected(text, observed, expected):
    facts = [
        fact(JOB, "retries", 3),
        fact(JOB, "enabled", False),
        fact(JOB, "alerts.names", ["JobA", "JobB", "Other"]),
        fact(JOB, "image", "app:2", provenance=Provenance.DEFAULT),
    ]
    found = finding(rule(text), *facts)
    assert (found.verdict, found.observed, found.expected) == (DRIFT, observed, expected)


def test_a_trend_that_meets_no_limit_says_how_far_was_looked():
    expected = rule(
        'left > duration("60d") && self.retries == 4',
        let={"left": 'self.duration.time_until(self.timeout.deadline, "60d")'},
        message="reached in {left}",
    )
    flat = hourly(JOB, "duration", np.full(24 * 70, 60.0))
    found = finding(expected, flat, fact(JOB, "timeout.deadline", "2h"), fact(JOB, "retries", 3))
    assert found.message == "reached in not within 60d"
    assert found.observed == "self.retries = 3"


def waiver(of: Subject, until: timedelta) -> dict[str, Waiver]:
    found = finding(rule("self.retries == 4"), fact(of, "retries", 3))
    excused = Waiver(
        found.fingerprint, "a-rule", of.id, "ann", "known, see 7", AS_OF - timedelta(days=3), AS_OF + until
    )
    return {found.fingerprint: excused}


@pytest.mark.parametrize(("until", "expected"), [(timedelta(days=1), Verdict.WAIVED), (timedelta(0), DRIFT)])
def test_a_waiver_excuses_until_it_ends(until, expected):
    snapshot = Snapshot(AS_OF, (fact(JOB, "retries", 3),))
    evaluation = evaluate([rule("self.retries == 4")], VOCABULARY, snapshot, waiver(JOB, until))
    (found,) = evaluation.findings
    assert found.verdict is expected
    assert (tally(evaluation).waived, tally(evaluation).drift) == ((1, 0) if expected is Verdict.WAIVED else (0, 1))
    if expected is Verdict.WAIVED:
        assert found.reasons == ("waived by ann until 2026-01-02: known, see 7",)


def test_a_waiver_excuses_one_subject_only_and_nothing_that_is_healthy():
    snapshot = Snapshot(AS_OF, (fact(JOB, "retries", 4), fact(job("two"), "retries", 3)))
    expected = rule("self.retries == 4")
    evaluation = evaluate(
        [expected], VOCABULARY, snapshot, waiver(JOB, timedelta(days=9)), watched((expected,), (JOB,))
    )
    assert [found.verdict for found in evaluation.findings] == [DRIFT, OK]


def test_healthy_findings_come_back_only_when_watched():
    snapshot = Snapshot(AS_OF, (fact(JOB, "retries", 3), fact(job("two"), "retries", 3)))
    expected = rule("self.retries == 3")
    assert evaluate([expected], VOCABULARY, snapshot).findings == ()
    found = evaluate([expected], VOCABULARY, snapshot, {}, watched((expected,), (JOB,))).findings
    assert [entry.subject.name for entry in found] == ["one"]


def test_the_tally_counts_subjects_and_names_what_nobody_ever_saw():
    subjects = [job(f"job-{number}", tier=str(number % 3)) for number in range(9)]
    facts = [fact(subject, "retries", number) for number, subject in enumerate(subjects[:6])]
    expected = rule("self.retries < 4 && (self.retries < 99 || self.replicas < 9)", 'self.labels.teir != "9"')
    counted = tally(judge(expected, *facts, *subjects, complete()))
    assert (counted.subjects, counted.selected, counted.ok, counted.drift, counted.unknown) == (9, 9, 4, 2, 3)
    assert counted.never_seen == ("labels.teir", "replicas")
    assert not counted.matched_nothing


def test_a_rule_that_matched_nothing_says_so():
    assert tally(judge(rule("true", "self.retries == 4"), fact(JOB, "retries", 3))).matched_nothing
    assert tally(judge(rule("true"))).matched_nothing


def test_one_bad_rule_stops_no_other(monkeypatch):
    monkeypatch.setattr(compute, "MOST_ITEMS", 100)
    names = fact(JOB, "alerts.names", [f"a{number}" for number in range(101)])
    rules = [
        rule('self.alerts.names.all(a, a != "")', name="too-large"),
        rule("self.retries == 4", name="good"),
        rule("self.nothing == 4", name="unknown-key"),
        rule("true", for_each="starship", name="unknown-kind"),
    ]
    evaluation = evaluate(rules, VOCABULARY, Snapshot(AS_OF, (names, fact(JOB, "retries", 3))))
    assert [found.rule for found in evaluation.findings] == ["good"]
    assert {entry.rule: entry.stopped for entry in evaluation.tallies} == {
        "good": "",
        "too-large": "the rule goes through 101 list items; at most 100 are gone through",
        "unknown-key": "the rule does not fit the vocabulary: nobody provides 'nothing' for a job",
        "unknown-kind": "the rule does not fit the vocabulary: nobody describes a starship",
    }


def test_findings_are_ordered_and_do_not_depend_on_the_order_of_facts():
    facts = tuple(fact(job(f"job-{number:02}"), "retries", number % 3) for number in range(12))
    rules = [rule("self.retries == 1", name="b"), rule("self.replicas == 1", name="a")]
    one = evaluate(rules, VOCABULARY, Snapshot(AS_OF, facts))
    other = evaluate(rules[::-1], VOCABULARY, Snapshot(AS_OF, facts[::-1]))
    assert one == other
    assert [found.verdict for found in one.findings] == [DRIFT] * 8 + [UNKNOWN] * 12


def test_an_empty_estate_is_judged():
    assert judge(rule("self.retries == 4")).findings == ()
    assert tally(judge(rule("self.length > 0", for_each="path"))).subjects == 0


def test_the_same_rule_fits_another_vocabulary_or_not():
    evaluation = evaluate([rule("self.retries == 4")], Vocabulary([]), Snapshot(AS_OF, (fact(JOB, "retries", 3),)))
    assert "nobody describes a job" in tally(evaluation).stopped


def test_lingering_subjects_exist_with_nothing_known():
    assert verdict(rule("self.retries == 4"), JOB, broken()) is UNKNOWN


def test_an_instant_in_another_time_zone_is_the_same_instant():
    east = datetime(2025, 12, 2, 5, tzinfo=timezone(timedelta(hours=5)))
    facts = fact(JOB, "restore.proved_at", east), fact(JOB, "restore.proved_at", datetime(2025, 12, 2, tzinfo=UTC))
    assert verdict(rule('as_of - self.restore.proved_at == duration("30d")'), facts[0]) is OK
    assert verdict(rule('as_of - self.restore.proved_at == duration("30d")'), *facts) is OK


CALLS = (("web", "cart", 2), ("cart", "db", 3), ("web", "db", 1))


def chain(*calls: tuple[str, str, int | None]) -> list[Fact | Subject]:
    return [
        fact(call(caller, callee), "retries.max", number) if number is not None else call(caller, callee)
        for caller, callee, number in calls
    ]


def test_a_rule_about_paths_multiplies_along_the_way():
    expected = rule("self.hops.retries.max.map(r, 1 + r).product() <= 4", for_each="path")
    found = judge(expected, *chain(*CALLS)).findings
    assert [(entry.subject.name, entry.verdict) for entry in found] == [("web->cart->db", DRIFT)]
    assert found[0].observed == "12"
    assert {str(entry.value) for entry in found[0].evidence} == {"('2', '3')"}
    assert [str(origin) for origin in found[0].evidence[0].origins] == ["a.yaml:3", "a.yaml:3"]


def test_an_unread_call_makes_its_paths_unknown_and_is_named():
    expected = rule("self.hops.retries.max.map(r, 1 + r).product() <= 4", for_each="path")
    found = judge(expected, *chain(("web", "cart", 2), ("cart", "db", None), ("web", "db", 1))).findings
    assert [(entry.subject.name, entry.verdict) for entry in found] == [("web->cart->db", UNKNOWN)]
    assert found[0].reasons == ("retries.max of cart->db was not read; no source says that it looked for it",)


def test_one_call_can_settle_a_quantifier_over_a_path():
    expected = rule("self.hops.retries.max.all(r, r <= 2)", for_each="path")
    (found,) = judge(expected, *chain(("web", "cart", 3), ("cart", "db", None))).findings
    assert found.verdict is DRIFT


def test_a_circle_of_services_is_walked_once():
    expected = rule("self.length <= 2", for_each="path")
    found = judge(expected, *chain(("a", "b", 1), ("b", "c", 1), ("c", "a", 1), ("c", "d", 1))).findings
    assert [(entry.subject.name, entry.verdict) for entry in found] == [("a->b->c->d", DRIFT)]


def test_paths_that_were_not_all_followed_are_said():
    layers = [[f"s{depth}-{number}" for number in range(11)] for depth in range(5)]
    calls = [call(a, b) for one, two in pairwise(layers) for a in one for b in two]
    counted = tally(judge(rule("self.length <= 9", for_each="path"), *calls))
    assert counted.subjects == 10_000
    assert "not every one from" in counted.stopped


def test_measures_are_shared_and_rules_stay_apart():
    series = hourly(JOB, "duration", np.linspace(0, 720, 720))
    text = 'self.duration.max("30d") <= duration("{}s")'
    rules = [rule(text.format(limit), name=f"limit-{limit}") for limit in (700, 800)]
    found = evaluate(rules, VOCABULARY, Snapshot(AS_OF, (), (series,)))
    assert [entry.rule for entry in found.findings] == ["limit-700"]


def test_as_of_moves_the_windows():
    series = hourly(JOB, "duration", np.linspace(0, 719, 720))
    expected = rule('self.duration.max("10d") <= duration("500s")')
    earlier = Snapshot(AS_OF - timedelta(days=10), (), (series,))
    assert evaluate([expected], VOCABULARY, earlier).tallies[0].ok == 1
    assert evaluate([expected], VOCABULARY, replace(earlier, as_of=AS_OF)).tallies[0].drift == 1


def test_an_instant_that_no_calendar_has_stops_no_rule():
    proved = fact(JOB, "restore.proved_at", datetime(2025, 1, 1, tzinfo=UTC))
    far = "self.restore.proved_at + duration('9000y')"
    found = finding(rule(f"{far} < as_of", message=f"{{{far}}}"), proved)
    assert (found.verdict, found.message) == (DRIFT, "beyond the calendar")


def test_what_is_gone_is_judged_only_by_rules_that_ask_what_follows_from_its_being_gone():
    gone = job("gone")
    facts = [
        Fact(gone, "alerts.names", ("deleted",), View.OBSERVED, Provenance.DERIVED),
        fact(gone, "retries", 3, View.APPROVED),
        fact(job("here"), "retries", 3),
        fact(job("here"), "alerts.names", ()),
    ]
    about_it = rule("self.alerts.names.size() == 0", name="about-it")
    others = rule("self.retries == 3", name="others")
    found = evaluate([about_it, others], VOCABULARY, Snapshot(AS_OF, tuple(facts)))
    assert [(one.rule, one.subject.name, one.verdict) for one in found.findings] == [
        ("about-it", "gone", Verdict.DRIFT)
    ]
