"""One entry to all formats of a report: a format and a terminal choose the module that renders it."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from driftbot.report.outline import Charset, Outline
from driftbot.report.report import Report
from driftbot.report.summary import summary

if TYPE_CHECKING:
    from driftbot.report.console import Terminal


class Format(StrEnum):
    """The formats of ``scan --format``."""

    TABLE = "table"
    JSON = "json"
    JUNIT = "junit"
    MARKDOWN = "markdown"


def render(report: Report, form: Format = Format.TABLE, terminal: Terminal | None = None) -> str:
    """The report as text; ``table`` without a terminal is plain. Formats are imported only when asked for."""
    match form:
        case Format.JSON:
            from driftbot.report import json_format

            return json_format.render(report)
        case Format.JUNIT:
            from driftbot.report import junit

            return junit.render(report)
        case Format.MARKDOWN:
            from driftbot.report import markdown

            return markdown.render(report)
        case _:
            return present(summary(report), terminal)


def present(told: Outline, terminal: Terminal | None, charset: Charset = Charset.UNICODE) -> str:
    """An outline as text: drawn for a terminal, plain without one; then ``charset`` says what its reader can show."""
    if terminal is None:
        from driftbot.report import plain

        return plain.render(told, charset)
    from driftbot.report import console

    return console.render(told, terminal)
