"""A plan for people: what would be done, with its diff and its reasons, and what is held back by what."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from driftbot.core.exit_code import ExitCode
from driftbot.core.hold import Hold
from driftbot.core.ladder import Level
from driftbot.core.plan import Held, Plan
from driftbot.core.remedy import Covered, OnFailure, Remedy, Step
from driftbot.core.rule import Severity
from driftbot.report.harmless import harmless
from driftbot.report.outline import Item, Outline, Section, Tone
from driftbot.report.wording import plural

SHOWN = 10
"""Entries of one section that are shown; the rest is counted."""
DIGITS = 12
"""Digits of a digest that people see; eight are enough to name it."""
FRESH = timedelta(hours=26)
"""A night older than this is said to be old: one night and the two hours that clocks are put forward or back."""

_COVERED = 5
_LONGEST_PREVIEW = 60
"""Lines of one step's preview that are shown of it."""


@dataclass(frozen=True, slots=True)
class PlanReport:
    """A plan, what could not be read while it was made, and what its command ends with."""

    plan: Plan
    exit_code: ExitCode
    blind: tuple[str, ...] = ()


def plan_outline(report: PlanReport, shown: int = SHOWN) -> Outline:
    """The plan in words, at most ``shown`` entries a section."""
    plan = report.plan
    with_steps = [one for one in plan.held if one.remedy is not None]
    without = [one for one in plan.held if one.remedy is None]
    sections = (
        _blind(report.blind, shown),
        _remedies(plan, shown),
        _held("Held back", with_steps, shown),
        _held("Nothing can be proposed", without, shown),
    )
    return Outline(
        title=f"{' '.join(filter(None, ('plan', digest(plan))))} for the night of {plan.night:%Y-%m-%d %H:%M %Z}",
        summary=summary(plan),
        sections=tuple(section for section in sections if not section.empty),
        conclusion=conclusion(report),
        tone={ExitCode.BLIND: Tone.BLIND, ExitCode.DRIFT: Tone.ALARM, ExitCode.CLEAN: Tone.GOOD}[report.exit_code],
    )


def digest(plan: Plan) -> str:
    """The digits by which a plan is applied; none where it would do nothing."""
    return plan.digest[:DIGITS] if plan.remedies else ""


def summary(plan: Plan) -> str:
    """How much would be done and is held back, and how old the facts are where they are old."""
    findings = sum(len(one.covers) for one in plan.remedies)
    held = sum(len(one.covers) for one in plan.held)
    told = f"{plural(findings, 'finding')} would be mended · {held:,} held back"
    age = plan.made - plan.night
    return told if age <= FRESH else f"{told} · from facts that are {_age(age)} old: run `driftbot scan` first"


def conclusion(report: PlanReport) -> str:
    """What the exit code means."""
    match report.exit_code:
        case ExitCode.BLIND:
            return "Blind is not clean: something that the rules or playbooks need could not be read (exit 1)."
        case ExitCode.DRIFT:
            return "Nothing was changed; this is what would be done (exit 2)."
        case _ if report.plan.held:
            return "Nothing would be done: all of it is held back (exit 0)."
        case _:
            return "Nothing would be done: no finding stands whose rule names a playbook (exit 0)."


def heading(covers: Sequence[Covered]) -> str:
    """What a remedy is for: the rules and subjects, the first of many."""
    rules = ", ".join(sorted({one.rule for one in covers}))
    subjects = [str(one.subject) for one in covers]
    more = f" and {len(subjects) - _COVERED:,} more" if len(subjects) > _COVERED else ""
    return f"{harmless(rules, 120)}  {harmless(', '.join(subjects[:_COVERED]), 300)}{more}"


def reasons(covers: Sequence[Covered]) -> Iterator[str]:
    """Why: what each finding says, and the incident that taught it."""
    for one in covers[:_COVERED]:
        yield f"why: {harmless(one.message)}"
    if len(covers) > _COVERED:
        yield f"… and {len(covers) - _COVERED:,} more findings of the same kind"
    for incident, url in sorted({(one.incident, one.url) for one in covers}):
        yield f"lesson: {harmless(' '.join(part for part in (incident, url) if part))}"


