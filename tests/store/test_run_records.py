"""Plans, approvals, the journal and the outbox: found again as they were written, and only under the newest token."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from driftbot.core.finding import Verdict
from driftbot.core.ladder import Level
from driftbot.core.outbox_notice import OutboxNotice
from driftbot.core.run import Check, Run, RunState, StepState
from driftbot.store import run_tables
from driftbot.store.errors import LeaseHeld, LeaseLost, StoreError
from driftbot.store.journal import step_key
from driftbot.store.lease import Lease
from driftbot.store.store import Store
from tests.store.run_scene import MINUTE, approval, covered, plan, remedy, step
from tests.store.scene import CART, HOUR, keep, night_of, seconds, timeout

NOW = night_of(0) + HOUR


def begun(store: Store, lease: Lease) -> Run:
    wanted = remedy()
    return store.begin_run(lease, plan(wanted).digest, wanted, NOW, "ann", [approval(wanted.digest)])


def test_a_plan_is_found_by_its_digest_and_by_that_of_a_remedy(store: Store):
    one, other, low = remedy(), remedy(step("pay")), remedy(step("low"), level=Level.OBSERVE)
    made = plan(one, other, held=(low,))
    store.keep_plan(made)
    whole = store.plan(made.digest[:8].upper())
    assert whole is not None
    assert (whole.digest, whole.plan, whole.remedies, whole.beside) == (made.digest, made, (one, other), (low,))
    part = store.plan(other.digest)
    assert part is not None
    assert (part.digest, part.plan, part.remedies, part.beside) == (other.digest, made, (other,), (low, one))
    held = store.plan(low.digest[:10])
    assert held is not None
    assert (held.remedies, held.beside) == ((low,), (one, other))
    assert store.plan("0" * 64) is None


def test_a_remedy_of_several_plans_is_that_of_the_newest(store: Store):
    one = remedy()
    for made in (plan(one, remedy(step("pay")), number=3), plan(one, number=1)):
        store.keep_plan(made)
    found = store.plan(one.digest)
    assert found is not None
    assert found.plan.night == night_of(3)


def test_an_equal_plan_made_again_gives_way_to_the_newer(store: Store):
    one = remedy()
    for number in (0, 1):
        store.keep_plan(plan(one, number=number))
    found = store.plan(plan(one).digest)
    assert found is not None
    assert found.plan.night == night_of(1)


@pytest.mark.parametrize("prefix", ["", "abcdef0", "not hexadecimal", "%%%%%%%%", "________"])
def test_what_is_no_digest_is_refused(store: Store, prefix: str):
    store.keep_plan(plan(remedy()))
    with pytest.raises(StoreError, match="is no digest"):
        store.plan(prefix)


def test_approvals_stand_once_a_person_as_of_the_last_time(store: Store):
    digest = remedy().digest
    assert store.approve_plan(approval(digest, "bob", 7))
    assert store.approve_plan(approval(digest, "ann", 5))
    assert not store.approve_plan(approval(digest, "ann", 9))
    assert store.approve_plan(approval("f" * 64, "ann", 6))
    assert store.plan_approvals(digest) == (approval(digest, "bob", 7), approval(digest, "ann", 9))
    assert [one.by for one in store.plan_approvals(digest, "f" * 64)] == ["ann", "bob", "ann"]
    assert store.plan_approvals() == store.plan_approvals(digest, "f" * 64)


def test_a_run_is_read_back_as_it_was_written(store: Store):
    with store.acting("me", NOW, HOUR) as lease:
        run = begun(store, lease)
        wanted = remedy()
        assert (run.number, run.plan, run.remedy, run.by) == (1, plan(wanted).digest, wanted, "ann")
        assert (run.state, run.started, run.due, run.ended) == (RunState.RUNNING, NOW, None, None)
        assert run.approvals == (approval(wanted.digest),)
        assert [(one.number, one.state, one.key) for one in run.steps] == [
            (number, StepState.PLANNED, step_key(wanted.digest, 1, number)) for number in (1, 2)
        ]
        store.intend(lease, 1, 1, NOW + MINUTE)
        store.conclude(lease, 1, 1, StepState.DONE, NOW + 2 * MINUTE, '{"was":"\ud800\0"}', "written")
        store.intend(lease, 1, 2, NOW + 3 * MINUTE)
        store.change_run(lease, 1, RunState.WAITING, "waits", due=NOW + HOUR)
        store.add_check(lease, 1, Check("3f9c2a", NOW + HOUR, Verdict.OK, "healthy"))
        store.add_check(lease, 1, Check("3f9c2a", NOW + 2 * HOUR, Verdict.UNKNOWN, "not readable"))
    found = store.run(1)
    assert found is not None
    assert found == store.runs()[0]
    first, second = found.steps
    assert (first.state, first.effect, first.detail) == (StepState.DONE, '{"was":"\ud800\0"}', "written")
    assert (first.intended, first.concluded) == (NOW + MINUTE, NOW + 2 * MINUTE)
    assert (second.state, second.intended, second.concluded) == (StepState.INTENDED, NOW + 3 * MINUTE, None)
    assert (found.state, found.told, found.due) == (RunState.WAITING, "waits", NOW + HOUR)
    assert [check.verdict for check in found.checks] == [Verdict.OK, Verdict.UNKNOWN]


def test_runs_are_numbered_and_chosen_by_their_state(store: Store):
    with store.acting("me", NOW, HOUR) as lease:
        keys = {one.key for _ in range(3) for one in begun(store, lease).steps}
        store.change_run(lease, 2, RunState.RESOLVED, "healthy", ended=NOW)
    assert len(keys) == 6
    assert [run.number for run in store.runs()] == [1, 2, 3]
    assert [run.number for run in store.runs([RunState.RUNNING])] == [1, 3]
    assert store.runs([]) == ()
    assert store.run(4) is None


def test_undoing_keeps_the_effect_that_it_needs(store: Store):
    with store.acting("me", NOW, HOUR) as lease:
        begun(store, lease)
        store.conclude(lease, 1, 1, StepState.DONE, NOW, "{}", "written")
        store.intend(lease, 1, 1, NOW, StepState.UNDOING)
        store.conclude(lease, 1, 1, StepState.CONFLICT, NOW, detail="changed since")
    found = store.run(1)
    assert found is not None
    assert (found.steps[0].state, found.steps[0].effect) == (StepState.CONFLICT, "{}")


def test_only_the_newest_token_writes_the_journal(store: Store, url: str):
    with store.acting("slow", NOW, HOUR) as stale, Store.open(url) as other:
        begun(store, stale)
        with other.acting("next", NOW + HOUR, HOUR) as lease:
            before = other.run(1)
            writes = (
                lambda: begun(store, stale),
                lambda: store.intend(stale, 1, 1, NOW),
                lambda: store.conclude(stale, 1, 1, StepState.DONE, NOW),
                lambda: store.change_run(stale, 1, RunState.RESOLVED, ""),
                lambda: store.add_check(stale, 1, Check("3f9c2a", NOW, Verdict.OK, "")),
            )
            for write in writes:
                with pytest.raises(LeaseLost, match="slow may no longer write: its lease 1 was ended"):
                    write()
            assert other.runs() == (before,)
            other.intend(lease, 1, 1, NOW)


def test_scanning_and_acting_do_not_keep_each_other_waiting(store: Store, url: str):
    with store.lease("scan", NOW, HOUR) as scanning, store.acting("act", NOW, HOUR) as acting:
        assert (scanning.token, acting.token) == (1, 1)
        with Store.open(url) as other:
            with pytest.raises(LeaseHeld, match="another driftbot is acting: act, until"), other.acting("b", NOW, HOUR):
                pass
            with pytest.raises(LeaseHeld, match="another scan works on the store: scan"), other.lease("b", NOW, HOUR):
                pass
        assert store.renew(acting, NOW + HOUR, HOUR).expires == NOW + 2 * HOUR
        begun(store, acting)


def test_a_step_or_run_that_is_not_there_is_told(store: Store):
    with store.acting("me", NOW, HOUR) as lease:
        begun(store, lease)
        with pytest.raises(StoreError, match="run 1 has no step 3"):
            store.intend(lease, 1, 3, NOW)
        with pytest.raises(StoreError, match="there is no run 2"):
            store.change_run(lease, 2, RunState.RESOLVED, "")


def test_a_notice_waits_once_until_it_is_delivered(store: Store):
    notice = OutboxNotice("3f9c2a", "notice", "cart", "too short", NOW)
    assert store.put_notice(notice)
    assert not store.put_notice(replace(notice, at=NOW + HOUR))
    assert store.put_notice(replace(notice, kind="escalated"))
    assert [one.kind for one in store.notices_waiting()] == ["escalated", "notice"]
    for other in (replace(notice, body="other words"), replace(notice, title="mail"), replace(notice, at=NOW - HOUR)):
        assert not store.notice_delivered(other, NOW + HOUR)
    assert store.notice("3f9c2a", "notice") == notice
    assert store.notice_delivered(notice, NOW + HOUR)
    assert store.notice("3f9c2a", "notice") == replace(notice, delivered=NOW + HOUR)
    assert not store.put_notice(notice)
    assert not store.withdraw_notice("3f9c2a", "notice")
    assert store.withdraw_notice("3f9c2a", "escalated")
    assert store.notices_waiting() == ()
    assert store.put_notice(replace(notice, body="shorter still", at=NOW + HOUR))
    assert [one.body for one in store.notices_waiting()] == ["shorter still"]


def test_retention_keeps_runs_under_way_and_those_that_cooldowns_count(store: Store):
    keep(store, 0, [timeout(seconds(5))])
    keep(store, 50)
    store.keep_plan(plan(remedy(), number=0))
    store.keep_plan(plan(remedy(step("pay")), number=45))
    store.approve_plan(approval(remedy().digest))
    with store.acting("me", NOW, HOUR) as lease:
        for ended in (night_of(1), night_of(20), night_of(45), None):
            run = begun(store, lease)
            store.add_check(lease, run.number, Check("3f9c2a", NOW, Verdict.OK, ""))
            if ended is not None:
                store.change_run(lease, run.number, RunState.RESOLVED, "", ended=ended)
    assert store.prune(night_of(40), night_of(10)).runs == 1
    assert [run.number for run in store.runs()] == [2, 3, 4]
    assert store.plan(remedy().digest) is None
    assert store.plan(remedy(step("pay")).digest) is not None
    assert store.plan_approvals(remedy().digest) == ()
    assert store.prune(night_of(40)).runs == 0
    assert store.prune(night_of(40), night_of(50)).runs == 1
    assert [run.number for run in store.runs()] == [3, 4]
    assert store.runs()[1].remedy == remedy()


def test_a_damaged_plan_is_a_sentence(store: Store):
    store.keep_plan(plan(remedy()))
    with store._database.writing() as connection:
        connection.execute(update(run_tables.plan).values(body=b"x"))
    with pytest.raises(StoreError, match=r"plan \w{12} in the store cannot be read"):
        store.plan(plan(remedy()).digest)


def test_a_damaged_run_is_told_with_its_number_and_loses_no_other(store: Store):
    with store.acting("me", NOW, HOUR) as lease:
        runs = [begun(store, lease) for _ in range(5)]
    tables = (
        (run_tables.run, run_tables.run.c.id == 2, {"remedy": b"x"}),
        (run_tables.run, run_tables.run.c.id == 3, {"approvals": "["}),
        (run_tables.run_step, run_tables.run_step.c.run == 4, {"state": "no state"}),
    )
    with store._database.writing() as connection:
        for table, chosen, values in tables:
            connection.execute(update(table).where(chosen).values(values))
    assert store.runs() == (runs[0], runs[4])
    assert [(one.number, one.state, one.ended) for one in store.unreadable_runs()] == [
        (number, "running", False) for number in (2, 3, 4)
    ]
    with pytest.raises(StoreError, match="run 2 cannot be read: its remedy"):
        store.run(2)


def test_a_run_for_many_findings_is_kept_whole(store: Store):
    covers = tuple(covered(f"{number:012x}", replace(CART.id, name=f"shop/w{number}")) for number in range(500))
    steps = tuple(step(f"w{number}") for number in range(500))
    with store.acting("me", NOW, timedelta(minutes=5)) as lease:
        run = store.begin_run(lease, "f" * 64, remedy(*steps, covers=covers), NOW, "ann")
    assert store.run(run.number) == run
    assert len(run.steps) == 500
