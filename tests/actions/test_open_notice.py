"""open_notice: issues on both vendors' loopback forges, and notices in the store's outbox."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from driftbot.actions.action import ActionFailed, Effect, Occasion, Standing, Tools
from driftbot.actions.open_notice import action
from driftbot.actions.options import ActionOptions
from driftbot.core.remedy import Step
from driftbot.edits.edit import Refused
from driftbot.forges.mark import read_mark
from driftbot.store.store import Store
from tests.actions.estate import Estate, proposed
from tests.actions.jobs import NAMES, job, subject
from tests.forges.bench import Bench
from tests.servers.forge_http import Fault


@dataclass
class Desk:
    """An estate, and where notices of it go."""

    estate: Estate
    to: str
    forge: Bench | None = None
    store: Store | None = None

    def tools(self) -> Tools:
        """As a new run has them; the forge waits for nothing."""
        tools = replace(self.estate.tools(), outbox=self.store)
        if self.forge:
            tools.cache["forges"] = {"shop": self.forge.forge()}
        return tools

    def occasion(self, name: str = "invoice") -> Occasion:
        return self.estate.occasion(subject(name))

    def step(self, **settings: Any) -> Step:
        return proposed(action, {"to": self.to, **settings}, self.occasion(), self.tools())

    def perform(self, step: Step) -> Effect:
        return action.perform(step, "key", self.tools())

    def standing(self, step: Step, effect: Effect | None = None) -> Standing:
        return action.sight(step, effect.body if effect else "", self.tools()).standing


def shop(folder: Path, reach: ActionOptions | None = None) -> Estate:
    estate = Estate(folder, reach=reach or ActionOptions())
    return estate.write({f"deploy/{name}.yaml": job(name) for name in NAMES})


@pytest.fixture
def desk(tmp_path: Path, there: Bench) -> Desk:
    return Desk(shop(tmp_path, ActionOptions(forges={"shop": there.options()})), "shop", forge=there)


@pytest.fixture
def inside(tmp_path: Path) -> Iterator[Desk]:
    with Store.open(f"sqlite:///{tmp_path / 'driftbot.db'}") as store:
        yield Desk(shop(tmp_path), "outbox", store=store)


def issues(desk: Desk) -> list[Any]:
    assert desk.forge
    return desk.forge.notices()


def test_an_issue_is_opened_once(desk: Desk) -> None:
    step = desk.step(note="Look at the job's input first.")
    assert desk.standing(step) is Standing.BEFORE
    effect = desk.perform(step)
    assert not effect.pending
    (seen,) = issues(desk)
    assert seen.title == "Batch jobs finish well inside their deadline: shop/invoice"
    assert all(told in seen.body for told in ("input first", "billing-2025-03", "driftbot explain", "1h44m of 2h used"))
    mark = read_mark(seen.body)
    assert mark is not None
    assert mark.fingerprint == desk.occasion().covered.fingerprint
    assert desk.standing(step) is Standing.AFTER
    assert "unchanged" in desk.perform(step).told
    assert len(issues(desk)) == 1


def test_news_edit_the_issue_in_place(desk: Desk) -> None:
    desk.perform(desk.step())
    step = desk.step(note="It is worse now.")
    assert desk.standing(step) is Standing.BEFORE
    desk.perform(step)
    (seen,) = issues(desk)
    assert "worse now" in seen.body


def test_an_issue_that_a_person_closed_is_respected(desk: Desk) -> None:
    step = desk.step()
    effect = desk.perform(step)
    assert desk.forge
    desk.forge.person_closes_notice(1)
    assert desk.standing(step, effect) is Standing.DECLINED
    with pytest.raises(ActionFailed, match="closed"):
        desk.perform(step)
    assert len(issues(desk)) == 1


def test_undo_closes_it_and_performing_reopens_it(desk: Desk) -> None:
    step = desk.step()
    effect = desk.perform(step)
    assert "was closed" in action.undo(step, effect.body, "key", desk.tools()).told
    assert [one.state for one in issues(desk)] == ["closed"]
    assert "no open issue" in action.undo(step, effect.body, "key", desk.tools()).told
    assert desk.standing(step) is Standing.BEFORE
    desk.perform(step)
    assert [one.state for one in issues(desk)] == ["open"]


def test_an_answer_that_is_lost_makes_no_second_issue(desk: Desk) -> None:
    assert desk.forge
    desk.forge.server.fail(Fault(at=desk.forge.creation("notice"), done=True, drop=True))
    desk.perform(desk.step())
    assert len(issues(desk)) == 1


def test_a_forge_that_does_not_answer_is_told(desk: Desk) -> None:
    step = desk.step()
    assert desk.forge
    desk.forge.budget = 0.0
    desk.forge.server.fail(Fault(status=503, times=50))
    assert desk.standing(step) is Standing.UNREADABLE
    with pytest.raises(ActionFailed, match="503"):
        desk.perform(step)


def test_findings_that_are_told_together_are_one_issue(desk: Desk) -> None:
    seen = [desk.occasion(name) for name in NAMES]
    step = action.combine([proposed(action, {"to": "shop"}, one, desk.tools()) for one in seen], seen)
    desk.perform(step)
    (made,) = issues(desk)
    assert made.title == "Batch jobs finish well inside their deadline: 3 findings"
    assert all(f"shop/{name}" in made.body for name in NAMES)


def test_what_is_told_together_keeps_the_title_that_the_playbook_gives(desk: Desk) -> None:
    seen = [desk.occasion(name) for name in NAMES]
    settings = {"to": "shop", "title": "Jobs without room"}
    step = action.combine([proposed(action, settings, one, desk.tools()) for one in seen], seen)
    desk.perform(step)
    (made,) = issues(desk)
    assert made.title == "Jobs without room"


def test_a_forge_that_is_not_named_is_refused(inside: Desk) -> None:
    with pytest.raises(Refused, match=r"acting\.reach\.forges"):
        inside.step(to="elsewhere")


def test_a_notice_waits_in_the_outbox_once(inside: Desk) -> None:
    step = inside.step(note="Look at the job's input first.")
    assert inside.standing(step) is Standing.BEFORE
    inside.perform(step)
    inside.perform(step)
    assert inside.standing(step) is Standing.AFTER
    assert inside.store
    (waiting,) = inside.store.notices_waiting()
    assert waiting.title == "Batch jobs finish well inside their deadline: shop/invoice"
    assert waiting.body.splitlines()[:2] == [
        "Look at the job's input first.",
        "job:production/shop/invoice: 1h44m of 2h used",
    ]


def test_undo_takes_it_out_of_the_outbox_unless_it_was_told(inside: Desk) -> None:
    step = inside.step()
    assert inside.store
    inside.perform(step)
    assert "nobody is told" in action.undo(step, "", "key", inside.tools()).told
    assert inside.standing(step) is Standing.BEFORE
    inside.perform(step)
    (waiting,) = inside.store.notices_waiting()
    assert inside.store.notice_delivered(waiting, waiting.at)
    assert inside.standing(step) is Standing.AFTER
    assert "told already" in action.undo(step, "", "key", inside.tools()).told


def test_without_an_outbox_nothing_is_lost_in_silence(tmp_path: Path) -> None:
    nowhere = Desk(shop(tmp_path), "outbox")
    step = nowhere.step()
    assert nowhere.standing(step) is Standing.UNREADABLE
    with pytest.raises(ActionFailed, match="no outbox"):
        nowhere.perform(step)
