"""Proposing: the steps of a playbook for one finding, or for several that it mends together. Pure but for looking."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from pydantic import BaseModel, ValidationError

from driftbot.actions.action import Action, Combining, Occasion
from driftbot.core.fact import Fact
from driftbot.core.hold import Guard, Hold
from driftbot.core.plan import Held
from driftbot.core.quantity import Unit, parse_quantity
from driftbot.core.remedy import Remedy, Step
from driftbot.core.subject import SubjectId
from driftbot.edits.edit import Refused
from driftbot.playbooks.document import PlaybookDocument, StepDocument
from driftbot.playbooks.filling import Given
from driftbot.playbooks.settings_check import validated
from driftbot.remedies.candidate import Candidate
from driftbot.remedies.look import Look
from driftbot.remedies.parameters import refuse_unmet, resolved


@dataclass(frozen=True, slots=True)
class Workshop:
    """What steps are proposed with: the actions by name, the facts of every subject, a look at the world, the time."""

    actions: Mapping[str, Action]
    facts: Mapping[SubjectId, tuple[Fact, ...]]
    look: Look
    now: datetime


@dataclass(frozen=True, slots=True)
class _Part:
    """One finding on its way to steps: the occasion for actions, and the values of the playbook's parameters."""

    candidate: Candidate
    occasion: Occasion
    given: Mapping[str, Given]


def proposed(
    playbook: PlaybookDocument, group: Sequence[Candidate], workshop: Workshop
) -> tuple[Remedy | None, tuple[Held, ...]]:
    """The remedy for a group of findings on one level, and those of them that nothing can be proposed for, with why."""
    parts, held = _begun(playbook, group, workshop)
    steps: tuple[Step, ...] = ()
    for number, step in enumerate(playbook.steps):
        action = workshop.actions[step.action]
        parts = [replace(part, occasion=replace(part.occasion, before=steps)) for part in parts]
        done, refused = _each(action, step, parts, workshop)
        # What falls out behind the first step would leave earlier steps that were made for it, too.
        if refused and number:
            reasons = sorted({hold for one in refused for hold in one.holds})
            return None, (*held, _held(playbook.id, [part.candidate for part in parts], reasons))
        held += refused
        if not done:
            return None, tuple(held)
        parts = [part for part, _ in done]
        try:
            steps += _joined(action, [one for _, one in done], [part.occasion for part in parts])
        except Refused as refusal:
            candidates = [part.candidate for part in parts]
            return None, (*held, _held(playbook.id, candidates, [Hold(Guard.REFUSED, refusal.reason)]))
    return _remedy(playbook, [part.candidate for part in parts], steps), tuple(held)


def _begun(
    playbook: PlaybookDocument, group: Sequence[Candidate], workshop: Workshop
) -> tuple[list[_Part], list[Held]]:
    parts, held = [], []
    for candidate in group:
        facts = workshop.facts.get(candidate.finding.subject.id, ())
        try:
            refuse_unmet(playbook.requires, candidate.finding.subject, facts)
            document = partial(workshop.look.document, facts)
            given = resolved(playbook.parameters, candidate.finding, facts, document)
        except Refused as refusal:
            held.append(_held(playbook.id, [candidate], [Hold(Guard.REFUSED, refusal.reason)]))
            continue
        texts = {name: one.text for name, one in given.items()}
        occasion = Occasion(
            candidate.finding,
            candidate.rule,
            candidate.covered,
            playbook.id,
            facts,
            texts,
            workshop.now,
            risk=playbook.risk or "",
        )
        parts.append(_Part(candidate, occasion, given))
    return parts, held


def _each(
    action: Action, step: StepDocument, parts: Sequence[_Part], workshop: Workshop
) -> tuple[list[tuple[_Part, Step]], list[Held]]:
    """The step for each finding alone, and what is refused."""
    done, held = [], []
    for part in parts:
        try:
            settings = _settings(action, step, part)
            seen = workshop.look.at(action, settings, part.occasion)
            done.append((part, action.propose(settings, part.occasion, seen)))
        except Refused as refusal:
            hold = Hold(Guard.REFUSED, refusal.reason)
            held.append(_held(part.occasion.playbook, [part.candidate], [hold]))
    return done, held


def _settings(action: Action, step: StepDocument, part: _Part) -> BaseModel:
    try:
        return validated(action.settings, step.settings, part.given)
    except ValidationError as error:
        told = (f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors(include_url=False))
        raise Refused(f"the settings of {step.action} are none once its parameters are in: {'; '.join(told)}") from None


def _joined(action: Action, steps: Sequence[Step], occasions: Sequence[Occasion]) -> tuple[Step, ...]:
    """One step where the action can combine them; else each, equal ones once."""
    if len(steps) > 1 and isinstance(action, Combining):
        return (action.combine(steps, occasions),)
    return tuple({(one.action, one.target, one.intent): one for one in steps}.values())


def _remedy(playbook: PlaybookDocument, group: Sequence[Candidate], steps: tuple[Step, ...]) -> Remedy:
    return Remedy(
        playbook=playbook.id,
        level=group[0].level,
        covers=tuple(sorted((one.covered for one in group), key=lambda covered: covered.fingerprint)),
        steps=steps,
        approvals=playbook.approvals,
        verify_after=timedelta(seconds=parse_quantity(playbook.verify.after, Unit.SECONDS).value),
        on_failure=playbook.on_failure,
        risk=playbook.risk or "",
    )


def _held(playbook: str, group: Sequence[Candidate], holds: Sequence[Hold]) -> Held:
    covers = sorted((one.covered for one in group), key=lambda covered: covered.fingerprint)
    return Held(playbook, tuple(covers), tuple(holds))
