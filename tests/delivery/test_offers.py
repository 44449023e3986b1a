"""What is offered for a finding, in plans with many remedies and with many approvals."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from driftbot.core.hold import Guard, Hold
from driftbot.core.ladder import Level
from driftbot.core.plan import Held, Plan
from driftbot.core.remedy import Remedy
from driftbot.core.run import PlanApproval
from driftbot.delivery import offers as module
from driftbot.delivery.offers import offers
from driftbot.guards.options import GuardOptions
from tests.remedies.imagined import NOW, remedy_of, setting


def remedy(name: str) -> Remedy:
    one = remedy_of(setting(name))
    return replace(one, covers=(replace(one.covers[0], fingerprint=name),), approvals=2, level=Level.APPROVE)


REMEDIES = tuple(remedy(name) for name in "abc")
APPROVE = GuardOptions.model_validate({"ladder": [{"rule": "*", "level": "approve"}]})


def fingerprint(remedy: Remedy) -> str:
    return remedy.covers[0].fingerprint


def test_what_is_held_back_is_offered_but_no_part_of_the_digest_of_the_plan():
    first, second, third = REMEDIES
    held = Held(third.playbook, third.covers, (Hold(Guard.FREEZE, "frozen"),), third)
    plan = Plan(NOW, NOW, (first, second), (held,))
    found = offers([plan], (), {}, GuardOptions(), NOW)
    assert {name: one.remedy for name, one in found.items()} == {fingerprint(one): one.digest for one in REMEDIES}
    assert {one.plan for one in found.values()} == {plan.digest}
    assert [found[fingerprint(one)].held for one in REMEDIES] == [(), (), ("frozen",)]


@pytest.mark.parametrize(
    ("holds", "lasting"),
    [
        ((Hold(Guard.FREEZE, "frozen"),), ()),
        ((Hold(Guard.FREEZE, "a long winter", NOW + timedelta(days=8)),), ("a long winter",)),
        ((Hold(Guard.STEP_LIMIT, "beyond its bounds"), Hold(Guard.KILL_SWITCH, "stopped")), ("beyond its bounds",)),
        ((Hold(Guard.RUN_LIMIT, "too many lately", NOW + timedelta(days=1)),), ()),
        ((Hold(Guard.RUN_LIMIT, "too many"),), ("too many",)),
        ((Hold(Guard.ATTEMPTS, "tried twice", NOW + timedelta(days=20)),), ("tried twice",)),
        ((Hold(Guard.ATTEMPTS, "tried twice", NOW + timedelta(days=2)),), ()),
        ((Hold(Guard.TUG_OF_WAR, "was pulled", NOW - timedelta(hours=1)),), ()),
    ],
)
def test_no_approval_is_asked_for_while_only_a_person_can_end_a_hold(holds: tuple[Hold, ...], lasting: tuple[str, ...]):
    one = REMEDIES[0]
    plan = Plan(NOW, NOW, (), (Held(one.playbook, one.covers, holds, one),))
    offer = offers([plan], (), {}, APPROVE, NOW)[fingerprint(one)]
    assert (offer.lasting, offer.approvable) == (lasting, not lasting)


def test_of_several_over_a_limit_one_can_be_approved():
    held = tuple(Held(one.playbook, one.covers, (Hold(Guard.RUN_LIMIT, "too many"),), one) for one in REMEDIES)
    found = offers([Plan(NOW, NOW, (), held)], (), {}, APPROVE, NOW)
    assert [found[fingerprint(one)].approvable for one in REMEDIES] == [True] * 3


def test_each_remedy_has_the_approvals_of_its_own_digest_and_of_its_plan():
    first, second, third = REMEDIES
    plan = Plan(NOW, NOW, REMEDIES)
    own = PlanApproval(first.digest, "ann", NOW)
    earlier = PlanApproval(plan.digest, "ann", NOW - timedelta(hours=1))
    whole = PlanApproval(plan.digest, "bob", NOW)
    strange = PlanApproval("e" * 64, "carl", NOW)
    found = offers([plan], (own, earlier, whole, strange), {}, GuardOptions(), NOW)
    assert found[fingerprint(first)].approvals == (earlier, whole)
    assert found[fingerprint(second)].approvals == found[fingerprint(third)].approvals == (earlier, whole)
    without_plan = offers([plan], (own,), {}, GuardOptions(), NOW)
    assert [without_plan[fingerprint(one)].missing for one in REMEDIES] == [1, 2, 2]


def test_the_digest_of_a_remedy_is_worked_out_once(monkeypatch: pytest.MonkeyPatch):
    asked: list[str] = []

    def digest(one: Remedy) -> str:
        asked.append(fingerprint(one))
        return fingerprint(one) * 64

    monkeypatch.setattr(Remedy, "digest", property(digest))
    assert module.offers([Plan(NOW, NOW, REMEDIES)], (), {}, GuardOptions(), NOW)
    assert sorted(asked) == sorted(fingerprint(one) for one in REMEDIES)
