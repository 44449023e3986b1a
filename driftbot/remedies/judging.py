"""Judging: the same scan as every night, of the rules that fixes wait for only, from fresh facts; nothing is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from driftbot.collectors.collector import Tape
from driftbot.config import Config
from driftbot.core.finding import Finding
from driftbot.core.run import Run, RunState
from driftbot.core.selection import Selection
from driftbot.inventory import Progress, vocabulary
from driftbot.rulebook import load_rulebook
from driftbot.scan import Request, scan
from driftbot.store.store import Store


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a scan at ``at`` said of the findings that it was asked about; healthy ones, too.

    ``gone`` says of those that are none any more why, by fingerprint.
    """

    at: datetime
    findings: tuple[Finding, ...] = ()
    gone: Mapping[str, str] = field(default_factory=dict)


def due_runs(store: Store, now: datetime, numbers: Iterable[int] = ()) -> tuple[Run, ...]:
    """The runs that wait to be judged and are due; of those numbers, where some are named."""
    wanted = frozenset(numbers)
    waiting = (run for run in store.runs([RunState.VERIFYING]) if not wanted or run.number in wanted)
    return tuple(run for run in waiting if run.due is None or run.due <= now)


def judge(
    runs: Iterable[Run], config: Config, store: Store, tape: Tape, clock: Callable[[], datetime], progress: Progress
) -> Judgement:
    """Judge the findings of these runs now; one whose rule is gone is not judged.

    Raises:
        Failure: as ``scan`` raises.
    """
    covers = [covered for run in runs for covered in run.remedy.covers]
    book = load_rulebook(config, tape, vocabulary(config.sources))
    rules = tuple(sorted({rule.id for rule in book.rules} & {covered.rule for covered in covers}))
    now = clock()
    if not rules:
        return Judgement(now)
    watch = frozenset(covered.fingerprint for covered in covers)
    report = scan(config, store, tape, Request(now, Selection(rules), watch=watch), clock, progress)
    return Judgement(report.as_of, report.evaluation.findings, report.triage.gone)
