"""The night: recover, scan, deliver, verify, act, forget; each stage is told of what the one before came to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from driftbot.collectors.collector import Tape
from driftbot.config import Config
from driftbot.core.exit_code import ExitCode
from driftbot.core.failure import Failure
from driftbot.core.outbox_notice import OutboxNotice
from driftbot.core.run import Run, RunState
from driftbot.core.stage import Stage, StageResult
from driftbot.inventory import Progress
from driftbot.remedies.kill_switch import kill_switch
from driftbot.remedies.night import act, recover_runs, verify_runs
from driftbot.remedies.verifying import watched_findings
from driftbot.report.report import Report
from driftbot.scan import Request, scan
from driftbot.store.errors import StoreError
from driftbot.store.store import Store


@dataclass(frozen=True, slots=True)
class NightResult:
    """The night's report, what each stage came to, and the notices that wait for somebody to read them."""

    report: Report
    stages: tuple[StageResult, ...]
    notices: tuple[OutboxNotice, ...] = ()

    @property
    def exit_code(self) -> ExitCode:
        """The scan's; blind where a stage could not do its work, or nobody can tell what a run did."""
        uncertain = any(run.state is RunState.UNCERTAIN for stage in self.stages for run in stage.runs)
        blind = uncertain or any(stage.failed for stage in self.stages)
        return ExitCode.BLIND if blind else self.report.exit_code


def run(
    config: Config,
    store: Store,
    tape: Tape,
    request: Request,
    clock: Callable[[], datetime],
    progress: Progress,
    stopped: Callable[[], str] | None = None,
) -> NightResult:
    """The whole night. ``stopped`` says why nothing may be changed now (the configuration's kill switch unless said).

    Raises:
        Failure: as ``scan`` raises. What fails after the night was kept is told by its stage and loses no report.
    """
    stop = stopped or kill_switch(config)
    recovered = _stage(Stage.RECOVER, lambda: recover_runs(config, store, clock, stop))
    report = scan(config, store, tape, replace(request, watch=watched_findings(store)), clock, progress)
    stages = (
        recovered,
        StageResult(Stage.SCAN, f"{report.evaluation.checks:,} judgements, exit code {int(report.exit_code)}"),
        StageResult(Stage.DELIVER, _deliver(store)),
        _stage(Stage.VERIFY, lambda: verify_runs(config, store, clock, stop, report)),
        _stage(Stage.ACT, lambda: act(config, store, clock, stop)),
        StageResult(Stage.FORGET, _forget(config, store, request.as_of)),
    )
    return NightResult(report, stages, store.notices_waiting())


def _stage(stage: Stage, work: Callable[[], tuple[str, tuple[Run, ...]]]) -> StageResult:
    """One stage; its failure is told and keeps no other from its work."""
    try:
        told, runs = work()
    except Failure as failure:
        next_step = f"; {failure.next_step}" if failure.next_step else ""
        return StageResult(stage, f"could not do its work: {failure.message}{next_step}", failed=True)
    return StageResult(stage, told, runs)


def _deliver(store: Store) -> str:
    waiting = len(store.notices_waiting())
    told = "no channel is configured; what is printed here is all that is told"
    return f"{told}, and {waiting:,} notices wait" if waiting else told


def _forget(config: Config, store: Store, as_of: datetime) -> str:
    options = config.acting
    before = as_of - timedelta(days=config.retention_nights)
    remembered = as_of - max(options.remember, options.cooldown, options.steps.within, options.limits.within)
    try:
        let_go = store.prune(before, min(before, remembered))
    except StoreError as error:
        return f"old history stays for now: {error}"
    return f"{let_go.nights:,} nights older than {config.retention_nights} days were let go of"