def permission(remedy: Remedy) -> str:
    """How far it may go: who has to do what for it to happen."""
    approvals = f"{plural(remedy.approvals, 'approval')} of {remedy.digest[:DIGITS]}"
    told = {
        Level.OBSERVE: "observe: it is only shown",
        Level.PROPOSE: f"propose: `driftbot apply` does it, with {approvals}",
        Level.APPROVE: f"approve: the next `driftbot run` does it after {approvals}",
        Level.AUTO: "auto: the next `driftbot run` does it",
    }[remedy.level]
    return f"{told}; {harmless(remedy.lowered)}" if remedy.lowered else told


def afterwards(remedy: Remedy) -> str:
    """What is looked at after the last step, and what happens if it did not help."""
    failing = "undone" if remedy.on_failure is OnFailure.UNDO else "left as it is, and told"
    when = f"{_age(remedy.verify_after)} after the last step and at the next scan"
    return f"checked {when}; what does not help is {failing}"


def _blind(blind: Sequence[str], shown: int) -> Section:
    items = tuple(Item("", harmless(reason)) for reason in blind[:shown])
    return Section("Could not be read", Tone.BLIND, items, _rest(len(blind) - shown))


def _remedies(plan: Plan, shown: int) -> Section:
    items = tuple(
        Item(one.digest[:DIGITS], heading(one.covers), tuple(_told(one)), _worst(one.covers))
        for one in plan.remedies[:shown]
    )
    commands = (f"driftbot apply {plan.digest[:DIGITS]}  # all of it; or name one remedy",) if items else ()
    title = f"Would be done: {len(plan.remedies):,}"
    return Section(title, Tone.ALARM, items, _rest(len(plan.remedies) - shown), commands) if items else _NOTHING


_NOTHING = Section("", Tone.GOOD)


def _held(title: str, held: Sequence[Held], shown: int) -> Section:
    items = tuple(
        Item(
            one.remedy.digest[:DIGITS] if one.remedy else "",
            f"{heading(one.covers)}  by {harmless(one.playbook, 80)}",
            (*map(_hold, one.holds), *(_held_steps(one.remedy) if one.remedy else reasons(one.covers))),
            _worst(one.covers),
        )
        for one in held[:shown]
    )
    return Section(f"{title}: {len(held):,}", Tone.DOUBT, items, _rest(len(held) - shown)) if items else _NOTHING


def _held_steps(remedy: Remedy) -> Iterator[str]:
    yield from _proposed(remedy)
    if remedy.lowered:
        yield harmless(remedy.lowered)


def _told(remedy: Remedy) -> Iterator[str]:
    yield from _proposed(remedy)
    yield f"{harmless(remedy.playbook, 80)} · {permission(remedy)}"
    yield afterwards(remedy)


def _proposed(remedy: Remedy) -> Iterator[str]:
    """What it would do; who may have it done is said where nothing holds it back."""
    yield from reasons(remedy.covers)
    for number, step in enumerate(remedy.steps, start=1):
        yield from _step(number, step)
    if remedy.risk:
        yield f"risk: {harmless(remedy.risk)}"


def _step(number: int, step: Step) -> Iterator[str]:
    yield f"step {number}: {harmless(step.action, 80)} {harmless(step.target)}"
    lines = step.preview.splitlines()
    yield from (f"  {harmless(line)}" for line in lines[:_LONGEST_PREVIEW])
    if len(lines) > _LONGEST_PREVIEW:
        yield f"  … and {len(lines) - _LONGEST_PREVIEW:,} more lines; --format markdown or json tells all of them"
    if step.irreversible:
        yield f"  cannot be undone: {harmless(step.irreversible)}"


def _hold(hold: Hold) -> str:
    until = f" (until {hold.until:%Y-%m-%d %H:%M %Z})" if hold.until else ""
    return f"held by {hold.guard.value.replace('_', ' ')}: {harmless(hold.reason)}{until}"


def _worst(covers: Sequence[Covered]) -> Severity:
    return min((one.severity for one in covers), key=lambda severity: severity.rank)


def _age(span: timedelta) -> str:
    hours = span.total_seconds() / 3600
    if hours < 1:
        return plural(round(hours * 60), "minute")
    return plural(round(hours), "hour") if hours < 48 else plural(round(hours / 24), "day")


def _rest(count: int) -> tuple[str, ...]:
    return (f"… and {count:,} more; --format markdown or json tells all of them.",) if count > 0 else ()
