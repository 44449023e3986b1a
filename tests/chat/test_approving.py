"""Approving from a chat: one case a file, posed in the words of the guards' own cases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from driftbot.chat.approving import ApprovalScene, approved
from driftbot.chat.person import Person
from driftbot.chat.wish import Approve
from driftbot.core.hold import Guard, Hold
from driftbot.core.plan import Held, Plan
from driftbot.core.remedy import Remedy
from driftbot.core.run import PlanApproval
from driftbot.notifiers.slack.workspace import Applying
from tests.guards import scene
from tests.notices import digest_scene

CASES = sorted((Path(__file__).parents[2] / "fixtures" / "chat" / "approving").glob("*.yaml"))
ANN = Person("U0ANN", "Ann <ann@example.org>")


def remedy(said: Mapping[str, Any]) -> Remedy:
    return replace(scene.remedy(said), approvals=said.get("needed", 1))


def plans(case: Mapping[str, Any]) -> tuple[Plan, ...]:
    """The night's plan, and one that somebody made since where the case has it."""
    night = scene.NOW.replace(hour=3)
    remedies, holds = tuple(map(remedy, case["remedies"])), tuple(map(hold, case.get("held", ())))
    held = tuple(Held(one.playbook, one.covers, holds, one) for one in remedies) if holds else ()
    made = [Plan(night, night, () if holds else remedies, held)]
    if "newer" in case:
        made.append(Plan(scene.NOW.replace(hour=9), night, tuple(map(remedy, case["newer"]))))
    if "newer_without_steps" in case:
        nothing = [Held(one.playbook, one.covers, (Hold(Guard.REFUSED, "no steps"),)) for one in remedies]
        made.append(Plan(scene.NOW.replace(hour=9), night, (), tuple(nothing)))
    return tuple(reversed(made))


def hold(said: Mapping[str, Any]) -> Hold:
    (guard, reason), *_ = said.items()
    return Hold(Guard(guard), reason, scene.moment(said["until"]) if "until" in said else None)


def pressed(case: Mapping[str, Any], made: Plan) -> Approve:
    said = case.get("pressed", case["remedies"][0] if case["remedies"] else {})
    if said == "plan":
        return Approve(case.get("about", "one"), made.digest)
    return Approve(case.get("about", "one"), remedy(said).digest)


def posed(case: Mapping[str, Any]) -> tuple[Approve, ApprovalScene]:
    known = plans(case)
    wish = pressed(case, known[-1])
    about = {"plan": known[-1].digest, "remedy": wish.digest}
    approvals = [
        PlanApproval(about[one.get("of", "remedy")], one["by"], scene.NOW - scene.span(one["ago"]))
        for one in case.get("approvals", ())
    ]
    circumstances = scene.circumstances(case, tuple(map(remedy, case["remedies"])))
    life = digest_scene.life(digest_scene.finding(), resolved=scene.NOW if case.get("resolved") else None)
    applying = Applying(case.get("applying", "at_once"))
    return wish, ApprovalScene(life, known, approvals, circumstances, applying)


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_case(path: Path):
    case = yaml.safe_load(path.read_text(encoding="utf-8"))
    wish, at = posed(case)
    outcome, expect = approved(wish, ANN, at), case["expect"]
    assert outcome.accepted == expect["accepted"], outcome
    assert expect["told"] in outcome.told
    applied = outcome.aftermath.apply if outcome.aftermath else None
    assert (applied is not None) == expect.get("applied", False), outcome
    assert (outcome.aftermath is not None) == (outcome.accepted or expect.get("delivered", False))
    given = PlanApproval(wish.digest, ANN.name, scene.NOW)
    assert outcome.effect == (given if outcome.accepted else None)
    if applied:
        assert (applied.digest, applied.by) == (wish.digest, ANN.name)


def test_there_are_cases():
    assert len(CASES) >= 30
