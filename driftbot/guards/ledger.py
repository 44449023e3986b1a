"""The ledger: what earlier runs did, found by finding, subject and setting."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from driftbot.core.quantity import Quantity, Unit
from driftbot.core.remedy import Remedy, ValueChange
from driftbot.core.run import Run, RunState, StepState
from driftbot.core.subject import SubjectId

Setting = tuple[SubjectId, str]
"""One key of one subject."""

FAILED = frozenset({RunState.STOPPED, RunState.UNDONE, RunState.ESCALATED})
"""How a run ends that did not help, unless a person decided against it (``Run.undone_by``)."""

_UNTOUCHED = frozenset({StepState.PLANNED, StepState.NOT_DONE, StepState.REFUSED})
"""Where a step stands that changed nothing; all others did, or may have."""

_UNDER_WAY = frozenset(
    {StepState.INTENDED, StepState.PENDING, StepState.UNDOING, StepState.UNCERTAIN, StepState.CONFLICT}
)
"""Where a step stands while its target is not free for others."""


@dataclass(frozen=True, slots=True)
class Written:
    """A setting that a run changed and did not put back, and when. What was declined was never merged."""

    run: Run
    change: ValueChange
    at: datetime


@dataclass(frozen=True, slots=True)
class PutBack:
    """A setting that a run changed and then put back, or found put back: when it was written, and when that was."""

    run: Run
    change: ValueChange
    written: datetime
    at: datetime


class Ledger:
    """Earlier runs. Everything it gives is in the order in which the runs were begun.

    Runs of ``telling`` actions alone touched nothing.
    """

    def __init__(self, runs: Iterable[Run], telling: Collection[str] = ()) -> None:
        self.runs = tuple(sorted(runs, key=lambda run: (run.started, run.number)))
        self.touching = tuple(run for run in self.runs if touched(run) and not only_tells(run.remedy, telling))
        self._last = {run.number: last_change(run) for run in self.runs}
        self._by_finding: dict[str, list[Run]] = defaultdict(list)
        self._by_subject: dict[SubjectId, list[Run]] = defaultdict(list)
        self._failed: dict[str, list[Run]] = defaultdict(list)
        self._failures: dict[tuple[str, datetime], tuple[Run, ...]] = {}
        self._written: dict[Setting, list[Written]] = defaultdict(list)
        self._put_back: dict[Setting, list[PutBack]] = defaultdict(list)
        self._under_way: dict[str, list[Run]] = defaultdict(list)
        for run in self.runs:
            if failed(run):
                self._failed[run.remedy.playbook].append(run)
            for covered in run.remedy.covers:
                self._by_finding[covered.fingerprint].append(run)
            if not run.state.ended:
                for name in (*_worked_on(run.remedy), *_targets_under_way(run)):
                    self._under_way[name].append(run)
        for run in self.touching:
            for subject in subjects_of(run.remedy):
                self._by_subject[subject].append(run)
            for one in _written(run):
                self._written[one.change.subject, one.change.key].append(one)
            for back in _put_back(run):
                self._put_back[back.change.subject, back.change.key].append(back)

    def of_finding(self, fingerprint: str) -> tuple[Run, ...]:
        """The runs for a finding, whether they changed anything or not."""
        return tuple(self._by_finding.get(fingerprint, ()))

    def last_failure(self, playbook: str) -> tuple[Run, datetime] | None:
        """The run of a playbook that failed last, and when it changed something last."""
        failed = self._failed.get(playbook)
        last = max(failed, key=lambda run: self._last[run.number]) if failed else None
        return (last, self._last[last.number]) if last else None

    def of_subject(self, subject: SubjectId) -> tuple[Run, ...]:
        """The runs that changed something of a subject, or may have."""
        return tuple(self._by_subject.get(subject, ()))

    def written(self, subject: SubjectId, key: str) -> tuple[Written, ...]:
        """What runs wrote into a setting and did not put back."""
        return tuple(self._written.get((subject, key), ()))

    def put_back(self, subject: SubjectId, key: str) -> tuple[PutBack, ...]:
        """What runs wrote into a setting and that was put back when they were undone."""
        return tuple(self._put_back.get((subject, key), ()))

    def under_way(self, remedy: Remedy) -> Iterator[tuple[Run, str]]:
        """The runs that have not ended and work on something of the remedy, each with what that is."""
        shared: dict[int, tuple[Run, list[str]]] = {}
        for name in (*_worked_on(remedy), *sorted({step.target for step in remedy.steps})):
            for run in self._under_way.get(name, ()):
                shared.setdefault(run.number, (run, []))[1].append(name)
        for _, (run, names) in sorted(shared.items()):
            yield run, ", ".join(names)

    def attempts(self, remedy: Remedy, since: datetime) -> tuple[Run, ...]:
        """The runs for any of the remedy's findings that ended since then and did not help for good.

        A run that resolved a finding counts: the finding is back, or there would be no remedy for it.
        """
        found = {run.number: run for covered in remedy.covers for run in self.of_finding(covered.fingerprint)}
        return tuple(
            run
            for _, run in sorted(found.items())
            if (failed(run) or run.state is RunState.RESOLVED) and touched(run) and self._last[run.number] > since
        )

    def failures(self, playbook: str, since: datetime) -> tuple[Run, ...]:
        """The failed runs of a playbook since then."""
        if (playbook, since) not in self._failures:
            found = (run for run in self._failed.get(playbook, ()) if self._last[run.number] > since)
            self._failures[playbook, since] = tuple(found)
        return self._failures[playbook, since]


def failed(run: Run) -> bool:
    """Whether a run ended without help; a person who undid what had not failed decided, and nothing failed."""
    return run.state in FAILED and not run.undone_by


def touched(run: Run) -> bool:
    """Whether a run changed anything, or may have."""
    return any(step.state not in _UNTOUCHED for step in run.steps)


def last_change(run: Run) -> datetime:
    """The last moment at which a run changed something, or may have."""
    told = (moment for step in run.steps for moment in (step.intended, step.concluded) if moment is not None)
    return max((run.started, *told))


def span_told(span: timedelta) -> str:
    """The span as a person reads it."""
    return str(Quantity(span.total_seconds(), Unit.SECONDS))


def earlier(moment: datetime, span: timedelta) -> datetime:
    """The moment so long before; the calendar's first where there is none."""
    try:
        return moment - span
    except OverflowError:
        return datetime.min.replace(tzinfo=moment.tzinfo)


