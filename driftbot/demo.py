"""The demonstration: the shipped recording of a shop, scanned like any other night, and one finding explained."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from driftbot.config import FILE_NAME, load_config
from driftbot.core.failure import Failure
from driftbot.core.history import FindingLife
from driftbot.inventory import Progress
from driftbot.report.explanation import Background, explanation
from driftbot.report.outline import Outline
from driftbot.report.report import Report
from driftbot.scan import Request, scan
from driftbot.shipped import demo_root
from driftbot.store.store import Store
from driftbot.tape import ReplayTape

EXAMPLE = "job-deadline-headroom"
"""The rule whose finding is explained: it rests on a file and on three months of measurements."""


class Demonstration(NamedTuple):
    """What the demonstration shows: the night's report, and one finding with everything behind it."""

    report: Report
    example: FindingLife
    explained: Outline


def demonstrate(folder: Path, progress: Progress) -> Demonstration:
    """Lay the recorded shop out in a folder that does not exist yet, and scan it there into a store of its own.

    Raises:
        Failure: the folder exists already or cannot be written.
    """
    _lay_out(folder)
    tape = ReplayTape(folder)
    config = load_config(folder / FILE_NAME)
    with Store.open(config.store_url) as store:
        report = scan(config, store, tape, Request(tape.as_of), lambda: datetime.now(UTC), progress)
        example = next(life for life in report.triage.news if life.finding.rule == EXAMPLE)
        background = Background(report.rules_by_id[EXAMPLE], intervals=store.history(example.finding.subject.id))
    return Demonstration(report, example, explanation(example, background))


def _lay_out(folder: Path) -> None:
    if folder.exists():
        raise Failure(f"{folder} exists already", "Name a folder that does not exist yet.")
    try:
        shutil.copytree(demo_root(), folder)
    except OSError as error:
        raise Failure(f"{folder} cannot be written: {error}", "Name a folder that you may write to.") from error
