"""Approving from a chat: only what is offered now, only where the ladder says approve, one voice a person. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from driftbot.chat.offered import Offered, holding, offered, reasons
from driftbot.chat.outcome import Aftermath, ApprovedRemedy, Outcome, refused
from driftbot.chat.person import Person
from driftbot.chat.wish import Approve
from driftbot.core.history import FindingLife
from driftbot.core.hold import Hold, lasting
from driftbot.core.ladder import Level
from driftbot.core.plan import Plan
from driftbot.core.run import PlanApproval, RunState
from driftbot.guards.circumstances import Circumstances
from driftbot.guards.ladder import level
from driftbot.notifiers.slack.workspace import Applying
from driftbot.remedies.approval import LASTS, counting, missing

_DIGITS = 12
"""Digits of a digest that people see."""
_CAME_TO_NOTHING = frozenset({RunState.REFUSED, RunState.UNDONE, RunState.DECLINED})

_NOT_APPROVABLE = {
    Level.OBSERVE: "it is only observed; to let people approve it, give it the level approve in acting.ladder",
    Level.PROPOSE: "the ladder lets a person apply it, and no approval from elsewhere: `driftbot apply {digest}`",
    Level.AUTO: "it acts by itself on the next night and needs no approval",
}


@dataclass(frozen=True, slots=True)
class ApprovalScene:
    """What deciding about an approval knows besides the person.

    ``plans`` are those of the last night, the newest first, ``approvals`` all that were given of any digest;
    ``circumstances`` hold at least options, runs, the verdicts of what is covered, the time and the kill switch.
    """

    life: FindingLife
    plans: Sequence[Plan]
    approvals: Sequence[PlanApproval]
    circumstances: Circumstances
    applying: Applying


def approved(wish: Approve, person: Person, scene: ApprovalScene) -> Outcome:
    """The approval written down and counted, or why it is not."""
    if scene.life.resolved:
        return refused(f"not approved: the finding was resolved on {scene.life.resolved:%Y-%m-%d}")
    if why := _begun(wish.digest, scene):
        return refused(f"not approved: {why}")
    one = offered(scene.plans, wish.fingerprint, scene.approvals, scene.circumstances)
    if one is None or one.remedy.digest != wish.digest:
        told = "not approved: what would be done has changed since this was written; the message is brought up to date"
        return Outcome(False, told, aftermath=Aftermath(wish.fingerprint))
    if why := _worth_nothing(one, scene):
        return refused(f"not approved: {why}")
    before = _counted(one, scene, ())
    if len(_counted(one, scene, (_approval(one, person, scene),))) == len(before):
        return refused(f"you approved this before, and it counts once; {_told_missing(missing(one.remedy, before))}")
    if not missing(one.remedy, before):
        return refused(f"enough people approved this before: {_names(before)}")
    return _granted(one, person, scene)


def _begun(digest: str, scene: ApprovalScene) -> str:
    """Why it is too late; empty where no run of it is under way or did something, and a night would begin one."""
    last = next((run for run in reversed(scene.circumstances.runs) if run.remedy.digest == digest), None)
    if last is None:
        return ""
    told = f"run {last.number} of this was begun on {last.started:%Y-%m-%d} and is {last.state}"
    if last.state not in _CAME_TO_NOTHING:
        return told
    # A night does nothing twice by itself; a person who names the digest has it done again.
    again = f"`driftbot apply {digest[:_DIGITS]}` does it again"
    return f"{told}; {again}" if scene.applying is Applying.TONIGHT else ""


def _worth_nothing(one: Offered, scene: ApprovalScene) -> str:
    """Why an approval would come to nothing."""
    rules = {covered.rule for covered in one.remedy.covers}
    allowed = level(scene.circumstances.options, one.remedy.playbook, rules, one.remedy.environments)
    rung = min(one.remedy.level, allowed, key=lambda each: each.rank)
    if rung is not Level.APPROVE:
        return _NOT_APPROVABLE[rung].format(digest=one.remedy.digest[:_DIGITS])
    # Of what no waiting ends an approval would act when something else was decided, and nobody thought of it then.
    return reasons(lasting(holding(one, scene.circumstances), scene.circumstances.now + LASTS, one.limited))


def _granted(one: Offered, person: Person, scene: ApprovalScene) -> Outcome:
    approval = _approval(one, person, scene)
    left = missing(one.remedy, _counted(one, scene, (approval,)))
    holds = holding(one, scene.circumstances)
    at_once = not left and not holds and scene.applying is Applying.AT_ONCE
    apply = ApprovedRemedy(one.remedy.digest, person.name) if at_once else None
    told = f"approved {one.remedy.playbook} ({one.remedy.digest[:_DIGITS]}); {_what_next(left, holds, scene.applying)}"
    return Outcome(True, told, approval, Aftermath(scene.life.finding.fingerprint, apply))


def _what_next(left: int, holds: Sequence[Hold], applying: Applying) -> str:
    if left:
        held = f"; held back now: {reasons(holds)}" if holds else ""
        return f"{_told_missing(left)}{held}"
    if holds:
        until = f"it counts for {LASTS.days} days, and the first night that is free applies it"
        return f"enough, but held back now: {reasons(holds)}; {until}"
    return "enough, and it is applied now" if applying is Applying.AT_ONCE else "enough, and the next night applies it"


def _told_missing(count: int) -> str:
    if not count:
        return "nobody is missing"
    return f"{count} more {'person has' if count == 1 else 'people have'} to approve it"


def _approval(one: Offered, person: Person, scene: ApprovalScene) -> PlanApproval:
    return PlanApproval(one.remedy.digest, person.name, scene.circumstances.now)


def _counted(one: Offered, scene: ApprovalScene, more: tuple[PlanApproval, ...]) -> tuple[PlanApproval, ...]:
    known = scene.circumstances
    return counting(one.remedy, one.plan, (*scene.approvals, *more), known.options.approvers, known.now)


def _names(approvals: Sequence[PlanApproval]) -> str:
    return ", ".join(one.by for one in approvals)
