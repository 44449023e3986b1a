"""Verification: whether a fix helped, as a scan judges from fresh facts, once when due and once more. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from driftbot.core.finding import Finding, Verdict
from driftbot.core.remedy import Covered
from driftbot.core.run import Check, Run

NOTHING_GONE: Mapping[str, str] = {}
ENOUGH = 2
"""Judgements ``ok`` of each finding before a run counts as resolved: when due, and at a later scan."""


class Outcome(StrEnum):
    """What a scan says about a fix: it is not known yet, all that it was for is gone, it helped, or it did not."""

    OPEN = "open"
    GONE = "gone"
    HELPED = "helped"
    DRIFTS = "drifts"


@dataclass(frozen=True, slots=True)
class Verification:
    """What a scan adds to a run: its checks, what they come to in words, and when to look again."""

    outcome: Outcome
    checks: tuple[Check, ...]
    told: str
    due: datetime | None = None


def verification(
    run: Run, findings: Mapping[str, Finding], at: datetime, gone: Mapping[str, str] = NOTHING_GONE
) -> Verification:
    """A run's findings as a scan at ``at`` judged them; ``findings`` are its judgements by fingerprint, ``ok`` too.

    ``gone`` says of findings why they are none any more, which a scan only knows where it could look everywhere. Those
    that are left decide.
    Before it is due, and for a scan that was counted already, nothing is concluded. A due time further off than the
    playbook's own is that of a clock which was put back since, and is set anew.
    """
    latest = at + run.remedy.verify_after
    if run.due is not None and at < run.due:
        return Verification(Outcome.OPEN, (), run.told, min(run.due, latest))
    if any(check.at == at for check in run.checks):
        return Verification(Outcome.OPEN, (), run.told, latest)
    checks = tuple(_check(covered, findings.get(covered.fingerprint), at, gone) for covered in run.remedy.covers)
    drifting = [check for check in checks if check.verdict is Verdict.DRIFT]
    if drifting:
        told = "; ".join(check.told for check in drifting)
        return Verification(Outcome.DRIFTS, checks, f"it did not help: {told}")
    fresh = tuple(check for check in checks if not _known(run, check))
    left = [covered for covered in run.remedy.covers if covered.fingerprint not in gone]
    if not left:
        return Verification(Outcome.GONE, fresh, "; ".join(check.told for check in checks))
    if min(_healthy((*run.checks, *checks), covered) for covered in left) >= ENOUGH:
        return Verification(Outcome.HELPED, fresh, "judged healthy twice from fresh facts")
    return Verification(Outcome.OPEN, fresh, _progress(checks), latest)


def _check(covered: Covered, finding: Finding | None, at: datetime, gone: Mapping[str, str]) -> Check:
    if finding is None:
        why = gone.get(covered.fingerprint, f"nobody can tell whether it, or the rule {covered.rule}, is gone")
        told = f"{covered.subject} is not judged any more: {why}"
        return Check(covered.fingerprint, at, Verdict.UNKNOWN, told)
    told = "; ".join(filter(None, (finding.message or finding.observed or finding.title, *finding.reasons)))
    return Check(covered.fingerprint, at, finding.verdict, f"{covered.subject}: {told}")


def _known(run: Run, check: Check) -> bool:
    """Whether the last check of a finding could not tell either, for the same reason: once is enough."""
    last = next((one for one in reversed(run.checks) if one.fingerprint == check.fingerprint), None)
    return (
        check.verdict is not Verdict.OK
        and last is not None
        and (last.verdict, last.told) == (check.verdict, check.told)
    )


def _healthy(checks: tuple[Check, ...], covered: Covered) -> int:
    return sum(check.fingerprint == covered.fingerprint and check.verdict is Verdict.OK for check in checks)


def _progress(checks: tuple[Check, ...]) -> str:
    open_ones = [check for check in checks if check.verdict is not Verdict.OK]
    if open_ones:
        return "not judged yet: " + "; ".join(f"{check.told} ({check.verdict})" for check in open_ones)
    return "judged healthy once; judged again at a later scan"
