"""The night: recover, scan, plan, deliver, verify, act, tell, forget; each stage is told of what came before it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from driftbot.collectors.collector import Tape
from driftbot.config import Config
from driftbot.core.exit_code import ExitCode
from driftbot.core.failure import Failure
from driftbot.core.outbox_notice import OutboxNotice
from driftbot.core.run import RunState
from driftbot.core.stage import Stage, StageResult
from driftbot.delivery.deliver import Clock, Manner, deliver
from driftbot.delivery.outcome import delivery_lines, delivery_told
from driftbot.inventory import Progress
from driftbot.remedies.kill_switch import kill_switch
from driftbot.remedies.night import PlanForTonight, Told, act, plan_tonight, recover_runs, verify_runs
from driftbot.remedies.verifying import watched_findings
from driftbot.report.report import Report
from driftbot.scan import Request, scan
from driftbot.store.errors import LeaseHeld, StoreError
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


@dataclass(frozen=True, slots=True)
class Stops:
    """What can stop a night: ``acting`` says why nothing may be changed now (None: what the configuration's kill switch
    says), ``night`` why everything is to end soon (somebody ended the process). ``scan`` is entered for the scan, of
    which nothing is kept until it is whole: what ends the night may break it off at once.
    """

    acting: Callable[[], str] | None = None
    night: Callable[[], str] = str
    scan: Callable[[], AbstractContextManager[None]] = nullcontext


def run(
    config: Config,
    store: Store,
    tape: Tape,
    request: Request,
    clock: Clock,
    progress: Progress,
    stops: Stops | None = None,
) -> NightResult:
    """The whole night.

    Raises:
        Failure: as ``scan`` raises. What fails after the night was kept is told by its stage and loses no report.
    """
    halt = stops or Stops()
    return _Night(config, store, clock, halt.acting or kill_switch(config), halt).run(tape, request, progress)


@dataclass(frozen=True, slots=True)
class _Night:
    """What every stage works with."""

    config: Config
    store: Store
    clock: Clock
    stopped: Callable[[], str]
    halt: Stops

    def run(self, tape: Tape, request: Request, progress: Progress) -> NightResult:
        config, store, clock, stop = self.config, self.store, self.clock, self.stopped
        recovered = _stage(Stage.RECOVER, lambda: recover_runs(config, store, clock, stop))
        with self.halt.scan():
            report = scan(config, store, tape, replace(request, watch=watched_findings(store)), clock, progress)
        scanned = StageResult(Stage.SCAN, f"{report.evaluation.checks:,} judgements, exit code {int(report.exit_code)}")
        progress("planning")
        planned, plan = self._plan()
        progress("telling the channels")
        waiting = store.notices_waiting()
        delivered = self._deliver(Stage.DELIVER, report)
        verified = _stage(Stage.VERIFY, lambda: verify_runs(config, store, clock, stop, report))
        # What was judged or put back changes what may be done: then tonight's plan is made anew.
        made = None if verified.runs else plan
        acted = _stage(Stage.ACT, lambda: act(config, store, clock, stop, made))
        fresh = set(store.notices_waiting()).difference(waiting)
        told = self._tell(report, changed=bool(verified.runs or acted.runs or fresh))
        forgotten = StageResult(Stage.FORGET, _forget(config, store, request.as_of))
        stages = (recovered, scanned, planned, delivered, verified, acted, told, forgotten)
        return NightResult(report, stages, store.notices_waiting())

    def _plan(self) -> tuple[StageResult, PlanForTonight | None]:
        made: list[PlanForTonight] = []

        def work() -> Told:
            made.append(plan_tonight(self.config, self.store, self.clock, self.stopped))
            return made[0].told, ()

        return _stage(Stage.PLAN, work), made[0] if made else None

    def _deliver(self, stage: Stage, report: Report) -> StageResult:
        if not self.config.channels:
            return StageResult(stage, _without_channels(self.store))
        try:
            manner = Manner(stopped=self.halt.night, rules=report.rules)
            outcomes = deliver(self.config, self.store, self.clock, manner=manner)
        except LeaseHeld as held:
            return StageResult(stage, f"{held.message}; {held.next_step}")
        except Failure as failure:
            return _failed(stage, failure)
        return StageResult(stage, delivery_told(outcomes), lines=tuple(delivery_lines(outcomes)))

    def _tell(self, report: Report, changed: bool) -> StageResult:
        if not self.config.channels or not changed:
            return StageResult(Stage.TELL, "nothing changed since the channels were told")
        return self._deliver(Stage.TELL, report)


def _stage(stage: Stage, work: Callable[[], Told]) -> StageResult:
    """One stage; its failure is told and keeps no other from its work."""
    try:
        told, runs = work()
    except Failure as failure:
        return _failed(stage, failure)
    return StageResult(stage, told, runs)


def _failed(stage: Stage, failure: Failure) -> StageResult:
    next_step = f"; {failure.next_step}" if failure.next_step else ""
    return StageResult(stage, f"could not do its work: {failure.message}{next_step}", failed=True)


def _without_channels(store: Store) -> str:
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
