"""A finding's life from night to night: what is news, what stands, what resolves and what cannot be read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftbot.core.chart import Chart
from driftbot.core.coverage import Coverage, Gap
from driftbot.core.evaluation import Evaluation, Tally
from driftbot.core.fact import Fact, Origin, View
from driftbot.core.finding import Finding, Verdict, fingerprint
from driftbot.core.history import FindingLife, Life
from driftbot.core.quantity import Unit
from driftbot.core.rule import Expression, Lesson, Rule, Severity
from driftbot.core.snapshot import Snapshot
from driftbot.core.subject import Subject, labels_of
from driftbot.core.triage import Known, Triage, is_standing, triage, watched

FIRST = datetime(2026, 5, 1, 2, tzinfo=UTC)
CART = Subject("workload", "production", "shop/cart")
RULE = "probe-deadline"
FINGERPRINT = fingerprint(RULE, CART.id)
LOOKED = Coverage("manifests", "production", "workload")
GAP = replace(LOOKED, gaps=(Gap(Origin("manifests", "broken.yaml"), "not YAML"),))


def night(number: int) -> datetime:
    return FIRST + timedelta(days=number)


def rule(digest: str = "d1", name: str = RULE) -> Rule:
    text = Expression("true", Origin("rules"))
    return Rule(name, "t", Lesson("https://e.org", "s"), "w", Severity.HIGH, "o", "workload", text, text,
                Origin("rules"), digest)  # fmt: skip


def finding(verdict: Verdict, observed: str = "110m", subject: Subject = CART) -> Finding:
    return Finding(RULE, subject, verdict, Severity.HIGH, "t", observed=observed if verdict != Verdict.UNKNOWN else "")


class Nights:
    """A sequence of nights as the store would keep them: the latest life of every finding."""

    def __init__(self) -> None:
        self.lives: dict[str, FindingLife] = {}
        self.digests: Mapping[str, str] | None = None
        self.number = -1

    def scan(
        self,
        *findings: Finding,
        rules: tuple[Rule, ...] = (rule(),),
        subjects: tuple[Subject, ...] = (CART,),
        lingering: tuple[Subject, ...] = (),
        coverage: tuple[Coverage, ...] = (LOOKED,),
        stopped: str = "",
        every_rule_read: bool = True,
        approved: tuple[Subject, ...] = (),
    ) -> Triage:
        self.number += 1
        snapshot = Snapshot(
            night(self.number),
            (
                *(Fact(subject, "probe.timeout", "x") for subject in subjects),
                *(Fact(subject, "probe.timeout", "x", View.APPROVED) for subject in approved),
            ),
            coverage=coverage,
            lingering=lingering,
        )
        asked = watched(self.lives.values())
        told = tuple(f for f in findings if f.verdict is not Verdict.OK or f.fingerprint in asked)
        evaluation = Evaluation(told, tuple(Tally(r.id, stopped=stopped) for r in rules))
        known = Known(tuple(self.lives.values()), self.digests)
        result = triage(evaluation, snapshot, rules, known, every_rule_read=every_rule_read)
        self.lives.update({life.finding.fingerprint: life for life in result.lives})
        self.digests = {r.id: r.digest for r in rules}
        return result

    @property
    def life(self) -> FindingLife:
        return self.lives[FINGERPRINT]


@pytest.fixture
def nights() -> Nights:
    return Nights()


def test_drift_is_news_once_and_then_stands(nights):
    first = nights.scan(finding(Verdict.DRIFT))
    assert (first.first_night, [life.life for life in first.news]) == (True, [Life.NEW])
    second = nights.scan(finding(Verdict.DRIFT))
    assert (second.first_night, second.news, len(second.standing)) == (False, (), 1)
    assert (nights.life.life, nights.life.first_seen, nights.life.last_seen) == (Life.ONGOING, night(0), night(1))
    assert nights.life.changed is None


def test_a_changed_value_is_told_from_what_to_what(nights):
    nights.scan(finding(Verdict.DRIFT, "100m"))
    nights.scan(finding(Verdict.DRIFT, "110m"))
    nights.scan(finding(Verdict.DRIFT, "110m"))
    assert (nights.life.changed, nights.life.previous, nights.life.finding.observed) == (night(1), "100m", "110m")


def test_what_comes_back_as_it_was_has_not_changed(nights):
    nights.scan(finding(Verdict.DRIFT, "500"))
    assert len(nights.scan(subjects=()).resolved) == 1
    assert [life.life for life in nights.scan(finding(Verdict.DRIFT, "500")).news] == [Life.REOPENED]
    assert (nights.life.changed, nights.life.previous) == (None, "")


def test_ok_resolves_and_drift_after_that_reopens(nights):
    nights.scan(finding(Verdict.DRIFT, "110m"))
    resolved = nights.scan(finding(Verdict.OK, "50m"))
    assert [(life.life, life.resolved, life.previous) for life in resolved.resolved] == [
        (Life.RESOLVED, night(1), "110m")
    ]
    assert nights.scan().lives == ()
    reopened = nights.scan(finding(Verdict.DRIFT, "120m"))
    assert [life.life for life in reopened.news] == [Life.REOPENED]
    assert (nights.life.first_seen, nights.life.times_opened, nights.life.resolved) == (night(0), 2, None)
    assert (nights.life.changed, nights.life.previous) == (night(3), "50m")


def test_unknown_never_resolves_and_keeps_what_was_last_observed(nights):
    nights.scan(finding(Verdict.DRIFT, "110m"))
    blind = nights.scan(finding(Verdict.UNKNOWN))
    assert (len(blind.unread), blind.resolved, blind.news, blind.standing) == (1, (), (), ())
    assert (nights.life.life, nights.life.last_seen, nights.life.resolved) == (Life.ONGOING, night(0), None)
    assert (nights.life.finding.verdict, nights.life.finding.observed) == (Verdict.UNKNOWN, "110m")
    back = nights.scan(finding(Verdict.DRIFT, "110m"))
    assert (back.news, len(back.standing), nights.life.changed) == ((), 1, None)


def test_a_chart_stands_as_long_as_nobody_can_draw_another_and_goes_with_its_finding(nights):
    chart = Chart("duration", Unit.SECONDS, (0.0,), (6600.0,))
    nights.scan(replace(finding(Verdict.DRIFT), charts=(chart,)))
    nights.scan(finding(Verdict.UNKNOWN))
    assert nights.life.finding.charts == (chart,)
    nights.scan(finding(Verdict.OK))
    assert nights.life.finding.charts == ()


def test_what_nobody_could_judge_is_no_drift_and_turns_new_with_its_first_drift(nights):
    unread = nights.scan(finding(Verdict.UNKNOWN))
    assert (unread.drift, [life.life for life in unread.unread]) == ((), [Life.UNREAD])
    nights.scan(finding(Verdict.UNKNOWN))
    assert (nights.life.first_seen, nights.life.times_opened) == (night(0), 0)
    assert [life.life for life in nights.scan(finding(Verdict.DRIFT)).news] == [Life.NEW]
    assert (nights.life.first_seen, nights.life.times_opened) == (night(2), 1)


def test_what_nobody_could_judge_and_is_ok_now_is_no_resolved_drift(nights):
    nights.scan(finding(Verdict.UNKNOWN))
    cleared = nights.scan(finding(Verdict.OK))
    assert (cleared.resolved, len(cleared.cleared)) == ((), 1)


def test_unknown_between_resolved_and_drift_is_a_reopening(nights):
    for verdict in (Verdict.DRIFT, Verdict.OK, Verdict.UNKNOWN):
        nights.scan(finding(verdict))
    assert (nights.life.life, nights.life.resolved) == (Life.UNREAD, None)
    assert [life.life for life in nights.scan(finding(Verdict.DRIFT)).news] == [Life.REOPENED]
    assert (nights.life.first_seen, nights.life.times_opened) == (night(0), 2)


def test_a_changed_rule_is_said_when_a_finding_appears(nights):
    nights.scan()
    appeared = nights.scan(finding(Verdict.DRIFT), rules=(rule("d2"),))
    assert [life.life for life in appeared.news] == [Life.RULE_CHANGED]
    assert "text changed" in nights.life.finding.reasons[-1]
    assert nights.scan(finding(Verdict.DRIFT), rules=(rule("d2"),)).news == ()


def test_a_changed_rule_is_said_when_a_finding_goes(nights):
    nights.scan(finding(Verdict.DRIFT))
    gone = nights.scan(finding(Verdict.OK), rules=(rule("d2"),))
    assert [(life.life, life.resolved) for life in gone.resolved] == [(Life.RULE_CHANGED, night(1))]


def test_a_changed_rule_leaves_a_standing_finding_standing(nights):
    nights.scan(finding(Verdict.DRIFT))
    assert [life.life for life in nights.scan(finding(Verdict.DRIFT), rules=(rule("d2"),)).standing] == [Life.ONGOING]


def test_a_new_rule_says_that_it_is_new(nights):
    nights.scan(rules=(rule(name="another"),))
    nights.scan(finding(Verdict.DRIFT))
    assert (nights.life.life, nights.life.finding.reasons) == (Life.NEW, ("the rule is new",))


def test_a_retired_rule_takes_its_findings_along_and_says_so(nights):
    nights.scan(finding(Verdict.DRIFT))
    gone = nights.scan(rules=())
    assert [(life.life, life.finding.reasons) for life in gone.resolved] == [
        (Life.RULE_CHANGED, ("the rule is no longer enabled",))
    ]


def test_a_rule_that_could_not_be_read_is_not_retired(nights):
    nights.scan(finding(Verdict.DRIFT))
    kept = nights.scan(rules=(), every_rule_read=False)
    assert (kept.resolved, len(kept.unread)) == ((), 1)
    assert "could not be read" in nights.life.finding.reasons[0]


def test_a_stopped_rule_resolves_nothing(nights):
    nights.scan(finding(Verdict.DRIFT))
    kept = nights.scan(stopped="it used more than 5 s")
    assert (kept.resolved, [life.finding.reasons for life in kept.unread]) == (
        (),
        [("its rule was stopped: it used more than 5 s",)],
    )


def test_a_subject_that_is_gone_resolves_only_inside_complete_coverage(nights):
    nights.scan(finding(Verdict.DRIFT))
    for coverage in ((GAP,), (LOOKED, GAP), (replace(LOOKED, failed=True),), ()):
        kept = nights.scan(subjects=(), coverage=coverage)
        assert (kept.resolved, len(kept.unread)) == ((), 1), coverage
    assert "no source looks for a workload in production" in nights.life.finding.reasons[0]
    gone = nights.scan(subjects=())
    assert [life.finding.reasons[0].partition(";")[0] for life in gone.resolved] == ["the subject is gone"]


def test_a_lingering_subject_resolves_nothing(nights):
    nights.scan(finding(Verdict.DRIFT))
    kept = nights.scan(subjects=(), lingering=(CART,))
    assert (kept.resolved, len(kept.unread)) == ((), 1)


def test_a_subject_that_the_rule_selects_no_more_resolves_and_says_so(nights):
    nights.scan(finding(Verdict.DRIFT))
    assert [life.finding.reasons for life in nights.scan().resolved] == [("the rule no longer selects it",)]


def test_an_approval_keeps_no_subject_alive(nights):
    nights.scan(finding(Verdict.DRIFT))
    unread = nights.scan(subjects=(), approved=(CART,), coverage=())
    assert (unread.resolved, len(unread.unread)) == ((), 1), "nobody looked for it: its selection is not known"
    gone = nights.scan(subjects=(), approved=(CART,))
    assert [life.finding.reasons[0].partition(";")[0] for life in gone.resolved] == ["the subject is gone"]


CALL = Subject("call", "production", "web->cart", labels_of({"from": "web", "to": "cart"}))
WAY = Subject("path", "production", "web->cart")
CALLS = Coverage("catalog", "production", "call")


def test_a_path_ends_with_its_calls(nights):
    nights.scan(finding(Verdict.DRIFT, subject=WAY), subjects=(CALL,), coverage=(CALLS,))
    hidden = nights.scan(subjects=(), coverage=(replace(CALLS, gaps=GAP.gaps),))
    assert (hidden.resolved, len(hidden.unread)) == ((), 1)
    gone = nights.scan(subjects=(), coverage=(CALLS,))
    assert [life.finding.reasons[0].partition(";")[0] for life in gone.resolved] == ["the subject is gone"]


def test_a_path_that_the_rule_selects_no_more_resolves_and_says_so(nights):
    nights.scan(finding(Verdict.DRIFT, subject=WAY), subjects=(CALL,), coverage=(CALLS,))
    left = nights.scan(subjects=(CALL,), coverage=(CALLS,))
    assert [life.finding.reasons for life in left.resolved] == [("the rule no longer selects it",)]


def test_a_waived_finding_is_no_news_and_alarms_when_its_waiver_ended(nights):
    nights.scan(finding(Verdict.DRIFT))
    waived = nights.scan(finding(Verdict.WAIVED))
    assert (waived.drift, len(waived.waived)) == ((), 1)
    ended = nights.scan(finding(Verdict.DRIFT))
    assert ([life.life for life in ended.news], ended.standing) == ([Life.ONGOING], ())
    assert nights.life.times_opened == 1


verdicts = st.sampled_from([*Verdict, None, "gone", "gap", "stopped", "changed"])


@given(st.lists(verdicts, max_size=12))
def test_over_any_sequence_of_nights_the_laws_of_a_life_hold(sequence):
    nights, digest = Nights(), 1
    for step in sequence:
        before = nights.lives.get(FINGERPRINT)
        match step:
            case Verdict():
                result = nights.scan(finding(step), rules=(rule(f"d{digest}"),))
            case "gone":
                result = nights.scan(subjects=(), rules=(rule(f"d{digest}"),))
            case "gap":
                result = nights.scan(subjects=(), coverage=(GAP,), rules=(rule(f"d{digest}"),))
            case "stopped":
                result = nights.scan(stopped="too slow", rules=(rule(f"d{digest}"),))
            case "changed":
                digest += 1
                result = nights.scan(finding(Verdict.DRIFT), rules=(rule(f"d{digest}"),))
            case _:
                result = nights.scan(rules=(rule(f"d{digest}"),))
        _laws(step, before, nights.lives.get(FINGERPRINT), result)


def _laws(step: object, before: FindingLife | None, after: FindingLife | None, result: Triage) -> None:
    stood = before is not None and is_standing(before)
    drifts = step in (Verdict.DRIFT, "changed")
    groups = (result.news, result.standing, result.unread, result.waived, result.resolved, result.cleared)
    assert sum(map(len, groups)) == len(result.lives) <= 1
    assert (len(result.drift) == 1) == drifts, "drift is what was judged drift tonight, nothing else"
    if stood:
        assert after is not None
        assert after.first_seen == before.first_seen
        if step in (Verdict.UNKNOWN, "gap", "stopped"):
            assert is_standing(after), "unknown never resolves"
            assert after.last_seen == before.last_seen
        if drifts and before.finding.verdict is Verdict.DRIFT:
            assert result.news == (), "only news alarms"
        if step in (Verdict.OK, "gone", None):
            assert after.resolved == result.as_of
    elif drifts:
        assert len(result.news) == 1, "drift that did not stand is news"
        assert after is not None
        assert after.times_opened == (before.times_opened if before else 0) + 1
    else:
        assert result.resolved == (), "only what stood resolves"
    if after is not None:
        assert after.first_seen <= after.last_seen
        assert after.resolved is None or after.last_seen <= after.resolved
