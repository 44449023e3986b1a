"""Recording an estate: one scan whose raw answers, configuration and decisions are kept as a bundle."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from driftbot import approvals_file
from driftbot.config import FILE_NAME, Config
from driftbot.inventory import Progress
from driftbot.owners import PLACES
from driftbot.report.report import Report
from driftbot.scan import Request, scan
from driftbot.store.store import Store
from driftbot.tape import LiveTape, RecordingTape
from driftbot.tape.redaction import redact


def record(
    config: Config, store: Store, target: Path, as_of: datetime, clock: Callable[[], datetime], progress: Progress
) -> Report:
    """Scan into an empty store, so that everything is asked for, and keep what came in a bundle at ``target``.

    Raises:
        Failure: the bundle cannot be written, or the scan cannot be done.
    """
    with RecordingTape(LiveTape(config.root), target, as_of) as tape:
        (tape.folder / FILE_NAME).write_bytes(redact(config.path.read_bytes()))
        for name in (approvals_file.FILE_NAME, *PLACES):
            if (config.root / name).is_file():
                (tape.folder / name).parent.mkdir(exist_ok=True)
                (tape.folder / name).write_bytes(redact((config.root / name).read_bytes()))
        return scan(config, store, tape, Request(as_of), clock, progress)
