"""A night as JSON: the report of its scan, with what was recovered, judged and applied, and what waits to be told."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, replace
from datetime import datetime

from driftbot.core.exit_code import ExitCode
from driftbot.core.outbox_notice import OutboxNotice
from driftbot.core.run import Run
from driftbot.core.stage import StageResult
from driftbot.report import night_entries as entries
from driftbot.report.json_format import document
from driftbot.report.report import Report


def render(report: Report, stages: Iterable[StageResult], notices: Iterable[OutboxNotice], exit_code: ExitCode) -> str:
    """The night as a JSON document of version 1."""
    night = replace(
        document(report),
        exit_code=int(exit_code),
        stages=[_stage(stage) for stage in stages],
        notices=[_notice(notice) for notice in notices],
    )
    return json.dumps(asdict(night), indent=2) + "\n"


def _stage(stage: StageResult) -> entries.StageEntry:
    runs = [_run(run) for run in stage.runs]
    return entries.StageEntry(stage.stage.value, stage.told, stage.failed, runs, list(stage.lines))


def _run(run: Run) -> entries.RunEntry:
    covers = run.remedy.covers
    return entries.RunEntry(
        number=run.number,
        remedy=run.remedy.digest,
        playbook=run.remedy.playbook,
        state=run.state.value,
        told=run.told,
        started=run.started.isoformat(),
        by=run.by,
        due=_time(run.due),
        ended=_time(run.ended),
        rules=sorted({one.rule for one in covers}),
        subjects=sorted({str(one.subject) for one in covers}),
    )


def _notice(notice: OutboxNotice) -> entries.NoticeEntry:
    return entries.NoticeEntry(notice.fingerprint, notice.kind, notice.title, notice.body, notice.at.isoformat())


def _time(time: datetime | None) -> str | None:
    return time.isoformat() if time else None
