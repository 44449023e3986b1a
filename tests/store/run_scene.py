"""A remedy, a plan and approvals for tests of what acts."""

from __future__ import annotations

from datetime import timedelta

from driftbot.core.hold import Guard, Hold
from driftbot.core.ladder import Level
from driftbot.core.plan import Held, Plan
from driftbot.core.remedy import Covered, OnFailure, Remedy, Step, ValueChange
from driftbot.core.rule import Severity
from driftbot.core.run import PlanApproval
from driftbot.core.subject import SubjectId
from tests.store.scene import CART, night_of

MINUTE = timedelta(minutes=1)


def step(name: str = "cart", action: str = "set_value") -> Step:
    change = ValueChange(CART.id, "timeout.request", "5s", "9s", 5.0, 9.0)
    return Step(action, f"file:{name}.yaml", '{"was":"5s"}', '{"becomes":"9s"}', "too short", "-5s\n+9s", "", (change,))


def covered(fingerprint: str = "3f9c2a000000", subject: SubjectId = CART.id) -> Covered:
    return Covered(
        fingerprint, "grace", subject, "web", Severity.HIGH, "5s of 9s", "INC-1", "https://example.org/1", "5s", "9s"
    )


def remedy(
    *steps: Step,
    level: Level = Level.PROPOSE,
    approvals: int = 1,
    on_failure: OnFailure = OnFailure.UNDO,
    covers: tuple[Covered, ...] = (),
) -> Remedy:
    steps = steps or (step("cart"), step("stock"))
    return Remedy("set-timeout", level, covers or (covered(),), steps, approvals, 30 * MINUTE, on_failure, "restarts")


def plan(*remedies: Remedy, number: int = 0, held: tuple[Remedy, ...] = ()) -> Plan:
    low = (Hold(Guard.LEVEL, "observe only"),)
    kept = tuple(Held(one.playbook, one.covers, low, one) for one in held)
    return Plan(night_of(number) + MINUTE, night_of(number), remedies, kept)


def approval(digest: str, by: str = "ann", minutes: int = 5) -> PlanApproval:
    return PlanApproval(digest, by, night_of(0) + minutes * MINUTE)
