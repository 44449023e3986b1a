"""Plain text for pipes and logs: one finding a line, details indented below it."""

from __future__ import annotations

from collections.abc import Iterator

from driftbot.report.outline import Outline, Section


def render(told: Outline) -> str:
    """The outline as plain text without colours or boxes."""
    return "\n".join(_lines(told)) + "\n"


def _lines(told: Outline) -> Iterator[str]:
    yield told.title
    yield told.summary
    for section in told.sections:
        yield from _section(section)
    if told.conclusion:
        yield from ("", told.conclusion)


def _section(section: Section) -> Iterator[str]:
    yield ""
    yield section.title
    for item in section.items:
        yield "  " + "  ".join(part for part in (item.mark, item.head) if part)
        yield from (f"      {line}" for line in item.lines)
    yield from (f"  {line}" for line in section.closing)
    yield from (f"    {command}" for command in section.commands)
