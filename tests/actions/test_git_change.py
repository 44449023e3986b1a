"""git_change on real remotes: pushed, merged, declined, raced, refused, taken back."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from driftbot.actions.action import ActionFailed, Effect, Occasion, Sight, Standing
from driftbot.actions.git_change import action
from driftbot.actions.git_change_options import GitChangeOptions, RepositoryOptions
from driftbot.actions.options import ActionOptions
from driftbot.core.remedy import Step
from driftbot.edits.edit import Refused
from tests.actions.estate import Estate, occasion, proposed
from tests.actions.jobs import NAMES, job, subject
from tests.repository.scene import Scene, surroundings


@pytest.fixture(autouse=True)
def own_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    found = Scene(tmp_path)
    found.clone.commit("Jobs", {f"deploy/{name}.yaml": job(name) for name in NAMES})
    found.clone.git("push", "-q", "origin", "main")
    return found


@pytest.fixture
def shop(scene: Scene) -> Estate:
    reach = ActionOptions(git_change=GitChangeOptions(repositories=(RepositoryOptions(),)))
    return Estate(scene.clone.root, reach=reach)


def deadline(shop: Estate, name: str = "invoice", to: str = "3h", **more: Any) -> Step:
    settings = {"set": "timeout.deadline", "to": to, **more}
    return proposed(action, settings, shop.occasion(subject(name)), shop.tools())


def perform(shop: Estate, step: Step, boundary: Callable[[str], None] = lambda _name: None) -> Effect:
    return action.perform(step, "key", shop.tools(boundary))


def sight(shop: Estate, step: Step, effect: Effect | None = None) -> Sight:
    return action.sight(step, effect.body if effect else "", shop.tools())


def branch_of(step: Step) -> str:
    return step.target.removeprefix("branch:")


def merged(scene: Scene, branch: str, how: str = "--no-ff") -> None:
    """A person merges the branch on main."""
    scene.person.git("fetch", "-q", "origin")
    scene.person.git("checkout", "-q", "-B", "main", "origin/main")
    scene.person.git("merge", "-q", how, f"origin/{branch}")
    scene.person.git("commit", "-q", "--allow-empty", "-m", "Merge")
    scene.person.git("push", "-q", "origin", "main")


def test_a_branch_waits_until_a_person_merges_it(scene: Scene, shop: Estate) -> None:
    before = surroundings(scene.clone.root)
    step = deadline(shop)
    assert sight(shop, step).standing is Standing.BEFORE
    effect = perform(shop, step)
    assert effect.pending
    assert scene.remote_file("deploy/invoice.yaml", branch_of(step)) == job("invoice", 10800).rstrip("\n")
    assert sight(shop, step, effect).standing is Standing.PENDING
    assert sight(shop, step).standing is Standing.PENDING
    merged(scene, branch_of(step))
    assert sight(shop, step, effect).standing is Standing.AFTER
    assert surroundings(scene.clone.root)[:3] == before[:3]


@pytest.mark.parametrize("how", ["--no-ff", "--squash"])
def test_merged_or_squashed_and_deleted_is_done(scene: Scene, shop: Estate, how: str) -> None:
    step = deadline(shop)
    effect = perform(shop, step)
    merged(scene, branch_of(step), how)
    scene.person.git("push", "-q", "origin", "--delete", branch_of(step))
    assert sight(shop, step, effect).standing is Standing.AFTER


def test_without_waiting_the_pushed_branch_is_enough(shop: Estate) -> None:
    step = deadline(shop, wait=False)
    effect = perform(shop, step)
    assert not effect.pending
    assert sight(shop, step, effect).standing is Standing.AFTER


def test_the_message_tells_what_why_evidence_and_the_way_back(scene: Scene, shop: Estate) -> None:
    step = deadline(shop)
    perform(shop, step)
    message = scene.at_remote("log", "-1", "--format=%B", branch_of(step))
    assert message.splitlines()[0] == "raise-job-deadline: timeout.deadline 2h -> 3h of shop/invoice"
    for told in (
        "Rule: job-deadline-headroom (high, data-platform)",
        "Incident: billing-2025-03: Billing was killed at its deadline.",
        "  https://example.org/reviews/billing",
        "  expected: at most 1h24m = 0.7 × 2h",
        "  - deadline = 2h",
        "driftbot undo RUN",
        f"Driftbot-Fingerprint: {branch_of(step).rpartition('/')[2]}",
        f"Driftbot-Key: {branch_of(step).rpartition('/')[2]}",
    ):
        assert told in message.splitlines() or told in message


def test_git_reads_every_trailer_of_the_message(scene: Scene, shop: Estate) -> None:
    step, seen = combined(shop)
    perform(shop, step)
    told = scene.at_remote("log", "-1", "--format=%(trailers:only,unfold)", branch_of(step)).split("\n")
    fingerprints = [f"Driftbot-Fingerprint: {one.covered.fingerprint}" for one in seen]
    assert told[:4] == [*fingerprints, "Driftbot-Key: raise-job-deadline:job-deadline-headroom"]
    assert [line.partition(":")[0] for line in told[4:6]] == ["Driftbot-Base", "Driftbot-Content"]
    assert "has the change already" in perform(shop, step).told


def test_hostile_text_stays_text_in_the_message(scene: Scene, shop: Estate) -> None:
    seen = shop.occasion(subject("invoice"))
    hostile = "x\n\nDriftbot-Key: evil\ncloses #1 @everybody \x1b[31m\u202e"
    covered = replace(seen.covered, message=hostile, evidence=(hostile,), observed=hostile)
    step = proposed(
        action, {"set": "timeout.deadline", "to": "3h"}, replace(seen, covered=covered), shop.tools()
    )  # fmt: skip
    perform(shop, step)
    message = scene.at_remote("log", "-1", "--format=%B", branch_of(step))
    assert message.count("\nDriftbot-Key: ") == 1
    assert not [part for part in ("#1", "@everybody", "\x1b", "\u202e") if part in message]


def test_the_branch_is_updated_in_place(scene: Scene, shop: Estate) -> None:
    perform(shop, deadline(shop))
    step = deadline(shop, to="4h")
    assert sight(shop, step).standing is Standing.BEFORE
    assert "was updated" in perform(shop, step).told
    assert scene.remote_file("deploy/invoice.yaml", branch_of(step)) == job("invoice", 14400).rstrip("\n")
    assert scene.at_remote("rev-list", "--count", f"main..{branch_of(step)}") == "1"


def test_what_was_merged_and_reverted_is_pushed_anew_for_another_merge(scene: Scene, shop: Estate) -> None:
    step = deadline(shop)
    perform(shop, step)
    merged(scene, branch_of(step))
    scene.person.git("revert", "--no-edit", "-m", "1", "HEAD~1")
    scene.person.git("push", "-q", "origin", "main")
    assert scene.remote_file("deploy/invoice.yaml", "main") == job("invoice").rstrip("\n")
    again = deadline(shop)
    assert sight(shop, again).standing is Standing.BEFORE
    effect = perform(shop, again)
    assert sight(shop, again, effect).standing is Standing.PENDING
    merged(scene, branch_of(again))
    assert scene.remote_file("deploy/invoice.yaml", "main") == job("invoice", 10800).rstrip("\n")
    assert sight(shop, again, effect).standing is Standing.AFTER


def test_performing_again_does_nothing(scene: Scene, shop: Estate) -> None:
    step = deadline(shop)
    perform(shop, step)
    tip = scene.remote_tip(branch_of(step))
    assert "has the change already" in perform(shop, step).told
    assert scene.remote_tip(branch_of(step)) == tip


def test_a_persons_commit_on_the_branch_is_never_overwritten(scene: Scene, shop: Estate) -> None:
    step = deadline(shop)
    effect = perform(shop, step)
    commit = scene.person_adds(branch_of(step))
    assert sight(shop, step, effect).standing is Standing.PENDING
    with pytest.raises(ActionFailed, match="not driftbot's alone"):
        perform(shop, deadline(shop, to="4h"))
    with pytest.raises(ActionFailed, match="not driftbot's alone"):
        action.undo(step, effect.body, "key", shop.tools())
    assert scene.remote_tip(branch_of(step)) == commit


def test_a_persons_branch_of_that_name_is_refused(scene: Scene, shop: Estate) -> None:
    step = deadline(shop)
    commit = scene.person_adds(branch_of(step))
    assert sight(shop, step).standing is Standing.OTHER
    with pytest.raises(ActionFailed, match="not driftbot's alone"):
        perform(shop, step)
    assert scene.remote_tip(branch_of(step)) == commit


def test_a_branch_that_a_person_deletes_is_declined(scene: Scene, shop: Estate) -> None:
    step = deadline(shop)
    effect = perform(shop, step)
    scene.person.git("push", "-q", "origin", "--delete", branch_of(step))
    assert sight(shop, step, effect).standing is Standing.DECLINED


def test_a_branch_that_was_pushed_before_a_crash_is_declined_all_the_same(scene: Scene, shop: Estate) -> None:
    step = deadline(shop)
    perform(shop, step)
    found = sight(shop, step)
    scene.person.git("push", "-q", "origin", "--delete", branch_of(step))
    assert action.sight(step, found.body, shop.tools()).standing is Standing.DECLINED


def test_undo_before_the_merge_deletes_the_branch(scene: Scene, shop: Estate) -> None:
    step = deadline(shop)
    effect = perform(shop, step)
    assert "was deleted" in action.undo(step, effect.body, "key", shop.tools()).told
    assert scene.remote_tip(branch_of(step)) is None
    assert "not there any more" in action.undo(step, effect.body, "key", shop.tools()).told


def test_undo_leaves_alone_what_a_later_run_brought_to_the_branch(scene: Scene, shop: Estate) -> None:
    step, later = deadline(shop), deadline(shop, to="4h")
    effect = perform(shop, step)
    perform(shop, later)
    tip = scene.remote_tip(branch_of(step))
    with pytest.raises(ActionFailed, match=f"it ends with {tip}, not with"):
        action.undo(step, effect.body, "key", shop.tools())
    assert scene.remote_tip(branch_of(step)) == tip


def test_undo_after_the_merge_is_a_commit_that_takes_it_back(scene: Scene, shop: Estate) -> None:
    step = deadline(shop)
    effect = perform(shop, step)
    merged(scene, branch_of(step))
    back = action.undo(step, effect.body, "key", shop.tools())
    assert back.pending
    assert f"{branch_of(step)}-undo" in back.told
    assert scene.remote_file("deploy/invoice.yaml", f"{branch_of(step)}-undo") == job("invoice").rstrip("\n")
    tip = scene.remote_tip(f"{branch_of(step)}-undo")
    scene.person.git("fetch", "-q", "origin")
    message = scene.person.git("log", "-1", "--format=%B", str(tip))
    assert "Change: timeout.deadline of job:production/shop/invoice: 3h -> 2h" in message
    assert "To take it back" not in message
    assert "Driftbot-Fingerprint: " in message
    assert action.undo(step, back.body, "key", shop.tools()) == back
    assert scene.remote_tip(f"{branch_of(step)}-undo") == tip
    merged(scene, f"{branch_of(step)}-undo")
    assert scene.remote_file("deploy/invoice.yaml", "main") == job("invoice").rstrip("\n")
    assert not action.undo(step, back.body, "key", shop.tools()).pending
    assert sight(shop, step, effect).standing is Standing.DECLINED


def test_who_deletes_the_branch_that_takes_it_back_keeps_the_change(scene: Scene, shop: Estate) -> None:
    step = deadline(shop)
    effect = perform(shop, step)
    merged(scene, branch_of(step))
    back = action.undo(step, effect.body, "key", shop.tools())
    scene.person.git("push", "-q", "origin", "--delete", f"{branch_of(step)}-undo")
    with pytest.raises(ActionFailed, match="keeps the change"):
        action.undo(step, back.body, "key", shop.tools())
    assert scene.remote_tip(f"{branch_of(step)}-undo") is None


def test_a_persons_commit_on_the_branch_that_takes_it_back_is_waited_for(scene: Scene, shop: Estate) -> None:
    step = deadline(shop)
    effect = perform(shop, step)
    merged(scene, branch_of(step))
    back = action.undo(step, effect.body, "key", shop.tools())
    commit = scene.person_adds(f"{branch_of(step)}-undo")
    assert action.undo(step, back.body, "key", shop.tools()).pending
    assert scene.remote_tip(f"{branch_of(step)}-undo") == commit
    with pytest.raises(ActionFailed, match="not driftbot's alone"):
        action.undo(step, effect.body, "key", shop.tools())


def test_a_base_that_moves_while_it_is_taken_back_is_built_on_again(scene: Scene, shop: Estate) -> None:
    step = deadline(shop)
    effect = perform(shop, step)
    merged(scene, branch_of(step))
    moved = []

    def meddle(name: str) -> None:
        if name.startswith("git: looked") and not moved:
            moved.append(scene.person_adds("main", {"deploy/invoice.yaml": "# moved\n" + job("invoice", 10800)}))

    action.undo(step, effect.body, "key", shop.tools(meddle))
    assert moved
    assert scene.remote_file("deploy/invoice.yaml", f"{branch_of(step)}-undo").startswith("# moved\n")


def test_what_people_took_back_themselves_is_undone(scene: Scene, shop: Estate) -> None:
    step = deadline(shop)
    effect = perform(shop, step)
    merged(scene, branch_of(step))
    scene.person_adds("main", {"deploy/invoice.yaml": job("invoice")})
    assert sight(shop, step, effect).standing is Standing.DECLINED
    back = action.undo(step, effect.body, "key", shop.tools())
    assert not back.pending
    assert scene.remote_tip(f"{branch_of(step)}-undo") is None


def test_undo_after_the_merge_leaves_alone_what_somebody_changed_since(scene: Scene, shop: Estate) -> None:
    step = deadline(shop)
    effect = perform(shop, step)
    merged(scene, branch_of(step))
    scene.person_adds("main", {"deploy/invoice.yaml": job("invoice", 9000)})
    assert sight(shop, step, effect).standing is Standing.OTHER
    with pytest.raises(ActionFailed, match="take it back by hand"):
        try:
            action.undo(step, effect.body, "key", shop.tools())
        except ActionFailed as failure:
            raise ActionFailed(f"{failure.reason}: {failure.next_step}") from None
    assert scene.remote_tip(f"{branch_of(step)}-undo") is None


def test_what_the_base_had_before_is_not_taken_back(scene: Scene, shop: Estate) -> None:
    step = deadline(shop)
    scene.person_adds("main", {"deploy/invoice.yaml": job("invoice", 10800)})
    assert sight(shop, step).standing is Standing.AFTER
    effect = perform(shop, step)
    assert not effect.pending
    assert "left as it is" in action.undo(step, effect.body, "key", shop.tools()).told
    assert scene.remote_tip(f"{branch_of(step)}-undo") is None


def test_the_change_is_found_again_where_the_base_has_moved(scene: Scene, shop: Estate) -> None:
    step = deadline(shop)
    moved = "# moved\n" + job("invoice").replace("  template", "  backoffLimit: 2\n  template")
    scene.person_adds("main", {"deploy/invoice.yaml": moved})
    assert sight(shop, step).standing is Standing.BEFORE
    perform(shop, step)
    expected = moved.replace("7200", "10800").rstrip("\n")
    assert scene.remote_file("deploy/invoice.yaml", branch_of(step)) == expected


def test_a_base_that_says_something_else_refuses(scene: Scene, shop: Estate) -> None:
    step = deadline(shop)
    scene.person_adds("main", {"deploy/invoice.yaml": job("invoice", 9000)})
    assert sight(shop, step).standing is Standing.OTHER
    with pytest.raises(ActionFailed, match=r"main of .*does not stand where it stood"):
        perform(shop, step)
    assert scene.remote_tip(branch_of(step)) is None


def test_a_base_that_moves_beneath_a_waiting_branch_leaves_it_to_people(scene: Scene, shop: Estate) -> None:
    step = deadline(shop)
    effect = perform(shop, step)
    scene.person_adds("main", {"deploy/invoice.yaml": job("invoice", 9000)})
    assert sight(shop, step, effect).standing is Standing.PENDING
    scene.person.git("push", "-q", "origin", "--delete", branch_of(step))
    assert sight(shop, step, effect).standing is Standing.DECLINED


def test_a_base_that_moves_while_it_is_pushed_is_built_on_again(scene: Scene, shop: Estate) -> None:
    step = deadline(shop)
    moved = []

    def meddle(name: str) -> None:
        if name.startswith("git: looked") and not moved:
            moved.append(scene.person_adds("main", {"deploy/invoice.yaml": "# moved\n" + job("invoice")}))

    perform(shop, step, meddle)
    assert scene.remote_file("deploy/invoice.yaml", branch_of(step)).startswith("# moved\n")


def test_a_dirty_tree_and_a_detached_head_make_no_difference(scene: Scene, shop: Estate) -> None:
    step = deadline(shop)
    scene.clone.git("checkout", "-q", "--detach")
    scene.clone.write({"deploy/invoice.yaml": "mine: true\n", "deploy/new.yaml": "mine: true\n"})
    before = surroundings(scene.clone.root)
    perform(shop, step)
    assert surroundings(scene.clone.root)[:3] == before[:3]
    assert scene.remote_file("deploy/invoice.yaml", branch_of(step)) == job("invoice", 10800).rstrip("\n")


def test_a_hook_that_rejects_is_heard(scene: Scene, shop: Estate) -> None:
    scene.hook("pre-receive", "echo 'freeze: no pushes before Monday' >&2; exit 1")
    step = deadline(shop)
    with pytest.raises(ActionFailed, match="no pushes before Monday"):
        perform(shop, step)
    assert sight(shop, step).standing is Standing.BEFORE


def test_a_remote_that_is_gone_is_told(scene: Scene, shop: Estate) -> None:
    step = deadline(shop)
    scene.bare.rename(scene.bare.with_name("elsewhere.git"))
    assert sight(shop, step).standing is Standing.UNREADABLE
    with pytest.raises(ActionFailed):
        perform(shop, step)


def test_a_clone_without_a_remote_is_told(scene: Scene, shop: Estate) -> None:
    step = deadline(shop)
    scene.clone.git("remote", "remove", "origin")
    with pytest.raises(ActionFailed, match="origin"):
        perform(shop, step)


@pytest.mark.parametrize(
    ("options", "told"),
    [((), "in no repository that may be changed"), ((RepositoryOptions(folder="rules"),), "in no repository")],
)
def test_only_named_repositories_are_reached(shop: Estate, options: tuple[RepositoryOptions, ...], told: str) -> None:
    narrow = replace(shop, reach=ActionOptions(git_change=GitChangeOptions(repositories=options)))
    with pytest.raises(Refused, match=told):
        deadline(narrow)
    with pytest.raises(ActionFailed, match="may not be changed"):
        perform(narrow, deadline(shop))


@pytest.mark.parametrize("branch", ["../x", "-x", "a b", "x.lock", "a..b", "@{u}", "x\n"])
def test_a_branch_that_is_no_name_is_refused(shop: Estate, branch: str) -> None:
    with pytest.raises(Refused):
        deadline(shop, branch=branch)


def test_the_base_itself_is_never_pushed_to(scene: Scene, shop: Estate) -> None:
    tip = scene.remote_tip("main")
    with pytest.raises(ActionFailed):
        perform(shop, deadline(shop, branch="main"))
    assert scene.remote_tip("main") == tip


def combined(shop: Estate, names: tuple[str, ...] = NAMES, to: str = "3h") -> tuple[Step, list[Occasion]]:
    seen = [shop.occasion(subject(name)) for name in names]
    tools = shop.tools()
    settings = {"set": "timeout.deadline", "to": to}
    return action.combine([proposed(action, settings, one, tools) for one in seen], seen), seen


def test_findings_that_are_mended_together_are_one_commit(scene: Scene, shop: Estate) -> None:
    step, seen = combined(shop)
    assert branch_of(step) == "driftbot/raise-job-deadline/job-deadline-headroom"
    assert len(step.changes) == 3
    effect = perform(shop, step)
    assert scene.at_remote("rev-list", "--count", f"main..{branch_of(step)}") == "1"
    for name in NAMES:
        assert scene.remote_file(f"deploy/{name}.yaml", branch_of(step)) == job(name, 10800).rstrip("\n")
    message = scene.at_remote("log", "-1", "--format=%B", branch_of(step))
    assert all(f"Driftbot-Fingerprint: {one.covered.fingerprint}" in message for one in seen)
    merged(scene, branch_of(step))
    assert sight(shop, step, effect).standing is Standing.AFTER
    action.undo(step, effect.body, "key", shop.tools())
    for name in NAMES:
        assert scene.remote_file(f"deploy/{name}.yaml", f"{branch_of(step)}-undo") == job(name).rstrip("\n")


def test_several_findings_in_one_file_are_one_file(scene: Scene, shop: Estate) -> None:
    both = "---\n".join(job(name) for name in NAMES)
    shop.write({**{f"deploy/{name}.yaml": "" for name in NAMES}, "deploy/all.yaml": both})
    scene.clone.commit("One file", {})
    scene.clone.git("push", "-q", "origin", "main")
    step, _ = combined(shop)
    effect = perform(shop, step)
    assert scene.remote_file("deploy/all.yaml", branch_of(step)) == both.replace("7200", "10800").rstrip("\n")
    merged(scene, branch_of(step))
    assert sight(shop, step, effect).standing is Standing.AFTER
    action.undo(step, effect.body, "key", shop.tools())
    assert scene.remote_file("deploy/all.yaml", f"{branch_of(step)}-undo") == both.rstrip("\n")


def test_a_crash_before_and_after_the_push_is_read_back(scene: Scene, shop: Estate) -> None:
    class Killed(BaseException):
        pass

    step = deadline(shop)
    for boundary, standing in (
        ("git: commits kept under refs/driftbot", Standing.BEFORE), ("git: pushed", Standing.PENDING)
    ):  # fmt: skip

        def die(name: str, boundary: str = boundary) -> None:
            if name == boundary:
                raise Killed

        with pytest.raises(Killed):
            perform(shop, step, die)
        assert sight(shop, step).standing is standing
    assert scene.at_remote("rev-list", "--count", f"main..{branch_of(step)}") == "1"


def test_an_occasion_in_a_clone_below_the_configuration(tmp_path: Path, scene: Scene) -> None:
    reach = ActionOptions(git_change=GitChangeOptions(repositories=(RepositoryOptions(folder="clone"),)))
    above = Estate(tmp_path, options={"path": "clone/deploy"}, reach=reach)
    seen = occasion(above.subject(subject("invoice")), above.facts, {})
    step = proposed(action, {"set": "timeout.deadline", "to": "3h"}, seen, above.tools())
    assert step.target.startswith("branch:clone:driftbot/")
    perform(above, step)
    branch = step.target.removeprefix("branch:clone:")
    assert scene.remote_file("deploy/invoice.yaml", branch) == job("invoice", 10800).rstrip("\n")
