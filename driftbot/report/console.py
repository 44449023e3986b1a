"""An outline on a terminal: tables that fit its width, colours where it has them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rich import box
from rich.color import ColorSystem
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from driftbot.core.rule import Severity
from driftbot.report.outline import Charset, Item, Outline, Section, Tone


@dataclass(frozen=True, slots=True)
class Terminal:
    """What the terminal can show: columns, whether it has colours, and which characters."""

    width: int = 80
    colors: bool = True
    charset: Charset = Charset.UNICODE


_NARROWEST = 40
_TONES = {
    Tone.BLIND: "bold magenta",
    Tone.ALARM: "bold red",
    Tone.DOUBT: "bold yellow",
    Tone.GOOD: "bold green",
    Tone.QUIET: "bold",
}
_SEVERITIES = {
    Severity.CRITICAL: "bold red",
    Severity.HIGH: "red",
    Severity.MEDIUM: "yellow",
    Severity.LOW: "cyan",
}


def render(told: Outline, terminal: Terminal) -> str:
    """The outline as text for this terminal, ANSI sequences included where it has colours."""
    return draw(_document(told, terminal), terminal)


def draw(document: RenderableType, terminal: Terminal) -> str:
    """A rich document as text for this terminal; trailing blanks are left out."""
    console = Console(width=max(terminal.width, _NARROWEST), force_terminal=True, legacy_windows=False, _environ={})
    system = ColorSystem.STANDARD if terminal.colors else None
    text = "".join(
        segment.style.render(segment.text, color_system=system) if segment.style and system else segment.text
        for segment in console.render(document)
        if not segment.is_control
    )
    return "\n".join(line.rstrip() for line in text.split("\n"))


def _document(told: Outline, terminal: Terminal) -> Group:
    head = Text.assemble((told.title, "bold"), "\n", told.summary)
    parts: list[RenderableType] = [Panel(head, box=box.ROUNDED, border_style=_TONES[told.tone], expand=True)]
    parts += [_section(section, terminal) for section in told.sections]
    if told.conclusion:
        parts += [Text(), Text(told.conclusion, style=_TONES[told.tone])]
    return Group(*parts)


def _section(section: Section, terminal: Terminal) -> Group:
    parts: list[RenderableType] = [Text(), Text(section.title, style=_TONES[section.tone])]
    if section.items:
        parts.append(_table(section.items))
    parts += _charts(section, terminal)
    parts += [Padding(Text(line), (0, 0, 0, 1)) for line in section.closing]
    parts += [Padding(_command(line), (0, 0, 0, 3)) for line in section.commands]
    return Group(*parts)


def _table(items: Iterable[Item]) -> Table:
    table = Table(box=box.SIMPLE, show_header=False, show_edge=False, pad_edge=True, padding=(0, 1))
    table.add_column(no_wrap=True, min_width=9)
    table.add_column(overflow="fold")
    for item in items:
        mark = Text(item.mark, style=_SEVERITIES[item.severity] if item.severity else "dim")
        below = [(f"\n{line}", "dim" if index else "") for index, line in enumerate(item.lines)]
        table.add_row(mark, Text.assemble((item.head, "bold"), *below))
    return table


def _charts(section: Section, terminal: Terminal) -> Iterator[RenderableType]:
    if not section.charts:
        return
    from driftbot.report import chart_text

    for number, chart in enumerate(section.charts):
        lines = chart_text.render(chart, max(terminal.width, _NARROWEST) - 1, terminal.charset)
        yield Padding(Text("\n".join(lines), no_wrap=True), (1 if number else 0, 0, 0, 1))


def _command(line: str) -> Text:
    command, _, comment = line.partition("  # ")
    return Text.assemble((command, "cyan"), (f"\n  # {comment}" if comment else "", "dim"))
