"""A plan says of every finding whose rule names a playbook what would be done, or every reason why it is not."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from driftbot.actions.action import Combining, Occasion, Tools
from driftbot.core.finding import Verdict
from driftbot.core.hold import Guard
from driftbot.core.ladder import Level
from driftbot.core.plan import Plan
from driftbot.core.remedy import Step
from driftbot.core.rule import Severity
from driftbot.edits.edit import Refused
from driftbot.guards.options import Rung
from tests.remedies.planning_scene import NIGHT, NOW, Scene, names, playbook, rule

EDIT = {"action": "edit_file", "settings": {"set": "timeout.deadline", "to": "{deadline}"}}


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path).jobs("report", "index", "mail")


def reasons(plan: Plan) -> list[str]:
    return [hold.reason for held in plan.held for hold in held.holds]


def test_drift_becomes_a_remedy_with_its_diff_its_reasons_and_its_risk(scene: Scene) -> None:
    life = scene.drift("report")
    plan = scene.plan()
    (remedy,) = plan.remedies
    (step,) = remedy.steps
    assert (plan.made, plan.night, plan.held) == (NOW, NIGHT, ())
    assert (remedy.playbook, remedy.level, remedy.risk) == ("raise", Level.PROPOSE, "A job that hangs is killed later.")
    (covered,) = remedy.covers
    assert (covered.fingerprint, covered.incident) == (life.finding.fingerprint, "billing-2025")
    assert (covered.owner, covered.sources) == ("data-platform", ("manifests",))
    assert covered.evidence == ("self.timeout.deadline = 2h  (report.yaml:8)",)
    assert "-      activeDeadlineSeconds: 7200  # two hours" in step.preview.splitlines()
    assert "+      activeDeadlineSeconds: 10800  # two hours" in step.preview.splitlines()
    (change,) = step.changes
    assert (change.was, change.becomes) == (7200, 10_800)


@pytest.mark.parametrize("verdict", [Verdict.UNKNOWN, Verdict.WAIVED, Verdict.OK])
def test_nothing_but_drift_is_planned_for(scene: Scene, verdict: Verdict) -> None:
    scene.drift("report", verdict=verdict)
    assert (scene.plan().remedies, scene.plan().held) == ((), ())


def test_what_is_resolved_or_was_waived_since_is_not_planned_for(scene: Scene) -> None:
    scene.drift("report", resolved=NIGHT)
    waived = scene.drift("index")
    scene.waived = frozenset({waived.finding.fingerprint})
    assert (scene.plan().remedies, scene.plan().held) == ((), ())


def test_a_finding_of_a_rule_without_a_playbook_is_not_in_the_plan(scene: Scene) -> None:
    scene.rules = {"deadline": rule(named=None)}
    scene.drift("report")
    scene.drift("index", rule="gone")
    assert (scene.plan().remedies, scene.plan().held) == ((), ())


def test_what_is_only_observed_is_held_with_its_steps(scene: Scene) -> None:
    scene.rungs = ()
    scene.drift("report")
    plan = scene.plan()
    (held,) = plan.held
    assert plan.remedies == ()
    assert [hold.guard for hold in held.holds] == [Guard.LEVEL]
    assert held.remedy is not None
    assert len(held.remedy.steps) == 1


def test_the_worst_comes_first_whatever_order_they_were_found_in(scene: Scene) -> None:
    scene.drift("report", severity=Severity.LOW)
    scene.drift("mail")
    scene.drift("index")
    plans = set()
    for lives in itertools.permutations(scene.lives):
        scene.lives = list(lives)
        plans.add(scene.plan())
    (plan,) = plans
    assert names(plan) == ["index", "mail", "report"]


def test_planning_twice_gives_the_same_digest_and_another_value_another(scene: Scene) -> None:
    scene.drift("report")
    first, again = scene.plan(), scene.plan()
    assert first.digest == again.digest
    scene.lives = []
    scene.drift("report", seconds=12_000)
    assert scene.plan().digest != first.digest


@pytest.mark.parametrize(
    ("named", "told"),
    [
        ("rais", "names a playbook 'rais' that no folder holds; did you mean raise?"),
        ("xyz", "`driftbot playbooks list`"),
    ],
)
def test_a_playbook_that_is_not_there_is_told(scene: Scene, named: str, told: str) -> None:
    scene.rules = {"deadline": rule(named=named)}
    scene.drift("report")
    (reason,) = reasons(scene.plan())
    assert told in reason


def test_a_playbook_that_cannot_be_read_is_told_with_its_problem(scene: Scene) -> None:
    scene.playbooks, scene.broken = [], {"raise": "raise.yaml:3:1: there is no such setting"}
    scene.drift("report")
    assert reasons(scene.plan()) == ["the playbook raise cannot be read: raise.yaml:3:1: there is no such setting"]


def test_a_value_that_cannot_be_recommended_is_never_guessed(scene: Scene) -> None:
    scene.drift("report", seconds=None)
    plan = scene.plan()
    assert (plan.remedies, reasons(plan)) == ((), ["deadline: nothing was measured"])
    assert plan.held[0].holds[0].guard is Guard.REFUSED


def test_a_file_that_changed_since_the_scan_is_told(scene: Scene) -> None:
    scene.drift("report")
    world = scene.world()
    (scene.root / "report.yaml").write_text("something: else\n")
    from driftbot.remedies.look import LiveLook
    from driftbot.remedies.planning import plan

    (reason,) = reasons(plan(world, LiveLook(scene.tools())))
    assert "report.yaml" in reason
    assert "chang" in reason


def test_settings_that_do_not_suit_once_they_are_filled_are_refused(scene: Scene) -> None:
    settings = {"insert": {"path": "$.spec", "key": "x", "value": 1, "number_of": "{deadline}"}}
    scene.playbooks = [playbook(steps=[{"action": "edit_file", "settings": settings}])]
    scene.drift("report")
    (reason,) = reasons(scene.plan())
    assert reason.startswith("the settings of edit_file are none once its parameters are in: insert.number_of")


def test_each_finding_is_mended_alone_unless_the_playbook_says_otherwise(scene: Scene) -> None:
    scene.drift("report")
    scene.drift("index")
    assert [len(remedy.covers) for remedy in scene.plan().remedies] == [1, 1]


class Told(BaseModel):
    """What a note says."""

    text: str = ""


@dataclass
class Note:
    """Notes something down; ``refuses`` are subjects for which it does not."""

    name: str = "note"
    settings: type[BaseModel] = Told
    irreversible: str = ""
    refuses: str = ""

    def look(self, settings: Told, occasion: Occasion, tools: Tools) -> str:  # noqa: ARG002
        return occasion.finding.subject.name

    def propose(self, settings: Told, occasion: Occasion, seen: str) -> Step:
        if self.refuses and self.refuses in seen:
            raise Refused(f"{seen} takes no notes")
        before = ",".join(step.action for step in occasion.before)
        return Step(
            self.name, f"note:{occasion.finding.subject.environment}", "{}", f"{settings.text} after {before}", ""
        )

    def sight(self, step: Any, effect: Any, tools: Any) -> Any: ...
    def perform(self, step: Any, key: Any, tools: Any) -> Any: ...
    def undo(self, step: Any, effect: Any, key: Any, tools: Any) -> Any: ...


class Joint(Note):
    """Notes that can be one."""

    def combine(self, steps: Sequence[Step], occasions: Sequence[Occasion]) -> Step:
        told = ",".join(sorted(one.covered.subject.name for one in occasions))
        return replace(steps[0], intent=f"{len(steps)} notes about {told}")


def together(scene: Scene, action: Note, *steps: dict[str, Any]) -> Plan:
    scene.actions[action.name] = action
    scene.playbooks = [playbook(together="repository", steps=[*steps])]
    for name in ("report", "index", "mail"):
        scene.drift(name)
    return scene.plan()


def test_the_findings_of_a_rule_are_mended_together_in_one_step_where_the_action_can(scene: Scene) -> None:
    assert isinstance(Joint(), Combining)
    (remedy,) = together(scene, Joint(), {"action": "note"}).remedies
    assert [step.intent for step in remedy.steps] == ["3 notes about shop/index,shop/mail,shop/report"]
    assert [one.fingerprint for one in remedy.covers] == sorted(one.fingerprint for one in remedy.covers)


def test_equal_steps_of_an_action_that_does_not_combine_are_one(scene: Scene) -> None:
    (remedy,) = together(scene, Note(), EDIT, {"action": "note", "settings": {"text": "x"}}).remedies
    assert [step.action for step in remedy.steps] == ["edit_file"] * 3 + ["note"]
    assert remedy.steps[-1].intent == "x after edit_file,edit_file,edit_file"


def test_one_that_is_refused_does_not_hold_the_others_back(scene: Scene) -> None:
    plan = together(scene, Joint(refuses="index"), {"action": "note"})
    (remedy,) = plan.remedies
    assert sorted(names(plan)) == ["mail", "report"]
    assert remedy.steps[0].intent == "2 notes about shop/mail,shop/report"
    (held,) = plan.held
    assert (held.holds[0].reason, held.remedy) == ("shop/index takes no notes", None)


def test_one_that_is_refused_behind_the_first_step_holds_all_of_them(scene: Scene) -> None:
    plan = together(scene, Joint(refuses="index"), EDIT, {"action": "note"})
    assert plan.remedies == ()
    (held,) = plan.held
    assert len(held.covers) == 3
    assert [hold.reason for hold in held.holds] == ["shop/index takes no notes"]


def test_what_is_on_another_rung_is_mended_apart(scene: Scene) -> None:
    scene.rungs = (Rung(environment="staging", level=Level.OBSERVE), Rung(level=Level.APPROVE))
    life = scene.drift("report")
    elsewhere = replace(life.finding.subject, environment="staging")
    scene.lives = [replace(life, finding=replace(life.finding, subject=elsewhere))]
    plan = together(scene, Joint(), {"action": "note", "settings": {"text": "{deadline}"}})
    assert [remedy.environments for remedy in plan.remedies] == [("production",)]
    assert [held.covers[0].subject.environment for held in plan.held] == ["staging"]


def test_what_cannot_be_undone_is_never_automatic(scene: Scene) -> None:
    class Final(Note):
        def propose(self, settings: Told, occasion: Occasion, seen: str) -> Step:
            return replace(super().propose(settings, occasion, seen), irreversible="a note is read at once")

    scene.level = Level.AUTO
    scene.actions["note"] = Final()
    scene.playbooks = [playbook(steps=[{"action": "note"}])]
    scene.drift("report")
    plan = scene.plan()
    assert plan.remedies == ()
    assert [hold.guard for held in plan.held for hold in held.holds] == [Guard.IRREVERSIBLE]
