"""What is counted is what reading everything would find."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from driftbot.core.chat_decision import ChatDecision, ChatVerb
from driftbot.core.finding import Verdict
from driftbot.core.history import FindingLife, Life
from driftbot.core.outbox_notice import OutboxNotice
from driftbot.core.rule import Severity
from driftbot.core.run import RunState, StepState
from driftbot.core.snooze import NotUseful, Snooze
from driftbot.core.subject import Subject
from driftbot.store import counts
from driftbot.store.counts import FindingCount, NightMark
from driftbot.store.store import Store
from tests.store.run_scene import plan, remedy
from tests.store.scene import CART, HOUR, STOCK, finding, judge, new_life, night_of

MAIL = Subject("workload", "production", "shop/mail")
MINUTE = timedelta(minutes=1)
NOW = night_of(9)


def keep_night(store: Store, number: int, lives: list[FindingLife], exit_code: int = 2) -> None:
    at = night_of(number)
    with store.lease("test", at, HOUR) as lease, store.begin_night(lease, at, at) as night:
        night.add_facts((), ())
        judge(night, lives, exit_code)
        night.end(at + 2 * MINUTE)


def severe(number: int, subject: Subject, severity: Severity, verdict: Verdict = Verdict.DRIFT) -> FindingLife:
    life = new_life(number, subject)
    return replace(life, finding=replace(finding(subject, verdict), severity=severity))


def resolved(life: FindingLife, number: int) -> FindingLife:
    return replace(life, life=Life.RESOLVED, resolved=night_of(number), last_seen=night_of(number))


def read_whole(store: Store) -> Counter[FindingCount]:
    return Counter(
        FindingCount(life.finding.verdict, life.finding.severity, life.life, life.resolved is not None)
        for life in store.lives()
    )


def test_an_empty_store_holds_nothing(store: Store):
    found = store.counts(NOW)
    assert (found.last, found.seeing, found.judged) == (None, None, {})
    assert found.runs == dict.fromkeys(RunState, 0)
    assert (found.due, found.snoozed, found.waiting, found.oldest) == (0, 0, 0, None)
    assert (found.asked, found.not_useful) == ({}, {})
    assert store.finding_counts() == {}
    assert store.standing(["3f9c2a000000"]) == frozenset()


def test_findings_are_counted_as_reading_them_would(store: Store):
    cart, stock, mail = (
        severe(0, CART, Severity.HIGH),
        severe(0, STOCK, Severity.LOW, Verdict.UNKNOWN),
        severe(0, MAIL, Severity.HIGH),
    )
    keep_night(store, 0, [cart, stock, mail])
    assert store.finding_counts() == read_whole(store)
    keep_night(store, 1, [cart, resolved(stock, 1), mail])
    assert store.finding_counts() == read_whole(store)
    keep_night(store, 2, [replace(cart, life=Life.ONGOING, last_seen=night_of(2)), resolved(mail, 2)])
    assert store.finding_counts() == read_whole(store)
    assert sum(store.finding_counts().values()) == 2, "what was resolved before the last night is counted no more"


def test_many_findings_are_read_some_at_a_time(store: Store, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(counts, "_AT_ONCE", 3)
    subjects = [Subject("workload", "production", f"shop/{number}") for number in range(10)]
    keep_night(store, 0, [severe(0, subject, Severity.CRITICAL) for subject in subjects])
    (entry,) = store.finding_counts().items()
    assert entry == (FindingCount(Verdict.DRIFT, Severity.CRITICAL, Life.NEW, False), 10)
    asked = [finding(subject).fingerprint for subject in subjects]
    assert store.standing(asked) == set(asked)


def test_what_stands_is_told_of_those_that_are_asked_for(store: Store):
    cart, stock = severe(0, CART, Severity.HIGH), severe(0, STOCK, Severity.HIGH)
    keep_night(store, 0, [cart, stock])
    keep_night(store, 1, [cart, resolved(stock, 1)])
    asked = [cart.finding.fingerprint, stock.finding.fingerprint, "000000000000"]
    assert store.standing(asked) == {cart.finding.fingerprint}
    keep_night(store, 2, [cart])
    assert store.standing(asked) == {cart.finding.fingerprint}


def test_the_last_night_and_the_last_that_was_not_blind(store: Store):
    for number, code in ((0, 0), (1, 2), (2, 1)):
        keep_night(store, number, [], code)
    found = store.counts(NOW)
    assert found.last == NightMark(night_of(2), night_of(2), night_of(2) + 2 * MINUTE, 1)
    assert found.seeing == NightMark(night_of(1), night_of(1), night_of(1) + 2 * MINUTE, 2)
    assert found.judged == {**store.nights()[-1].counts}


def test_runs_and_steps_by_state_and_those_that_are_due(store: Store):
    wanted = remedy()
    with store.acting("test", NOW, HOUR) as lease:
        for state, due, ended in (
            (RunState.VERIFYING, NOW, None),
            (RunState.WAITING, NOW + MINUTE, None),
            (RunState.RESOLVED, NOW - MINUTE, NOW),
        ):
            run = store.begin_run(lease, plan(wanted).digest, wanted, NOW, "ann")
            store.conclude(lease, run.number, 1, StepState.DONE, NOW)
            store.change_run(lease, run.number, state, "told", due, ended)
    found = store.counts(NOW)
    assert {state: count for state, count in found.runs.items() if count} == Counter(run.state for run in store.runs())
    steps = Counter(step.state for run in store.runs() for step in run.steps)
    assert {state: count for state, count in found.steps.items() if count} == steps
    assert found.due == 1, "one is not due yet, and one has ended"


def test_what_waits_and_what_people_said(store: Store):
    for number, delivered in ((1, None), (2, None), (0, NOW)):
        notice = OutboxNotice(f"finding {number}", "notice", "title", "body", night_of(number))
        store.put_notice(notice)
        if delivered:
            store.notice_delivered(notice, delivered)
    store.keep_snooze(Snooze("one", NOW + MINUTE, "ann", night_of(0)))
    store.keep_snooze(Snooze("two", NOW, "ann", night_of(0)))
    for person in ("ann", "ben", "ann"):
        store.add_not_useful(NotUseful("one", "rule\0x", person, NOW))
    for verb, accepted in ((ChatVerb.APPROVE, False), (ChatVerb.APPROVE, False), (ChatVerb.SNOOZE, True)):
        store.add_chat_decision(ChatDecision(NOW, verb, "Ann", "one", accepted, "told"))
    found = store.counts(NOW)
    assert (found.waiting, found.oldest) == (len(store.notices_waiting()), night_of(1))
    assert found.snoozed == 1
    assert found.not_useful == {"rule\0x": 2}
    assert found.asked == {(ChatVerb.APPROVE, False): 2, (ChatVerb.SNOOZE, True): 1}