def later(moment: datetime, span: timedelta) -> datetime:
    """The moment so long after; the calendar's last where there is none."""
    try:
        return moment + span
    except OverflowError:
        return datetime.max.replace(tzinfo=moment.tzinfo)


def only_tells(remedy: Remedy, telling: Collection[str]) -> bool:
    """Whether nothing of it changes anything: all its steps are of actions that only tell people."""
    return all(step.action in telling for step in remedy.steps)


def subjects_of(remedy: Remedy) -> frozenset[SubjectId]:
    """Whatever a remedy is for or changes."""
    changed = {change.subject for step in remedy.steps for change in step.changes}
    return frozenset(changed.union(covered.subject for covered in remedy.covers))


def _worked_on(remedy: Remedy) -> list[str]:
    findings = {f"the finding {covered.fingerprint}" for covered in remedy.covers}
    settings = {f"{change.key} of {change.subject}" for step in remedy.steps for change in step.changes}
    return [*sorted(findings), *sorted(settings)]


def _targets_under_way(run: Run) -> list[str]:
    """The targets at which a run is: not those it has left, for a file has many settings and a server many reloads."""
    steps = zip(run.remedy.steps, run.steps, strict=False)
    return sorted({step.target for step, record in steps if record.state in _UNDER_WAY})


def _written(run: Run) -> Iterator[Written]:
    if run.state is RunState.DECLINED:
        return
    for step, record in zip(run.remedy.steps, run.steps, strict=False):
        # What could not be undone was written all the same, and somebody has changed it since.
        overwritten = record.state is StepState.CONFLICT and record.intended is not None
        if record.state is StepState.DONE or overwritten:
            for change in step.changes:
                yield Written(run, change, record.concluded or record.intended or run.started)


def _put_back(run: Run) -> Iterator[PutBack]:
    for step, record in zip(run.remedy.steps, run.steps, strict=False):
        if record.state is StepState.UNDONE:
            for change in step.changes:
                yield PutBack(run, change, run.started, record.intended or record.concluded or run.started)
