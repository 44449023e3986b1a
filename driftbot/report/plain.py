"""Plain text for pipes and logs: one finding a line, details indented below it."""

from __future__ import annotations

from collections.abc import Iterator

from driftbot.report.outline import Charset, Outline, Section

_WIDTH = 80
"""Columns of a chart where nobody knows how wide what shows it is."""


def render(told: Outline, charset: Charset = Charset.UNICODE) -> str:
    """The outline as plain text without colours or boxes; the charset decides how charts are drawn."""
    return "\n".join(_lines(told, charset)) + "\n"


def _lines(told: Outline, charset: Charset) -> Iterator[str]:
    yield told.title
    yield told.summary
    for section in told.sections:
        yield from _section(section, charset)
    if told.conclusion:
        yield from ("", told.conclusion)


def _section(section: Section, charset: Charset) -> Iterator[str]:
    yield ""
    yield section.title
    for item in section.items:
        yield "  " + "  ".join(part for part in (item.mark, item.head) if part)
        yield from (f"      {line}" for line in item.lines)
    yield from _charts(section, charset)
    yield from (f"  {line}" for line in section.closing)
    yield from (f"    {command}" for command in section.commands)


def _charts(section: Section, charset: Charset) -> Iterator[str]:
    if not section.charts:
        return
    from driftbot.report import chart_text

    for number, chart in enumerate(section.charts):
        yield from ("",) if number else ()
        yield from (f"  {line}".rstrip() for line in chart_text.render(chart, _WIDTH - 2, charset))
