"""What detectors say through rules: columns, unknowns with their reasons, evidence and charts."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from driftbot.core.chart import HeldAgainst
from driftbot.core.coverage import Coverage, Gap
from driftbot.core.fact import Fact, View
from driftbot.core.finding import Finding, Verdict
from driftbot.core.marker import MARKERS, Cause, Marker
from driftbot.core.quantity import Quantity, Unit
from driftbot.core.rule import Rule
from driftbot.core.series import Series
from driftbot.core.snapshot import Snapshot
from driftbot.core.subject import Subject
from driftbot.engine.evaluate import evaluate
from driftbot.rules.case_series import samples
from driftbot.rules.document import SeriesShape
from tests.engine.estate import AS_OF, DAY, NOW, Origin, complete, fact, hourly, job, rule, watched
from tests.rules.words import VOCABULARY

WEEKLY = NOW - DAY * np.arange(3.0, 90.0, 7.0)[::-1]
RELEASES = tuple(Marker(job(), float(at), f"2.{number}") for number, at in enumerate(WEEKLY))
NOISY = {"level": "100m", "over": "90d", "noise": "4%", "season": "10%"}


def shaped(subject: Subject, key: str = "duration", **shape: object) -> Series:
    whole = SeriesShape.model_validate({**NOISY, **shape})
    unit = VOCABULARY.get(subject.kind, key).unit
    assert unit is not None
    return Series(subject, key, *samples(whole, unit, NOW, WEEKLY), Origin("prometheus", "http://p", query="q"))


def judged(rules: Rule | list[Rule], *things: object, markers: tuple[Marker, ...] = (), **how: object) -> list[Finding]:
    asked = [rules] if isinstance(rules, Rule) else rules
    facts = tuple(thing for thing in things if isinstance(thing, Fact))
    series = tuple(thing for thing in things if isinstance(thing, Series))
    coverage = tuple(thing for thing in things if not isinstance(thing, Fact | Series))
    snapshot = Snapshot(AS_OF, facts, series, coverage, (), markers)
    evaluation = evaluate(asked, VOCABULARY, snapshot, {}, watched(tuple(asked), snapshot.subjects()), **how)
    assert [tally.stopped for tally in evaluation.tallies if tally.stopped] == []
    return list(evaluation.findings)


def note(finding: Finding, number: int = 0) -> str:
    return finding.evidence[number].note


DRIFT = rule('self.duration.drift("90d") <= 0.05', message='{self.duration.drift_per_release("90d")}')
STEP = rule('self.duration.step("90d") <= 0.05', message='{self.duration.step_cause("90d")}')
BREACH = rule(
    'self.duration.breach(self.timeout.deadline, "30d") <= 0.2',
    message='{self.duration.breach_in(self.timeout.deadline, "30d")}',
)
APART = rule('self.duration.apart("zone", "14d") <= 0.1')
RELEASE = rule('self.duration.after_release("28d") <= 0.1')
LEVEL = rule('self.duration.baseline("28d") <= 1.1 * approved.duration')


def test_a_creep_at_releases_is_told_with_its_pace_and_how_many_were_slower():
    (found,) = judged(DRIFT, shaped(job(), per_release="1.5%", since="50d"), markers=RELEASES)
    assert found.verdict is Verdict.DRIFT
    assert 0.005 < float(found.message.rstrip("%")) / 100 < 0.025
    assert "per release over the last" in note(found) and "slower" in note(found)
    assert "a day (80 %:" in note(found) and "since 2025-1" in note(found) and "level now 1h" in note(found)


def test_without_drift_the_answer_is_zero_and_no_chart_is_drawn():
    (found,) = judged(DRIFT, shaped(job()), markers=RELEASES)
    assert (found.verdict, found.charts) == (Verdict.OK, ())
    assert found.evidence[0].value == Quantity(0.0, Unit.RATIO)
    assert note(found).startswith("no drift beyond what is usual; level 1h")


def test_a_pace_per_release_is_unknown_where_no_release_is_known():
    slow = rule('self.duration.drift_per_release("90d") <= 0.01')
    (found,) = judged(slow, shaped(job(), growth="0.5%", since="40d"))
    assert found.verdict is Verdict.UNKNOWN
    assert "no release is known since that began" in found.reasons[0]


def test_a_step_has_its_day_and_the_setting_that_was_changed():
    at = NOW - 20 * DAY
    changed = Marker(job(), at - 1800, "timeout.request 1s → 300ms", Cause.SETTING)
    far = Marker(job(), at - 4 * DAY, "2.9")
    (found,) = judged(STEP, shaped(job(), steps={"20d": "15%"}), markers=(far, changed))
    assert (found.verdict, found.message) == (Verdict.DRIFT, "setting timeout.request 1s → 300ms")
    assert "from 1h" in note(found) and "beside setting timeout.request" in note(found)
    when = rule('as_of - self.duration.step_at("90d") > duration("30d")')
    (found,) = judged(when, shaped(job(), steps={"20d": "15%"}))
    assert found.verdict is Verdict.DRIFT and "20d" in found.observed


def test_where_there_is_no_step_its_time_is_unknown_and_its_cause_empty():
    (found,) = judged(rule('as_of - self.duration.step_at("90d") > duration("30d")'), shaped(job()))
    assert found.verdict is Verdict.UNKNOWN and "there is no step" in found.reasons[0]
    (found,) = judged(rule('self.duration.step_cause("90d") == ""'), shaped(job()))
    assert found.verdict is Verdict.OK


def test_a_message_about_a_step_that_has_no_cause_ends_in_words():
    (found,) = judged(STEP, shaped(job(), steps={"20d": "15%"}))
    assert (found.verdict, found.message) == (Verdict.DRIFT, "nothing known")


def test_a_finding_that_nothing_is_known_of_tells_its_reasons_in_place_of_a_message_of_unknowns():
    (found,) = judged(STEP, shaped(job(), over="10d"))
    assert (found.verdict, found.message) == (Verdict.UNKNOWN, "")
    assert found.reasons


def test_a_message_tells_no_more_digits_of_a_share_than_a_detector_knows():
    told = rule("how <= 0.05", let={"how": 'self.duration.step("90d")'}, message="{how} longer")
    (found,) = judged(told, shaped(job(), steps={"20d": "15%"}))
    assert re.fullmatch(r"1\d% longer", found.message)


def test_a_message_tells_an_instant_by_the_minute_in_utc():
    told = rule('self.duration.step("90d") <= 0.05', message='since {self.duration.step_at("90d")}')
    (found,) = judged(told, shaped(job(), steps={"20d": "15%"}))
    assert re.fullmatch(r"since \d{4}-\d\d-\d\d \d\d:\d\d UTC", found.message)


def test_that_nothing_was_changed_beside_a_step_is_known_only_where_all_markers_were_read():
    causeless = rule('self.duration.step_cause("90d") != ""')
    stepped, read = shaped(job(), steps={"20d": "15%"}), Coverage("log", "production", MARKERS, frozenset({MARKERS}))
    (found,) = judged(causeless, stepped, read)
    assert (found.verdict, found.evidence[0].value) == (Verdict.DRIFT, "")
    holed = replace(read, gaps=(Gap(Origin("log", "releases.jsonl", 3), "no time"),))
    (found,) = judged(causeless, stepped, read, holed)
    assert found.verdict is Verdict.UNKNOWN and "not all that was changed could be read" in found.reasons[0]
    (found,) = judged(STEP, stepped, holed)
    assert note(found).endswith("nothing noted beside it, but not all that was changed could be read")
    (found,) = judged(causeless, stepped, holed, markers=(Marker(job(), NOW - 20 * DAY, "2.4"),))
    assert found.verdict is Verdict.OK


def test_a_step_that_went_away_again_is_not_told():
    (found,) = judged(STEP, shaped(job(), steps={"20d": "25%", "17d": "-20%"}))
    assert found.verdict is Verdict.OK


def test_a_breach_has_its_odds_and_its_day():
    deadline = fact(job(), "timeout.deadline", "160m")
    (found,) = judged(BREACH, shaped(job(), growth="0.5%", every="1d", season=None), deadline)
    assert found.verdict is Verdict.DRIFT and found.message.endswith("d")
    assert "limit 2h40m" in note(found) and "as likely as not in" in note(found) and "80 %" in note(found)
    (found,) = judged(BREACH, shaped(job(), every="1d", season=None), fact(job(), "timeout.deadline", "10h"))
    assert (found.verdict, found.message) == (Verdict.OK, "not within 30d")


@pytest.mark.parametrize(
    ("deadline", "said"),
    [(None, "timeout.deadline was not read"), ("50m", "limit"), ("100d", "limit")],
    ids=["none", "below most runs", "a thousand times off"],
)
def test_a_breach_of_a_limit_that_is_wrong_is_unknown(deadline, said):
    limits = [fact(job(), "timeout.deadline", deadline)] if deadline else []
    (found,) = judged(BREACH, shaped(job(), every="1d", season=None), *limits)
    assert found.verdict is Verdict.UNKNOWN
    assert any(said in reason for reason in found.reasons)


def test_free_space_that_falls_below_a_limit():
    space = rule('self.memory.used.breach_below(bytes("1Gi"), "30d") <= 0.2')
    (found,) = judged(
        space, shaped(job(), "memory.used", **{"from": "10Gi", "to": "1.5Gi", "level": None}, season=None)
    )
    assert found.verdict is Verdict.DRIFT
    (found,) = judged(space, shaped(job(), "memory.used", level="10Gi"))
    assert found.verdict is Verdict.OK


def zones(number: int, odd: int, **odd_shape: object) -> list[Series]:
    return [
        shaped(job(f"z{at}", zone=f"z{at}", team="a"), seed=at + 1, **(odd_shape if at == odd else {}))
        for at in range(number)
    ]


def test_the_zone_that_differs_is_told_and_its_peers_are_not():
    found = judged(APART, *zones(6, 2, steps={"2d": "40%"}))
    assert [one.subject.name for one in found if one.verdict is Verdict.DRIFT] == ["z2"]
    assert "against its 5 peers" in note(found[0])
    assert 'self.duration.apart("zone", "14d")' in found[0].observed
    (chart,) = found[0].charts
    assert chart.baseline is not None and chart.held_against is HeldAgainst.PEERS


def test_peers_have_the_same_other_labels_in_the_same_environment():
    strangers = [shaped(job("x", environment="test", zone="z9", team="a"), level="10m")]
    others = [shaped(job("y", zone="z9", team="b"), level="10m"), shaped(job("w", zone="z8", team="b"), level="10m")]
    found = {str(one.subject): one for one in judged(APART, *zones(4, -1), *strangers, *others)}
    assert {one.verdict for one in found.values() if one.subject.name.startswith("z")} == {Verdict.OK}
    assert "fewer than three" in found["job:production/y"].reasons[0]
    assert "fewer than three" in found["job:test/x"].reasons[0]


def test_who_carries_no_such_label_has_no_peers():
    found = judged(APART, *zones(4, -1), shaped(job("none", team="a")), complete("job", "labels.zone"))
    (alone,) = [one for one in found if one.subject.name == "none"]
    assert alone.verdict is Verdict.UNKNOWN


def test_after_a_release_at_equal_hours_and_unknown_without_one():
    slower = shaped(job(), steps={"3d": "40%"})
    (found,) = judged(RELEASE, slower, markers=RELEASES)
    assert found.verdict is Verdict.DRIFT
    assert "since release 2.12, 2025-12-29" in note(found)
    (found,) = judged(RELEASE, slower)
    assert found.verdict is Verdict.UNKNOWN and "no release" in found.reasons[0]


def test_the_level_is_held_against_the_one_that_was_approved():
    approved = Fact(job(), "duration", Quantity(80 * 60.0, Unit.SECONDS), View.APPROVED)
    (found,) = judged(LEVEL, shaped(job()), approved)
    assert found.verdict is Verdict.DRIFT
    assert "usual level 1h" in note(found)
    (found,) = judged(LEVEL, shaped(job()))
    assert found.verdict is Verdict.UNKNOWN
    assert found.reasons[0].startswith("no duration was approved; driftbot approve --key duration ")


def test_a_spread_is_in_the_unit_of_the_series():
    (found,) = judged(rule('self.duration.spread("28d") < duration("1m")'), shaped(job()))
    spread = found.evidence[0].value
    assert isinstance(spread, Quantity) and spread.unit is Unit.SECONDS
    assert 0.02 < spread.value / 6000.0 < 0.08


@pytest.mark.parametrize("asked", [DRIFT, STEP, RELEASE, LEVEL, APART], ids=lambda one: one.expect.text)
def test_too_little_is_unknown_and_says_what_lacks(asked):
    approved = Fact(job(), "duration", Quantity(4800.0, Unit.SECONDS), View.APPROVED)
    (found,) = judged(asked, shaped(job(zone="a"), over="3d"), approved, markers=RELEASES)
    assert found.verdict is Verdict.UNKNOWN
    assert re.match("the [a-z_]+ of duration for (14|28|90)d is not known: ", found.reasons[0])
    (found,) = judged(asked, fact(job(zone="a"), "retries", 1), approved, complete("job", "duration"))
    assert found.reasons[0].startswith("duration was not measured")
    twice = Series(job(), "duration", *(getattr(shaped(job()), name) for name in ("times", "values")), Origin("other"))
    (found,) = judged(asked, shaped(job(zone="a")), twice, approved)
    assert "is measured twice" in found.reasons[0]


@pytest.mark.parametrize(
    "values",
    [
        np.zeros(2000),
        np.full(2000, 7.0),
        np.full(2000, -7.0),
        np.array([7.0]),
        1e300 * np.ones(2000),
        np.arange(2000.0),
    ],
    ids=["zeros", "constant", "negative", "one", "huge", "ever growing"],
)
def test_odd_series_stop_no_rule(values):
    rules = [DRIFT, STEP, RELEASE, LEVEL, APART, BREACH]
    named = [rule(one.expect.text, name=f"rule-{number}") for number, one in enumerate(rules)]
    deadline = fact(job(), "timeout.deadline", "160m")
    found = judged(named, hourly(job(), "duration", values), deadline, markers=RELEASES)
    assert len(found) == len(rules)
    assert {one.rule for one in found if one.verdict is Verdict.DRIFT} <= {"rule-0", "rule-5"}


def test_one_question_is_answered_once_for_all_rules(monkeypatch):
    from driftbot.detectors.drift import drift

    asked: list[int] = []
    monkeypatch.setattr(drift, "drifts", lambda *given, real=drift.drifts: asked.append(1) or real(*given))
    rules = [rule(f'self.duration.{name}("90d") <= 0.05', name=f"a-{number}")
             for number, name in enumerate(("drift", "drift_per_day", "drift"))]  # fmt: skip
    judged(rules, shaped(job()), shaped(job("two")))
    assert len(asked) == 1


def test_the_budget_is_shared_by_all_tests_of_all_kinds(monkeypatch):
    from driftbot.detectors.drift import drift
    from driftbot.detectors.steps import change_points

    allowed: dict[str, float] = {}
    for module, name in ((drift, "drifts"), (change_points, "change_points")):
        real = getattr(module, name)
        monkeypatch.setattr(
            module, name, lambda *given, name=name, real=real: allowed.setdefault(name, given[-1]) and real(*given)
        )
    many = [shaped(job(f"j{number}"), seed=number, over="30d") for number in range(40)]
    judged([rule(DRIFT.expect.text, name="a"), rule(STEP.expect.text, name="b")], *many, budget=1.0)
    assert set(allowed.values()) == {1.0 / 80}
    allowed.clear()
    judged([rule(DRIFT.expect.text, name="a"), rule(DRIFT.expect.text, name="c")], *many, budget=0.4)
    assert set(allowed.values()) == {0.4 / 40}
    allowed.clear()
    free = [rule(LEVEL.expect.text, name="b"), rule(BREACH.expect.text, name="c")]
    judged([rule(DRIFT.expect.text, name="a"), *free], *many, budget=0.4)
    assert set(allowed.values()) == {0.4 / 40}
    allowed.clear()
    judged([rule(DRIFT.expect.text, name="a")], *many, budget=1e9)
    assert 0.0 < allowed["drifts"] < 0.02


def test_who_cannot_be_selected_is_not_tested_and_takes_nothing_from_the_others(monkeypatch):
    from driftbot.detectors.drift import drift

    seen: list[tuple[int, float]] = []
    monkeypatch.setattr(
        drift, "drifts", lambda *given, real=drift.drifts: seen.append((len(given[2]), given[-1])) or real(*given)
    )
    many = [shaped(job(f"j{number}", tier=str(number % 4)), seed=number, over="30d") for number in range(40)]
    chosen = rule(DRIFT.expect.text, where='self.labels.tier == "1"')
    found = judged(chosen, *many, budget=0.1)
    assert seen == [(10, 0.1 / 10)]
    assert {one.subject.label("tier") for one in found} == {"1"}
    seen.clear()
    judged(
        [chosen, rule('self.duration.drift("90d") <= 0.2', where="self.retries == 1", name="other")], *many, budget=0.1
    )
    assert seen == [(40, 0.1 / 40)]


def test_a_series_that_ended_takes_nothing_from_the_others(monkeypatch):
    from driftbot.engine import shared_budget

    counted: list[int] = []
    real = shared_budget.allowance
    monkeypatch.setattr(shared_budget, "allowance", lambda budget, tests: counted.append(tests) or real(budget, tests))
    ended = [shaped(job(f"gone-{number}"), over="30d", ago=f"{number}d") for number in (1, 7, 9, 20, 40)]
    found = judged([DRIFT, rule(RELEASE.expect.text, name="b")], shaped(job(), over="60d"), *ended)
    assert counted == [2 * (1 + 2)]
    assert {one.verdict for one in found if one.subject.name in {"gone-9", "gone-20"}} == {Verdict.UNKNOWN}


def test_what_a_release_changed_is_unknown_once_the_series_ended():
    released = (Marker(job(), NOW - 20 * DAY, "2.4"),)
    for ago, verdict in (("3d", Verdict.DRIFT), ("9d", Verdict.UNKNOWN)):
        (found,) = judged(RELEASE, shaped(job(), over="60d", ago=ago, steps={"20d": "30%"}), markers=released)
        assert found.verdict is verdict
    assert "no samples of the last seven days" in found.reasons[0]


@pytest.mark.parametrize(
    ("hours", "late", "said"),
    [
        (2, 0, "beside setting x"),
        (15, 0, "1[45]h after setting x"),
        (-15, 24, "beside setting x, which was first seen 1[56]h later"),
    ],
)
def test_a_marker_beside_a_step_says_how_far_and_how_late_it_is(hours, late, said):
    at = NOW - 20 * DAY - 3600.0 * hours
    beside = Marker(job(), at, "x", Cause.SETTING, late_by=3600.0 * late)
    (found,) = judged(STEP, shaped(job(), noise="1%", steps={"20d": "15%"}), markers=(beside,))
    assert re.search(f", {said}$", note(found))


def test_a_detector_that_breaks_stops_the_rule_that_asks_and_no_other(monkeypatch):
    from driftbot.detectors.drift import drift

    def broken(*_given):
        raise FloatingPointError("planted")

    monkeypatch.setattr(drift, "drifts", broken)
    rules = [rule(DRIFT.expect.text, name="a"), rule(LEVEL.expect.text, name="b")]
    approved = Fact(job(), "duration", Quantity(80 * 60.0, Unit.SECONDS), View.APPROVED)
    evaluation = evaluate(rules, VOCABULARY, Snapshot(AS_OF, (approved,), (shaped(job()),)))
    assert [bool(tally.stopped) for tally in evaluation.tallies] == [True, False]
    assert "planted" in evaluation.tallies[0].stopped
    assert [one.rule for one in evaluation.findings] == ["b"]


def test_charts_show_what_was_concluded():
    deadline = fact(job(), "timeout.deadline", "200m")
    both = rule(
        'self.duration.drift("90d") <= 0.05 && self.duration.breach(self.timeout.deadline, "30d") <= 0.99'
        ' && self.duration.step("60d") <= 1'
    )
    (found,) = judged(both, shaped(job(), growth="0.5%", since="45d"), deadline, markers=RELEASES)
    (chart,) = found.charts
    assert (chart.key, chart.unit, chart.limit) == ("duration", Unit.SECONDS, 12_000.0)
    assert 80 < len(chart.times) <= 300 and list(chart.times) == sorted(chart.times)
    assert chart.times[0] > NOW - 91 * DAY and chart.times[-1] <= NOW
    assert chart.baseline is not None and chart.trend is not None and chart.forecast is not None
    assert chart.forecast.times[0] > NOW and len(chart.forecast.times) == 30
    assert abs(np.nanmedian(chart.baseline.middle) / 6000.0 - 1.0) < 0.08
    assert abs(chart.trend.middle[-1] / (6000.0 * 1.225) - 1.0) < 0.06
    assert [flag.label for flag in chart.markers][-1] == "release 2.12"


def test_a_chart_of_a_breach_alone_marks_the_day_and_calls_nothing_usual():
    deadline = fact(job(), "timeout.deadline", "150m")
    (found,) = judged(
        rule('self.duration.breach(self.timeout.deadline, "30d") <= 0.2'),
        shaped(job(), growth="0.6%", since="80d"),
        deadline,
    )
    (chart,) = found.charts
    assert (chart.baseline, chart.trend) == (None, None)
    (day,) = chart.changes
    assert NOW <= day.at <= NOW + 30 * DAY
    assert re.fullmatch(r"limit reached \(80 %: 2026-01-\d\d (to 2026-0\d-\d\d|or later)\)", day.label)
