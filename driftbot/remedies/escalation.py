"""Escalation: what did not help often enough goes to its owner, with everything that was tried. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from driftbot.core.harmless import harmless
from driftbot.core.outbox_notice import OutboxNotice
from driftbot.core.remedy import Covered, Remedy
from driftbot.core.run import Run

KIND = "escalated"


def escalations(remedy: Remedy, runs: Iterable[Run], at: datetime) -> tuple[OutboxNotice, ...]:
    """A notice for each finding that a remedy is for, with the history of attempts in ``runs``, the oldest first."""
    tried = sorted(runs, key=lambda run: run.number)
    return tuple(_notice(covered, _about(covered, tried), at) for covered in remedy.covers)


def _about(covered: Covered, runs: Iterable[Run]) -> tuple[Run, ...]:
    return tuple(run for run in runs if any(one.fingerprint == covered.fingerprint for one in run.remedy.covers))


def _notice(covered: Covered, tried: tuple[Run, ...], at: datetime) -> OutboxNotice:
    title = f"{covered.rule}: {covered.subject} was not mended by {len(tried)} attempts"
    return OutboxNotice(covered.fingerprint, KIND, harmless(title), "\n".join(_lines(covered, tried)), at)


def _lines(covered: Covered, tried: tuple[Run, ...]) -> Iterator[str]:
    yield f"owner: {harmless(covered.owner or 'nobody is named')}"
    yield harmless(covered.message)
    for run in tried:
        yield f"run {run.number} of {run.started:%Y-%m-%d %H:%M} UTC by {harmless(run.remedy.playbook)}: {run.state}"
        for change in (change for step in run.remedy.steps for change in step.changes):
            told = f"{change.subject} {change.key}: {change.before} → {change.after}"
            yield f"  {harmless(told)}"
        if run.told:
            yield f"  {harmless(run.told)}"
    yield "driftbot tries no more until it is changed by hand, or its attempts are forgotten (acting.remember)."
