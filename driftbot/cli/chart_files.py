"""Files of charts: a finding's picture where somebody asked for it, or one for each finding of a scan in a folder."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

from driftbot.core.failure import Failure
from driftbot.core.finding import Finding

ENDINGS = (".svg", ".png")
_PARTIAL = ".partial"


def asked_for(path: Path) -> Path:
    """The path of a picture that can be drawn.

    Raises:
        Failure: its name does not say which kind of picture it is.
    """
    if path.suffix.lower() not in ENDINGS:
        raise Failure(f"{path} is no name of a picture", f"Let it end with {' or '.join(ENDINGS)}.")
    return path


def write_chart(finding: Finding, path: Path) -> None:
    """Draw the finding's charts into one file, below each other; the file appears whole or not at all.

    Raises:
        Failure: the finding has no chart, or the file cannot be written.
    """
    if not finding.charts:
        raise Failure(
            f"finding {finding.fingerprint} has no chart",
            "Charts come with what a rule says of a series' baseline, drift, steps or breach.",
        )
    _write(asked_for(path), _drawn(finding, path.suffix.lower()))


def write_charts(findings: Iterable[Finding], folder: Path, progress: Callable[[str], None]) -> int:
    """Draw every finding that has charts into ``<fingerprint>.svg`` of the folder; how many were drawn.

    Files that are there already stay, but for those of the same findings.

    Raises:
        Failure: the folder cannot be made, or a file in it not be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Failure(
            f"{folder} is no folder for charts: {error.strerror}", "Name another one with --charts."
        ) from error
    count = 0
    for finding in findings:
        if finding.charts:
            progress(f"drawing {finding.fingerprint}")
            _write(folder / f"{finding.fingerprint}.svg", _drawn(finding, ".svg"))
            count += 1
    return count


def _drawn(finding: Finding, ending: str) -> bytes:
    # It tells people without a writable home where it keeps its list of fonts.
    logging.getLogger("matplotlib").setLevel(logging.ERROR)
    from driftbot.report.chart_image import Caption, png, svg

    draw = png if ending == ".png" else svg
    return draw(finding.charts, Caption(finding.title, f"{finding.subject} · {finding.fingerprint}"))


def _write(path: Path, picture: bytes) -> None:
    partial = path.with_name(path.name + _PARTIAL)
    try:
        partial.write_bytes(picture)
        partial.replace(path)
    except OSError as error:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
        raise Failure(
            f"{path} cannot be written: {error.strerror}", "Give room or rights, or name another file."
        ) from error
