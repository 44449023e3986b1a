"""A chart as text: a plot of braille dots, or of ASCII where a terminal has no more, that needs no colour."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from rich.cells import cell_len, set_cell_size

from driftbot.core.chart import Chart
from driftbot.core.series import FloatArray
from driftbot.report import chart_words
from driftbot.report.chart_flags import Flags, Sort, flags
from driftbot.report.chart_shape import Shape, Strip, shape
from driftbot.report.chart_window import is_beyond
from driftbot.report.dots import Canvas
from driftbot.report.outline import Charset
from driftbot.report.ticks import Tick, time_ticks, value_ticks

WIDEST, NARROWEST = 100, 40
"""Columns of a plot: more are not read better, fewer hold no plot (ours)."""
ROWS = 12
_VALUE_TICKS = 6
_DATE = 8
"""Columns that a date of the axis wants for itself."""
_DASH = 3
"""Every how many columns a trend is marked, so that the series stays visible below it."""


@dataclass(frozen=True, slots=True)
class Glyphs:
    """The characters of a plot; ``measured`` is None where the series is drawn in braille dots."""

    measured: str | None
    usual: str
    trend: str
    expected: str
    forecast: str
    limit: str
    change: str
    unnamed: str
    side: str
    tick: str
    corner: str
    floor: str
    mark: str


_UNICODE = Glyphs(None, "░", "•", "◦", "▒", "╌", "┊", "╵", "│", "┤", "└", "─", "┬")
_ASCII = Glyphs("*", ".", "o", "+", ":", "-", "!", "'", "|", "+", "+", "-", "+")
_GLYPHS = {Charset.UNICODE: _UNICODE, Charset.ASCII: _ASCII}
_BRAILLE_SAMPLE = "⣀⡠⠊"


def render(chart: Chart, width: int = 80, charset: Charset = Charset.UNICODE) -> tuple[str, ...]:
    """The chart as lines of at most ``width`` columns (between 40 and 100); in ASCII ``?`` stands for what it lacks."""
    width = min(max(width, NARROWEST), WIDEST)
    return tuple(_fitted(line, width, charset) for line in _lines(chart, width, _GLYPHS[charset]))


def _fitted(line: str, width: int, charset: Charset) -> str:
    shown = line.encode("ascii", "replace").decode("ascii") if charset is Charset.ASCII else line
    return (shown if cell_len(shown) <= width else f"{set_cell_size(shown, width - 3)}...").rstrip()


def _lines(chart: Chart, width: int, glyphs: Glyphs) -> Iterator[str]:
    drawn = shape(chart)
    if drawn is None:
        yield f"{chart_words.name(chart)}: {chart_words.NOTHING}"
        return
    yield f"{chart_words.name(chart)}, {chart_words.span(drawn)}"
    seen, moments = drawn.window, flags(chart, drawn.window)
    ticks = value_ticks(seen.bottom, seen.top, chart.unit, _VALUE_TICKS)
    margin = max((cell_len(tick.label) for tick in ticks), default=0) + 1
    columns = width - margin - 1
    labels = _labels(ticks, drawn)
    for row, cells in enumerate(_plot(chart, drawn, moments, columns, glyphs)):
        side = glyphs.tick if row in labels else glyphs.side
        yield f"{labels.get(row, ''):>{margin - 1}} {side}{''.join(cells)}"
    yield from _time_axis(drawn, columns, margin, glyphs)
    yield from (" " * (margin + 1) + line for line in _marks(moments, columns, glyphs))
    yield from _legend(chart, drawn, moments, width, glyphs)
    yield from (f"{named.key}  {chart_words.moment(named.flag)}" for named in moments.named)


def _labels(ticks: Sequence[Tick], drawn: Shape) -> dict[int, str]:
    """The label of each row that has one."""
    return {_row(float(drawn.window.up(np.array([tick.at]))[0])): tick.label for tick in ticks}


def _row(up: float) -> int:
    return min(ROWS - 1, max(0, int((1.0 - up) * ROWS)))


def _column(across: float, columns: int) -> int:
    return min(columns - 1, max(0, round(across * (columns - 1))))


def _plot(chart: Chart, drawn: Shape, moments: Flags, columns: int, glyphs: Glyphs) -> list[list[str]]:
    """The characters of the plot, row by row from the top; what is drawn later hides what was there."""
    cells = [[" "] * columns for _ in range(ROWS)]
    _fill(cells, drawn.baseline, glyphs.usual)
    _fill(cells, drawn.forecast, glyphs.forecast)
    for named in moments.named:
        if named.sort is not Sort.MARKER and named.across is not None:
            for row in cells:
                row[_column(named.across, columns)] = glyphs.change
    if chart.limit is not None and chart_words.limit(chart, drawn) and not is_beyond(chart.limit, drawn.window):
        row = cells[_row(float(drawn.window.up(np.array([chart.limit]))[0]))]
        row[:] = [glyphs.limit] * columns
    _series(cells, drawn, glyphs)
    _follow(cells, drawn.trend, glyphs.trend, _DASH)
    _follow(cells, drawn.forecast, glyphs.expected, 1)
    return cells


def _series(cells: list[list[str]], drawn: Shape, glyphs: Glyphs) -> None:
    canvas = Canvas(len(cells[0]), ROWS)
    canvas.line(drawn.series.across, drawn.series.up)
    characters = canvas.characters()
    for row, column in np.argwhere(canvas.cells()).tolist():
        cells[row][column] = glyphs.measured or characters[row][column]


def _at_columns(strip: Strip, edge: FloatArray, columns: int) -> FloatArray:
    """An edge of a strip at the middle of every column; NaN outside of it."""
    places = np.linspace(0.0, 1.0, columns)
    half = 0.5 / columns
    inside = (places >= strip.across[0] - half) & (places <= strip.across[-1] + half)
    return np.where(inside, np.interp(places, strip.across, edge), np.nan)


def _fill(cells: list[list[str]], strip: Strip | None, glyph: str) -> None:
    """Fill what lies between the edges of a strip: a character whose middle does, and one at least in each column."""
    if strip is None:
        return
    columns = len(cells[0])
    lower, upper = (_at_columns(strip, edge, columns) for edge in (strip.lower, strip.upper))
    middle = _at_columns(strip, strip.middle, columns)
    for column in np.flatnonzero(~np.isnan(middle)).tolist():
        for row in range(ROWS):
            if lower[column] <= 1.0 - (row + 0.5) / ROWS <= upper[column]:
                cells[row][column] = glyph
        if 0.0 <= middle[column] <= 1.0:
            cells[_row(float(middle[column]))][column] = glyph


def _follow(cells: list[list[str]], strip: Strip | None, glyph: str, every: int) -> None:
    """Mark the middle of a strip in every so many columns."""
    if strip is None:
        return
    middle = _at_columns(strip, strip.middle, len(cells[0]))
    for column in np.flatnonzero((middle >= 0.0) & (middle <= 1.0)).tolist():
        if column % every == 0:
            cells[_row(float(middle[column]))][column] = glyph


def _time_axis(drawn: Shape, columns: int, margin: int, glyphs: Glyphs) -> Iterator[str]:
    seen = drawn.window
    floor, dates = [glyphs.floor] * columns, " " * (margin + 1 + columns)
    free = 0
    for tick in time_ticks(seen.left, seen.right, columns // _DATE, year=False):
        column = _column((tick.at - seen.left) / (seen.right - seen.left), columns)
        floor[column] = glyphs.mark
        start = min(max(0, margin + 1 + column - len(tick.label) // 2), len(dates) - len(tick.label))
        if start >= free:
            free = start + len(tick.label) + 2
            dates = dates[:start] + tick.label + dates[start + len(tick.label) :]
    yield f"{'':{margin}}{glyphs.corner}{''.join(floor)}"
    yield dates


def _marks(moments: Flags, columns: int, glyphs: Glyphs) -> Iterator[str]:
    """The keys of the moments below their places; a place that is taken gives way by a column or two."""
    row = [" "] * columns
    for named in moments.named:
        if named.across is not None:
            place = _column(named.across, columns)
            near = (place + way for way in (0, 1, -1, 2, -2) if 0 <= place + way < columns)
            row[next((at for at in near if row[at] == " "), place)] = named.key
    for across in moments.unnamed:
        place = _column(across, columns)
        row[place] = glyphs.unnamed if row[place] == " " else row[place]
    if any(mark != " " for mark in row):
        yield "".join(row)


def _legend(chart: Chart, drawn: Shape, moments: Flags, width: int, glyphs: Glyphs) -> Iterator[str]:
    """What the characters mean, in as many lines as it needs."""
    line = ""
    for entry in _entries(chart, drawn, moments, glyphs):
        if line and cell_len(line) + 3 + cell_len(entry) > width:
            yield line
            line = ""
        line = f"{line}   {entry}" if line else entry
    yield line


def _entries(chart: Chart, drawn: Shape, moments: Flags, glyphs: Glyphs) -> Iterator[str]:
    yield f"{glyphs.measured or _BRAILLE_SAMPLE} measured"
    if drawn.baseline:
        yield f"{glyphs.usual} {chart_words.usual(chart)}"
    if drawn.trend:
        yield f"{glyphs.trend} trend"
    if drawn.forecast:
        yield f"{glyphs.forecast}{glyphs.expected}{glyphs.forecast} expected (80 %)"
    if told := chart_words.limit(chart, drawn):
        yield told if is_beyond(chart.limit or 0.0, drawn.window) else f"{glyphs.limit * 2} {told}"
    sorts = {named.sort for named in moments.named if named.across is not None} - {Sort.MARKER}
    if sorts:
        yield f"{glyphs.change} {' or '.join(sorted(sorts))}"
    if moments.left_out:
        yield f"{glyphs.unnamed} {chart_words.unnamed(moments)}"
    if told := chart_words.beyond(chart, drawn):
        yield told
