"""Attempts: what was tried often enough without help, a person looks at."""

from __future__ import annotations

from collections.abc import Iterator

from driftbot.core.hold import Guard, Hold
from driftbot.core.remedy import Remedy
from driftbot.guards.circumstances import Circumstances
from driftbot.guards.ledger import earlier, last_change, later


def most_attempts(playbook: str, circumstances: Circumstances) -> int:
    """The fewer of what the options and the playbook allow."""
    found = circumstances.playbooks.get(playbook)
    return min(circumstances.options.attempts, found.limits.attempts) if found else circumstances.options.attempts


def held_by_attempts(remedy: Remedy, circumstances: Circumstances) -> Iterator[Hold]:
    """What was tried too often lately. A run that resolved a finding which is back is one of the attempts."""
    remember = circumstances.options.remember
    most = most_attempts(remedy.playbook, circumstances)
    runs = circumstances.ledger.attempts(remedy, earlier(circumstances.now, remember))
    if len(runs) >= most:
        until = later(sorted(map(last_change, runs))[len(runs) - most], remember)
        tried = ", ".join(f"run {run.number} ({run.state})" for run in runs)
        reason = f"{len(runs)} of {most} attempts did not help for good: {tried}; a person should look"
        yield Hold(Guard.ATTEMPTS, f"{reason} (`driftbot runs show {runs[-1].number}`)", until)
