"""A plan as Markdown for issues and pull requests: all of it, and nothing from the estate marks up or mentions."""

from __future__ import annotations

import re
from collections.abc import Iterator

from driftbot.core.plan import Held
from driftbot.core.remedy import Remedy
from driftbot.report.harmless import harmless
from driftbot.report.markdown import code, escaped
from driftbot.report.plan_report import DIGITS, PlanReport, afterwards, conclusion, digest, permission, summary


def render(report: PlanReport) -> str:
    """Every remedy and everything that is held back, none left out, as GitHub-flavoured Markdown."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: PlanReport) -> Iterator[str]:
    plan = report.plan
    name = f"Plan {code(digest(plan))}" if plan.remedies else "Plan"
    yield f"# {name} for the night of {plan.night:%Y-%m-%d %H:%M %Z}"
    yield from ("", f"**{escaped(summary(plan))}**", "", escaped(conclusion(report)))
    if report.blind:
        yield from ("", "## Could not be read", "", *(f"- {escaped(reason)}" for reason in report.blind))
    if plan.remedies:
        yield from ("", f"## Would be done: {len(plan.remedies):,}")
        for remedy in plan.remedies:
            yield from _remedy(remedy)
    if plan.held:
        yield from ("", f"## Held back: {len(plan.held):,}")
        for held in plan.held:
            yield from _held(held)


def _remedy(remedy: Remedy) -> Iterator[str]:
    yield from ("", f"### {code(remedy.digest[:DIGITS])} {code(remedy.playbook)}", "")
    yield from _covers(remedy)
    yield from _steps(remedy)
    if remedy.risk:
        yield from ("", f"Risk: {escaped(remedy.risk)}")
    yield from ("", f"{escaped(permission(remedy))}. {escaped(afterwards(remedy))}.")


def _covers(remedy: Remedy | Held) -> Iterator[str]:
    for one in remedy.covers:
        lesson = " ".join(part for part in (one.incident, one.url) if part)
        yield f"- {code(one.rule)} {code(str(one.subject))}: {escaped(one.message)} ({escaped(lesson)})"


def _steps(remedy: Remedy) -> Iterator[str]:
    for number, step in enumerate(remedy.steps, start=1):
        yield from ("", f"{number}. {code(step.action)} {code(step.target)}")
        if step.preview:
            yield from ("", *fenced(step.preview, "diff"))
        if step.irreversible:
            yield from ("", f"Cannot be undone: {escaped(step.irreversible)}")


def _held(held: Held) -> Iterator[str]:
    name = f"{code(held.remedy.digest[:DIGITS])} " if held.remedy else ""
    yield from ("", f"### {name}{code(held.playbook)}", "")
    for hold in held.holds:
        until = f" (until {hold.until:%Y-%m-%d %H:%M %Z})" if hold.until else ""
        yield f"- held by {escaped(hold.guard.value)}: {escaped(hold.reason)}{until}"
    yield from _covers(held)
    if held.remedy:
        yield from _steps(held.remedy)


def fenced(text: str, language: str) -> Iterator[str]:
    """The text line by line in a code block that nothing in it can close."""
    lines = [harmless(line) for line in text.splitlines()]
    fence = "`" * max(3, 1 + max((len(run) for line in lines for run in re.findall("`+", line)), default=0))
    yield from (f"{fence}{language}", *lines, fence)
