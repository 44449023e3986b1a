"""The night: scan, deliver, verify, act, forget, in this order and each told of what the one before came to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from driftbot.collectors.collector import Tape
from driftbot.config import Config
from driftbot.inventory import Progress
from driftbot.report.report import Report
from driftbot.scan import Request, scan
from driftbot.store.errors import StoreError
from driftbot.store.store import Store


class Stage(StrEnum):
    """The stages of a night, in their order.

    Notices go out before anything is changed, what was changed earlier is verified before more is changed, and history
    is let go of last.
    """

    SCAN = "scan"
    DELIVER = "deliver"
    VERIFY = "verify"
    ACT = "act"
    FORGET = "forget"


@dataclass(frozen=True, slots=True)
class StageResult:
    """What one stage came to, in a sentence."""

    stage: Stage
    told: str


@dataclass(frozen=True, slots=True)
class NightResult:
    """The night's report and what each stage came to."""

    report: Report
    stages: tuple[StageResult, ...]


def run(
    config: Config, store: Store, tape: Tape, request: Request, clock: Callable[[], datetime], progress: Progress
) -> NightResult:
    """The whole night. Delivery, verification and action have nobody to call yet and say so.

    Raises:
        Failure: as ``scan`` raises. What fails after the night was kept is told by its stage and loses no report.
    """
    report = scan(config, store, tape, request, clock, progress)
    stages = (
        StageResult(Stage.SCAN, f"{report.evaluation.checks:,} judgements, exit code {int(report.exit_code)}"),
        StageResult(Stage.DELIVER, "no channel is configured; the report below is all that is told"),
        StageResult(Stage.VERIFY, "nothing was changed, nothing is due"),
        StageResult(Stage.ACT, "no playbook may act: everything is observed only"),
        StageResult(Stage.FORGET, _forget(config, store, request.as_of)),
    )
    return NightResult(report, stages)


def _forget(config: Config, store: Store, as_of: datetime) -> str:
    try:
        let_go = store.prune(as_of - timedelta(days=config.retention_nights))
    except StoreError as error:
        return f"old history stays for now: {error}"
    return f"{let_go.nights:,} nights older than {config.retention_nights} days were let go of"
