"""pull_request on both vendors' loopback forges and a real git remote, through the vendors' own clients."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from driftbot.actions import git_change
from driftbot.actions.action import ActionFailed, Effect, Occasion, Standing, Tools
from driftbot.actions.git_change_options import GitChangeOptions, RepositoryOptions
from driftbot.actions.options import ActionOptions
from driftbot.actions.pull_request import action
from driftbot.core.remedy import Step
from driftbot.edits.edit import Refused
from driftbot.forges.mark import read_mark
from tests.actions.estate import Estate, proposed
from tests.actions.jobs import NAMES, job, subject
from tests.forges.bench import Bench
from tests.repository.scene import Scene
from tests.servers.forge_http import Fault

HOSTILE = "a <!-- x --> | `b` @everybody fixes #1\n# heading\n/close ![x](http://evil.example/x.png)"


@dataclass
class Shop:
    """A clone, its remote and its forge."""

    scene: Scene
    estate: Estate
    forge: Bench

    def tools(self) -> Tools:
        """As a new run has them; the forge waits for nothing."""
        tools = self.estate.tools()
        tools.cache["forges"] = {"shop": self.forge.forge()}
        return tools

    def steps(self, settings: dict[str, Any] | None = None, *, to: str = "3h", risk: str = "") -> tuple[Step, Step]:
        seen = replace(self.estate.occasion(subject("invoice")), risk=risk)
        asked = {"set": "timeout.deadline", "to": to, "wait": False}
        change = proposed(git_change.action, asked, seen, self.tools())
        request = proposed(action, settings or {}, replace(seen, before=(change,)), self.tools())
        return change, request

    def performed(self, steps: Sequence[Step]) -> Effect:
        git_change.action.perform(steps[0], "key", self.tools())
        return action.perform(steps[1], "key", self.tools())

    def standing(self, step: Step, effect: Effect | None = None) -> Standing:
        return action.sight(step, effect.body if effect else "", self.tools()).standing


@pytest.fixture
def shop(tmp_path: Path, there: Bench, monkeypatch: pytest.MonkeyPatch) -> Shop:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)
    scene = Scene(tmp_path)
    files: dict[str, str | None] = {f"deploy/{name}.yaml": job(name) for name in NAMES}
    scene.clone.commit("Jobs", {**files, "CODEOWNERS": "* @nobody\n/deploy/ @ada\n"})
    scene.clone.git("push", "-q", "origin", "main")
    reach = ActionOptions(
        git_change=GitChangeOptions(repositories=(RepositoryOptions(forge="shop"),)), forges={"shop": there.options()}
    )
    return Shop(scene, Estate(scene.clone.root, reach=reach), there)


def test_a_request_is_opened_and_waits_until_it_is_merged(shop: Shop) -> None:
    change, request = shop.steps(risk="Nobody notices a hanging run for an hour more.")
    assert shop.standing(request) is Standing.BEFORE
    effect = shop.performed((change, request))
    assert effect.pending
    (seen,) = shop.forge.requests()
    assert seen.title == "raise-job-deadline: timeout.deadline 2h -> 3h of shop/invoice"
    assert (seen.labels, seen.reviewers) == (("driftbot",), ("ada",))
    for told in (
        "Risk",
        "hanging run",
        "billing-2025-03",
        "+  activeDeadlineSeconds: 10800",
        "driftbot undo",
        "read again",
    ):
        assert told in seen.body
    mark = read_mark(seen.body)
    assert mark is not None
    assert mark.fingerprint == change.target.rpartition("/")[2]
    assert shop.standing(request, effect) is Standing.PENDING
    shop.forge.person_closes_request(seen.number, merged=True)
    assert shop.standing(request, effect) is Standing.AFTER
    assert shop.standing(request) is Standing.AFTER


def test_its_own_request_is_edited_and_never_a_second_opened(shop: Shop) -> None:
    shop.performed(shop.steps())
    change, request = shop.steps(to="4h")
    assert shop.standing(request) is Standing.BEFORE
    effect = shop.performed((change, request))
    (seen,) = shop.forge.requests()
    assert "edited" in effect.told
    assert "4h" in seen.title
    assert "unchanged" in shop.performed((change, request)).told
    assert len(shop.forge.requests()) == 1


def test_a_request_that_a_person_closed_is_respected(shop: Shop) -> None:
    change, request = shop.steps()
    effect = shop.performed((change, request))
    shop.forge.person_closes_request(1)
    assert shop.standing(request, effect) is Standing.DECLINED
    assert shop.standing(request) is Standing.DECLINED
    with pytest.raises(ActionFailed, match="closed"):
        action.perform(request, "key", shop.tools())
    assert len(shop.forge.requests()) == 1


def test_a_persons_request_from_the_branch_is_left_alone(shop: Shop) -> None:
    change, request = shop.steps()
    git_change.action.perform(change, "key", shop.tools())
    shop.forge.person_opens_request(change.target.removeprefix("branch:"))
    assert shop.standing(request) is Standing.OTHER
    with pytest.raises(ActionFailed, match="not written by driftbot"):
        action.perform(request, "key", shop.tools())
    with pytest.raises(ActionFailed, match="not driftbot's"):
        action.undo(request, "", "key", shop.tools())
    assert len(shop.forge.requests()) == 1


def test_undo_closes_it_with_a_comment_and_may_be_repeated(shop: Shop) -> None:
    change, request = shop.steps()
    effect = shop.performed((change, request))
    assert "was closed" in action.undo(request, effect.body, "key", shop.tools()).told
    (seen,) = shop.forge.requests()
    assert seen.state == "closed"
    assert any("drift is gone" in comment for comment in seen.comments)
    assert "closed already" in action.undo(request, effect.body, "key", shop.tools()).told
    assert shop.standing(request) is Standing.BEFORE


def test_a_merged_request_is_not_closed(shop: Shop) -> None:
    change, request = shop.steps()
    effect = shop.performed((change, request))
    shop.forge.person_closes_request(1, merged=True)
    assert "was merged" in action.undo(request, effect.body, "key", shop.tools()).told


def test_an_answer_that_is_lost_after_the_request_was_made_makes_no_second(shop: Shop) -> None:
    change, request = shop.steps()
    git_change.action.perform(change, "key", shop.tools())
    shop.forge.server.fail(Fault(at=shop.forge.creation(), done=True, drop=True))
    action.perform(request, "key", shop.tools())
    assert len(shop.forge.requests()) == 1


def test_an_expired_token_is_told_and_leaks_nowhere(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    change, request = shop.steps()
    git_change.action.perform(change, "key", shop.tools())
    monkeypatch.setenv("FORGE_TOKEN", "expired-secret")
    assert shop.standing(request) is Standing.UNREADABLE
    with pytest.raises(ActionFailed) as failed:
        action.perform(request, "key", shop.tools())
    assert "expired-secret" not in f"{failed.value.reason} {failed.value.next_step}"
    assert "FORGE_TOKEN" in failed.value.next_step
    assert not failed.value.uncertain


def test_hostile_text_stays_text(shop: Shop) -> None:
    seen = shop.estate.occasion(subject("invoice"))
    covered = replace(seen.covered, message=HOSTILE, observed=HOSTILE, evidence=(HOSTILE,))
    seen = replace(seen, covered=covered, risk=HOSTILE)
    change = proposed(
        git_change.action, {"set": "timeout.deadline", "to": "3h", "wait": False}, seen, shop.tools()
    )  # fmt: skip
    request = proposed(action, {}, replace(seen, before=(change,)), shop.tools())
    shop.performed((change, request))
    (body,) = [one.body for one in shop.forge.requests()]
    assert body.count("<!--") == 1
    assert not [part for part in ("@everybody", "#1") if part in body]
    tokens = list(flattened(MarkdownIt("commonmark").parse(body)))
    assert {token.tag for token in tokens if token.type == "heading_open"} == {"h3"}
    assert "image" not in {token.type for token in tokens}
    assert "link_open" not in {token.type for token in tokens}
    assert " https://example.org/reviews/billing\n" in body


def flattened(tokens: Sequence[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from flattened(token.children or ())


def test_reviewers_and_labels_are_as_the_playbook_says(shop: Shop) -> None:
    shop.performed(shop.steps({"labels": ["drift", "ops"], "reviewers": "nobody", "title": "Raise it"}))
    (seen,) = shop.forge.requests()
    assert (seen.title, set(seen.labels), seen.reviewers) == ("Raise it", {"drift", "ops"}, ())


def test_one_request_for_findings_that_are_mended_together(shop: Shop) -> None:
    seen = [shop.estate.occasion(subject(name)) for name in NAMES]
    tools = shop.tools()
    settings = {"set": "timeout.deadline", "to": "3h", "wait": False}
    change = git_change.action.combine([proposed(git_change.action, settings, one, tools) for one in seen], seen)
    occasions: list[Occasion] = [replace(one, before=(change,)) for one in seen]
    request = action.combine([proposed(action, {}, one, tools) for one in occasions], occasions)
    effect = shop.performed((change, request))
    (made,) = shop.forge.requests()
    assert made.title == "raise-job-deadline: 3 findings of job-deadline-headroom"
    assert all(f"shop/{name}" in made.body for name in NAMES)
    assert shop.standing(request, effect) is Standing.PENDING


@pytest.mark.parametrize("wait", [True, None])
def test_a_request_needs_a_pushed_branch_before_it(shop: Shop, wait: bool | None) -> None:
    seen = shop.estate.occasion(subject("invoice"))
    settings = {"set": "timeout.deadline", "to": "3h", "wait": wait}
    before = (proposed(git_change.action, settings, seen, shop.tools()),) if wait else ()
    with pytest.raises(Refused, match="git_change"):
        proposed(action, {}, replace(seen, before=before), shop.tools())


def test_a_forge_that_is_not_named_is_not_reached(shop: Shop) -> None:
    change, request = shop.steps()
    options = shop.estate.reach.model_copy(update={"forges": {}})
    narrow = replace(shop, estate=replace(shop.estate, reach=options))
    with pytest.raises(Refused, match=r"acting\.reach\.forges"):
        narrow.steps()
    git_change.action.perform(change, "key", narrow.tools())
    with pytest.raises(ActionFailed, match="may not be reached"):
        action.perform(request, "key", narrow.tools())


def test_no_request_without_its_branch(shop: Shop) -> None:
    _, request = shop.steps()
    with pytest.raises(ActionFailed, match="not at the remote"):
        action.perform(request, "key", shop.tools())
    assert not shop.forge.requests()


def test_what_was_merged_is_taken_back_by_a_request_of_its_own(shop: Shop) -> None:
    change, request = shop.steps()
    pushed = git_change.action.perform(change, "key", shop.tools())
    effect = action.perform(request, "key", shop.tools())
    branch = change.target.removeprefix("branch:")
    shop.scene.person.git("fetch", "-q", "origin")
    shop.scene.person.git("checkout", "-q", "-B", "main", "origin/main")
    shop.scene.person.git("merge", "-q", "--no-ff", f"origin/{branch}")
    shop.scene.person.git("push", "-q", "origin", "main")
    shop.forge.person_closes_request(shop.forge.requests()[0].number, merged=True)
    assert "was merged" in action.undo(request, effect.body, "key", shop.tools()).told
    back = git_change.action.undo(change, pushed.body, "key", shop.tools())
    assert back.pending
    _, seen = shop.forge.requests()
    assert seen.title.startswith("Take back: raise-job-deadline: timeout.deadline 2h -> 3h")
    assert branch in seen.body
    assert git_change.action.undo(change, back.body, "key", shop.tools()).pending
    assert len(shop.forge.requests()) == 2
    shop.forge.person_closes_request(seen.number)
    with pytest.raises(ActionFailed, match="closed without being merged"):
        git_change.action.undo(change, back.body, "key", shop.tools())
