"""The ladder: how far a person lets a remedy go, the fall back after failures, and what is never automatic."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from fnmatch import fnmatchcase

from driftbot.core.hold import Guard, Hold
from driftbot.core.ladder import Level
from driftbot.core.remedy import Remedy
from driftbot.core.run import Run
from driftbot.guards.circumstances import Circumstances
from driftbot.guards.ledger import earlier
from driftbot.guards.options import GuardOptions

_TOLD = 5
"""Runs that are named; the others are counted."""


def level(options: GuardOptions, playbook: str, rules: Iterable[str], environments: Iterable[str]) -> Level:
    """The rung of a remedy: the lowest that the ladder gives to any of its rules in any of its environments."""
    places = tuple(environments)
    rungs = (_level(options, playbook, rule, place) for rule in rules for place in places)
    return min(rungs, key=lambda rung: rung.rank, default=Level.OBSERVE)


def _level(options: GuardOptions, playbook: str, rule: str, environment: str) -> Level:
    for rung in options.ladder:
        globs = (rule, rung.rule), (playbook, rung.playbook), (environment, rung.environment)
        if all(fnmatchcase(name, glob) for name, glob in globs):
            return rung.level
    return Level.OBSERVE


def lowered(remedy: Remedy, circumstances: Circumstances) -> Remedy:
    """The remedy as far as it may go now.

    It never goes further than the ladder says now. What is automatic is only proposed after an earlier attempt for one
    of its findings did not help, or after too many failures of its playbook.
    """
    rules = {covered.rule for covered in remedy.covers}
    allowed = level(circumstances.options, remedy.playbook, rules, remedy.environments)
    if allowed.rank < remedy.level.rank:
        remedy = replace(remedy, level=allowed)
    why = _setback(remedy, circumstances) if remedy.level is Level.AUTO else ""
    return replace(remedy, level=Level.PROPOSE, lowered=why) if why else remedy


def _setback(remedy: Remedy, circumstances: Circumstances) -> str:
    options, ledger = circumstances.options, circumstances.ledger
    since = earlier(circumstances.now, options.remember)
    attempts = ledger.attempts(remedy, since)
    if attempts:
        return f"auto falls back to propose: {_runs(attempts)} did not help for good; apply it by its digest"
    failures = ledger.failures(remedy.playbook, since)
    if len(failures) >= options.failures:
        return (
            f"auto falls back to propose: {_runs(failures)} of {remedy.playbook} failed, and acting.failures allows"
            f" {options.failures - 1}; apply it by its digest"
        )
    return ""


def _runs(runs: tuple[Run, ...]) -> str:
    numbers = ", ".join(str(run.number) for run in runs[-_TOLD:])
    more = f" and {len(runs) - _TOLD:,} before" if len(runs) > _TOLD else ""
    return f"run {numbers}" if len(runs) == 1 else f"runs {numbers}{more}"


def held_by_level(remedy: Remedy, _: Circumstances) -> Iterator[Hold]:
    """What is only observed, or may not be as automatic as it is asked for."""
    if remedy.level is Level.OBSERVE:
        yield Hold(
            Guard.LEVEL,
            "it is only observed; to let a person apply it, give it the level propose in acting.ladder",
        )
    if remedy.level is Level.AUTO or remedy.lowered:
        for step in remedy.steps:
            if step.irreversible:
                reason = f"{step.action} on {step.target} cannot be undone ({step.irreversible})"
                yield Hold(Guard.IRREVERSIBLE, f"{reason}, so it is never automatic; give it the level approve")
