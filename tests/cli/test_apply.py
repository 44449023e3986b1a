"""``apply``, ``undo``, ``runs`` and what ``run`` does by itself, on real files as people call them."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from driftbot.actions.action import Sight, Standing
from driftbot.actions.edit_file import EditFile
from driftbot.config import load_config
from driftbot.core.plan import Plan
from driftbot.core.run import RunState
from driftbot.remedies.journal import Journal
from driftbot.remedies.kill_switch import VARIABLE
from driftbot.store.store import Store
from tests.cli.conftest import Run
from tests.remedies.estate import LONG, SHORT, Terms, deadlines, job, planned_and_kept, scanned, write_estate

JOBS = ("invoice", "report")


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Plan]:
    """Makes the estate on some terms, scans it and plans for it."""

    def made(**terms: object) -> Plan:
        write_estate(tmp_path, *JOBS, terms=Terms(**terms))  # type: ignore[arg-type]
        monkeypatch.chdir(tmp_path)
        return planned_and_kept(scanned(tmp_path))

    return made


def found(root: Path) -> set[int]:
    return set(deadlines(root, JOBS).values())


def states(root: Path) -> list[RunState]:
    with Store.open(f"sqlite:///{root / 'driftbot.db'}") as store:
        return [one.state for one in store.runs()]


def without_cooldown(root: Path) -> None:
    with (root / "driftbot.yaml").open("a") as file:
        file.write("  cooldown: 0s\n")
    playbook = root / "playbooks" / "raise.yaml"
    playbook.write_text(playbook.read_text().replace("limits: {", "limits: {cooldown: 0s, "))


def approvers(root: Path, plan: Plan) -> list[str]:
    with Store.open(f"sqlite:///{root / 'driftbot.db'}") as store:
        return [one.by for one in store.plan_approvals(plan.digest)]


def test_a_plan_is_applied_judged_and_undone(shop: Callable[..., Plan], run: Run, tmp_path: Path):
    plan = shop()
    looked = run("apply", plan.digest[:8], "--by", "ann", "--dry-run")
    assert (looked.code, looked.out) == (0, f"{plan.digest[:12]}: 2 remedies would be applied now\n")
    assert (found(tmp_path), states(tmp_path), approvers(tmp_path, plan)) == ({SHORT}, [], [])
    applied = run("apply", plan.digest[:8], "--by", "ann")
    assert applied.code == 0
    assert [line.split("  ")[0] for line in applied.out.splitlines()] == ["run 1 verifying", "run 2 verifying"]
    assert found(tmp_path) == {LONG}
    for told in ("judged healthy once", "judged healthy twice from fresh facts"):
        judged = run("runs", "verify")
        assert (judged.code, judged.out.count(told)) == (0, 2)
    assert run("runs", "verify").out == "nothing is due, or nothing new was seen\n"
    assert states(tmp_path) == [RunState.RESOLVED] * 2
    undone = run("undo", "2", "--by", "bob")
    assert (undone.code, "run 2 undone" in undone.out) == (0, True)
    assert sorted(deadlines(tmp_path, JOBS).values()) == [SHORT, LONG]
    again = run("undo", "2")
    assert (again.code, "nothing that run 2 did stands: it is undone" in again.err) == (1, True)


def test_one_remedy_of_a_plan_is_applied_by_its_own_digest(shop: Callable[..., Plan], run: Run, tmp_path: Path):
    plan = shop()
    assert run("apply", plan.remedies[1].digest, "--by", "ann").code == 0
    assert sorted(deadlines(tmp_path, JOBS).values()) == [SHORT, LONG]


def test_the_audit_tells_who_what_when_and_what_came_of_it(shop: Callable[..., Plan], run: Run):
    plan = shop()
    run("apply", plan.digest, "--by", "Ann \x1b[31m<ann@example.org>")
    run("runs", "verify")
    told = run("runs", "show", "1")
    assert told.code == 0
    for part in (
        "run 1: verifying",
        "approved the plan",
        f"plan {plan.digest}",
        f"remedy {plan.remedies[0].digest}",
        "timeout.deadline: 2h → 3h",
        "+      activeDeadlineSeconds: 10800  # as agreed",
        "intent on disk",
        "lesson: billing-2025",
        "Judged after it",
    ):
        assert part in told.out
    assert "\x1b" not in told.out
    document = json.loads(run("runs", "show", "1", "--format", "json").out)
    assert (document["state"], document["steps"][0]["state"]) == ("verifying", "done")
    listed = run("runs", "list")
    assert "2 runs · 2 under way · 0 wait for a person" in listed.out


@pytest.mark.parametrize(
    ("digest", "code", "told"),
    [
        ("12", 64, "'12' is no digest"),
        ("nothex-at-all", 64, "is no digest"),
        ("0" * 12, 1, "no plan and no remedy starts with"),
    ],
)
def test_a_digest_that_names_nothing_is_told(shop: Callable[..., Plan], run: Run, digest: str, code: int, told: str):
    shop()
    answer = run("apply", digest)
    assert (answer.code, told in answer.err) == (code, True)


def test_what_is_only_observed_says_how_to_climb_and_is_not_approved(
    shop: Callable[..., Plan], run: Run, tmp_path: Path
):
    plan = shop(level="observe")
    (first, _) = (held.remedy for held in plan.held)
    assert first is not None
    for arguments in ([], ["--only-approve"], ["--dry-run"]):
        answer = run("apply", first.digest, *arguments, "--by", "ann")
        assert (answer.code, "the level propose in acting.ladder" in answer.out) == (2, True)
    answer = run("apply", plan.digest, "--by", "ann")
    assert (answer.code, "would do nothing: 2 findings are held back" in answer.err) == (1, True)
    assert (found(tmp_path), states(tmp_path), approvers(tmp_path, plan)) == ({SHORT}, [], [])


def test_a_plan_is_applied_although_other_findings_are_held_back(shop: Callable[..., Plan], run: Run, tmp_path: Path):
    shop()
    ladder = "ladder: [{rule: '*', playbook: raise, environment: production, level: propose}]"
    text = (tmp_path / "driftbot.yaml").read_text()
    (tmp_path / "driftbot.yaml").write_text(text.replace("ladder: [{level: propose}]", ladder))
    (tmp_path / "jobs" / "invoice.yaml").write_text(job("invoice", 9000))
    plan = planned_and_kept(load_config(tmp_path / "driftbot.yaml"))
    assert (len(plan.remedies), len(plan.held)) == (1, 1)
    assert run("apply", plan.digest, "--by", "ann").code == 0


def test_it_waits_until_enough_different_people_have_approved(shop: Callable[..., Plan], run: Run, tmp_path: Path):
    plan = shop(approvals=2)
    for _ in range(2):
        first = run("apply", plan.digest, "--by", "Ann <ann@example.org>")
        assert (first.code, first.out.count("1 more approval needed")) == (2, 2)
    assert found(tmp_path) == {SHORT}
    assert "enough, if nothing holds it back" in run("apply", plan.digest, "--by", "bob", "--only-approve").out
    assert found(tmp_path) == {SHORT}
    assert run("apply", plan.digest, "--by", "bob").code == 0
    assert found(tmp_path) == {LONG}
    assert "bob approved the plan" in run("runs", "show", "2").out


def test_who_may_not_approve_changes_nothing(shop: Callable[..., Plan], run: Run, tmp_path: Path):
    plan = shop()
    with (tmp_path / "driftbot.yaml").open("a") as file:
        file.write("  approvers: [ann@example.org]\n")
    answer = run("apply", plan.digest, "--by", "mallory")
    assert (answer.code, "mallory may not approve" in answer.err) == (1, True)
    assert (found(tmp_path), states(tmp_path)) == ({SHORT}, [])


def test_a_file_that_moved_since_is_left_alone(shop: Callable[..., Plan], run: Run, tmp_path: Path):
    plan = shop()
    (tmp_path / "jobs" / "invoice.yaml").write_text(job("invoice", 9000))
    answer = run("apply", plan.digest, "--by", "ann")
    assert answer.code == 2
    assert "somebody changed it" in answer.out
    assert (tmp_path / "jobs" / "invoice.yaml").read_text() == job("invoice", 9000)
    assert sorted(states(tmp_path)) == [RunState.REFUSED, RunState.VERIFYING]


def test_a_plan_in_a_file_is_applied_and_one_that_was_changed_is_not(
    shop: Callable[..., Plan], run: Run, tmp_path: Path
):
    shop()
    run("plan", "--output", "plan.json")
    text = (tmp_path / "plan.json").read_text()
    (tmp_path / "other.json").write_text(text.replace("10800", "99999"))
    (tmp_path / "half.json").write_text(text[: len(text) // 2])
    for name in ("other.json", "half.json"):
        answer = run("apply", "--plan", name, "--by", "ann")
        assert (answer.code, found(tmp_path)) == (1, {SHORT}), answer
    assert run("apply", "--plan", "plan.json", "--by", "ann").code == 0
    assert found(tmp_path) == {LONG}


@pytest.mark.parametrize("switch", ["file", "environment", "flag"])
def test_the_kill_switch_holds(
    shop: Callable[..., Plan], run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, switch: str
):
    plan = shop(level="auto")
    flag: list[str] = []
    match switch:
        case "file":
            (tmp_path / "driftbot.stop").touch()
        case "environment":
            monkeypatch.setenv(VARIABLE, "1")
        case "flag":
            flag = ["--no-acting"]
    answer = run("apply", plan.digest, "--by", "ann", *flag)
    assert (answer.code, "nothing is changed: " in answer.out) == (2, True)
    run("run", *flag)
    assert (found(tmp_path), states(tmp_path), approvers(tmp_path, plan)) == ({SHORT}, [], [])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_ends_after_the_step_under_way_and_the_next_run_goes_on(
    shop: Callable[..., Plan], run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
):
    plan = shop()
    perform = EditFile.perform

    def interrupted(*arguments: object) -> object:
        os.kill(os.getpid(), number)
        return perform(*arguments)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr(EditFile, "perform", interrupted)
        answer = run("apply", plan.digest, "--by", "ann")
    assert answer.code == 130
    assert "stopping after the step under way" in answer.err
    assert "stopped (" in answer.err
    assert "1 of 2 remedies done before it; 1 not begun; nothing of that is done later by itself" in answer.err
    assert states(tmp_path) == [RunState.VERIFYING]


def test_ctrl_c_before_a_first_step_says_which_run_did_nothing(
    shop: Callable[..., Plan], run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    plan = shop()
    begin = Journal.begin

    def interrupted(*arguments: object) -> object:
        begun = begin(*arguments)  # type: ignore[arg-type]
        os.kill(os.getpid(), signal.SIGINT)
        return begun

    with monkeypatch.context() as patched:
        patched.setattr(Journal, "begin", interrupted)
        answer = run("apply", plan.digest, "--by", "ann")
    assert (answer.code, found(tmp_path), states(tmp_path)) == (130, {SHORT}, [RunState.REFUSED])
    assert "stopped (Ctrl-C): 0 of 2 remedies done before it; run 1 did nothing: " in answer.err
    assert "stopped before it: Ctrl-C; 1 not begun" in answer.err


def test_ctrl_c_twice_ends_at_once_and_the_next_start_concludes_what_was_done(
    shop: Callable[..., Plan], run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    plan = shop()
    perform = EditFile.perform

    def interrupted(*arguments: object) -> object:
        done = perform(*arguments)  # type: ignore[arg-type]
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)
        return done

    with monkeypatch.context() as patched:
        patched.setattr(EditFile, "perform", interrupted)
        assert run("apply", plan.digest, "--by", "ann").code == 130
    assert states(tmp_path) == [RunState.RUNNING]
    answer = run("runs", "verify")
    assert "run 1 verifying" in answer.out
    assert "driftbot ended while it was done" in run("runs", "show", "1").out


def test_a_second_apply_after_an_end_at_once_says_what_was_done_before(
    shop: Callable[..., Plan], run: Run, monkeypatch: pytest.MonkeyPatch
):
    plan = shop()
    perform = EditFile.perform

    def interrupted(*arguments: object) -> object:
        done = perform(*arguments)  # type: ignore[arg-type]
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)
        return done

    with monkeypatch.context() as patched:
        patched.setattr(EditFile, "perform", interrupted)
        run("apply", plan.digest, "--by", "ann")
    again = run("apply", plan.digest, "--by", "ann")
    assert again.code == 2
    assert "nothing was changed now; 1 of 2 remedies had been begun before: run 1" in again.out


def test_undo_leaves_what_somebody_changed_since(shop: Callable[..., Plan], run: Run, tmp_path: Path):
    plan = shop()
    run("apply", plan.digest, "--by", "ann")
    (tmp_path / "jobs" / "invoice.yaml").write_text(job("invoice", 9000))
    codes = {number: run("undo", str(number), "--by", "ann") for number in (1, 2)}
    assert sorted(answer.code for answer in codes.values()) == [0, 2]
    assert (tmp_path / "jobs" / "invoice.yaml").read_text() == job("invoice", 9000)
    assert any("was not undone" in answer.out for answer in codes.values())


def test_a_fix_that_does_not_help_is_put_back_and_its_owner_is_told(
    shop: Callable[..., Plan], run: Run, tmp_path: Path
):
    shop(level="auto", to="2h30m", attempts=1)
    first = run("run")
    assert (first.code, first.out.count("verifying")) == (2, 2)
    second = run("run")
    assert second.code == 2
    assert [line.split("  ")[0] for line in second.out.splitlines()[:2]] == ["run 1 escalated", "run 2 escalated"]
    assert "it did not help" in second.out
    assert (found(tmp_path), states(tmp_path)) == ({SHORT}, [RunState.ESCALATED] * 2)
    with Store.open(f"sqlite:///{tmp_path / 'driftbot.db'}") as store:
        notices = store.notices_waiting()
    assert [notice.kind for notice in notices] == ["escalated"] * 2
    assert "owner: data-platform" in notices[0].body
    assert "timeout.deadline: 2h → 2h30m" in notices[0].body
    third = run("run")
    assert states(tmp_path) == [RunState.ESCALATED] * 2
    assert "2 notices wait" in third.err
    assert third.out.count("was not mended by 1 attempts") == 2
    assert "  owner: data-platform" in third.out.splitlines()
    assert "2 notices for people: `driftbot runs notices` shows them" in run("runs", "list").out
    assert run("runs", "notices").out.count("was not mended by 1 attempts") == 2


def test_the_report_of_a_night_holds_what_was_judged_applied_and_waits_to_be_told(
    shop: Callable[..., Plan], run: Run, tmp_path: Path
):
    shop(level="auto", to="2h30m", attempts=1)
    nights = []
    for _ in range(2):
        run("run", "--output", "night.json")
        nights.append(json.loads((tmp_path / "night.json").read_text()))
    stages = [{stage["stage"]: stage for stage in night["stages"]} for night in nights]
    assert list(stages[0]) == ["recover", "scan", "plan", "deliver", "verify", "act", "tell", "forget"]
    assert [(one["number"], one["state"]) for one in stages[0]["act"]["runs"]] == [(1, "verifying"), (2, "verifying")]
    assert [(one["number"], one["state"]) for one in stages[1]["verify"]["runs"]] == [
        (1, "escalated"),
        (2, "escalated"),
    ]
    assert stages[1]["verify"]["runs"][0]["subjects"] == ["job:production/shop/invoice"]
    assert ([len(night["notices"]) for night in nights], nights[1]["exit_code"]) == ([0, 2], 2)
    assert nights[1]["notices"][0]["kind"] == "escalated"
    run("scan", "--format", "json", "--output", "scan.json")
    scan = json.loads((tmp_path / "scan.json").read_text())
    assert (scan["stages"], scan["notices"]) == ([], [])


def test_a_fix_that_does_not_help_stands_where_the_playbook_says_so(
    shop: Callable[..., Plan], run: Run, tmp_path: Path
):
    shop(level="auto", to="2h30m", on_failure="stop")
    run("run")
    run("run")
    assert states(tmp_path) == [RunState.STOPPED] * 2
    assert (tmp_path / "jobs" / "invoice.yaml").read_text() == job("invoice", 9000)


def test_the_night_acts_on_what_is_automatic_and_resolves_it(shop: Callable[..., Plan], run: Run):
    shop(level="auto")
    for told, code in (("verifying", 2), ("judged healthy once", 0), ("resolved", 0)):
        answer = run("run")
        assert (answer.code, answer.out.count(told)) == (code, 2), answer
    assert "act: no playbook has anything to do" in answer.err


@pytest.mark.parametrize("level", ["propose", "approve"])
def test_what_people_approved_acts_at_night_on_the_rung_for_it_and_once(
    shop: Callable[..., Plan], run: Run, tmp_path: Path, level: str
):
    plan = shop(level=level)
    assert "act: nothing may act by itself" in run("run").err
    run("apply", plan.digest, "--only-approve", "--by", "ann")
    run("run")
    assert found(tmp_path) == ({LONG} if level == "approve" else {SHORT})
    run("run")
    run("undo", "1", "--by", "ann") if level == "approve" else None
    run("run")
    assert len(states(tmp_path)) == (2 if level == "approve" else 0)


def test_what_a_person_undid_is_done_again_by_its_own_digest_only(shop: Callable[..., Plan], run: Run, tmp_path: Path):
    first, _ = shop(level="auto").remedies
    without_cooldown(tmp_path)
    run("run")
    assert run("undo", "1", "--by", "ann").code == 0
    for _ in range(2):
        run("run")
    assert states(tmp_path) == [RunState.UNDONE, RunState.RESOLVED]
    told = run("plan").out
    assert "held by declined: ann undid run 1 about" in told
    assert f"`driftbot apply {first.digest[:12]}` does it again all the same" in told
    answer = run("apply", first.digest[:12], "--by", "bob")
    assert answer.code == 0, answer.out
    assert states(tmp_path) == [RunState.UNDONE, RunState.RESOLVED, RunState.VERIFYING]


def test_what_failed_before_a_person_cleaned_up_is_a_failure_still(shop: Callable[..., Plan], run: Run, tmp_path: Path):
    shop(level="auto", to="2h30m", on_failure="stop")
    without_cooldown(tmp_path)
    run("run")
    run("run")
    assert states(tmp_path) == [RunState.STOPPED] * 2
    assert run("undo", "1", "--by", "ann").code == 0
    run("scan")
    assert "auto falls back to propose: run 1 did not help for good" in run("plan").out


@pytest.mark.parametrize("healthy_once", [False, True])
def test_a_fix_whose_subject_is_gone_is_concluded_once_everything_was_read(
    shop: Callable[..., Plan], run: Run, tmp_path: Path, healthy_once: bool
):
    shop(level="auto")
    run("run")
    run("run") if healthy_once else None
    (tmp_path / "jobs" / "invoice.yaml").unlink()
    broken = tmp_path / "jobs" / "broken.yaml"
    broken.write_text("kind: [")
    run("run")
    assert states(tmp_path)[0] is RunState.VERIFYING
    broken.unlink()
    assert "the subject is gone; everything that could hold it was read" in run("run").out
    assert states(tmp_path)[0] is RunState.RESOLVED
    assert "judged healthy" in run("runs", "show", "2").out


def test_what_nobody_can_tell_waits_for_a_person(
    shop: Callable[..., Plan], run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    plan = shop()

    def lost(*_: object) -> None:
        patched.setattr(EditFile, "sight", lambda *_: Sight(Standing.UNREADABLE, "the share is gone"))
        raise ZeroDivisionError

    with monkeypatch.context() as patched:
        patched.setattr(EditFile, "perform", lost)
        answer = run("apply", plan.remedies[0].digest, "--by", "ann")
    assert (answer.code, states(tmp_path)) == (1, [RunState.UNCERTAIN])
    assert "Waits for a person: 1" in run("runs", "list").out
    assert run("undo", "1").code == 1
    assert run("runs", "settle", "1").code == 64
    settled = run("runs", "settle", "1", "--not-done", "--by", "bob")
    assert (settled.code, states(tmp_path)) == (2, [RunState.STOPPED])
    assert "bob looked: it is not there" in settled.out


def test_while_a_run_cannot_be_read_nothing_is_begun_until_a_person_settles_it(
    shop: Callable[..., Plan], run: Run, tmp_path: Path
):
    first, second = shop(level="auto").remedies
    run("apply", first.digest, "--by", "ann")
    with sqlite3.connect(tmp_path / "driftbot.db") as connection:
        connection.execute("UPDATE run SET remedy = x'00'")
    connection.close()
    listed = run("runs", "list")
    assert (listed.code, "run 1 verifying  cannot be read: its remedy" in listed.err) == (0, True)
    assert "of run 1 nobody can tell" in run("run").err
    held = run("apply", second.digest, "--by", "ann")
    assert (held.code, "`driftbot runs settle 1 --done`" in held.out) == (2, True)
    assert run("runs", "settle", "1", "--done", "--by", "bob").code == 0
    assert run("apply", second.digest, "--by", "ann").code == 0


def test_commands_name_a_run_that_is_not_there(shop: Callable[..., Plan], run: Run):
    shop()
    for arguments in (["undo", "7"], ["runs", "show", "7"], ["runs", "verify", "7"], ["runs", "settle", "7", "--done"]):
        answer = run(*arguments)
        assert (answer.code, "there is no run 7" in answer.err) == (1, True)
    assert run("apply").code == 64
    assert run("apply", "--continue").out == "nothing waits and nothing is due\n"
