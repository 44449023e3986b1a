"""One chart drawn into a figure of matplotlib: curves, bands, limit, named moments, axes and legend.

Colours are those of Okabe and Ito (Color Universal Design, 2008), which people with any colour vision tell apart; what
differs in colour differs in its line, too.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.lines import Line2D

from driftbot.core.chart import Chart
from driftbot.report import chart_words
from driftbot.report.chart_flags import Flags, Sort, flags
from driftbot.report.chart_font import drawable
from driftbot.report.chart_lanes import Label, lanes
from driftbot.report.chart_shape import Shape, Strip, shape
from driftbot.report.chart_window import is_beyond
from driftbot.report.ticks import AXES, time_ticks, value_ticks

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

HEIGHT = 316
"""Pixels of one chart with its labels, axes and legend."""
LEFT, RIGHT = 86, 18
_ABOVE, _BELOW = 46, 66
"""Pixels for the labels of moments above the plot, and for dates and legend below it."""
_LANE = 14
_SMALL = 7.5

_BLACK, _GREY, _PALE, _LIGHT = "#000000", "#6b6b6b", "#9a9a9a", "#e4e4e4"
_BLUE, _GREEN, _ORANGE, _VERMILION = "#0072b2", "#009e73", "#e69f00", "#d55e00"
_STYLES = {Sort.CHANGE: (_BLACK, 1.2, "-"), Sort.EXPECTED: (_VERMILION, 1.4, ":"), Sort.MARKER: (_GREY, 0.8, ":")}
"""Colour, width and style of a moment's line."""
_TOLD = {Sort.CHANGE: "change", Sort.EXPECTED: "expected", Sort.MARKER: "release or setting"}
_VALUE_TICKS, _DATE = 7, 80
_HALF_A_DATE = 34
_IN_A_ROW = 6


def draw(figure: Figure, area: tuple[float, float, float, float], chart: Chart, width: int) -> None:
    """Draw the chart into an area (left, bottom, width, height as parts of the figure), ``width`` pixels wide."""
    left, bottom, across, up = area
    axes = figure.add_axes((left, bottom + up * _BELOW / HEIGHT, across, up * (HEIGHT - _ABOVE - _BELOW) / HEIGHT))
    axes.set(xlim=(0, 1), ylim=(0, 1), xticks=[], yticks=[])
    axes.spines[["top", "right"]].set_visible(False)
    drawn = shape(chart)
    if drawn is None:
        words = drawable(f"{chart_words.name(chart)}: {chart_words.NOTHING}", 100)
        axes.text(0.5, 0.5, words, ha="center", color=_GREY, fontsize=9)
        return
    moments = flags(chart, drawn.window)
    _axes(axes, chart, drawn, width)
    handles = [*_curves(axes, chart, drawn), *_moments(axes, moments, width), *_notes(chart, drawn, moments)]
    columns = len(handles) if len(handles) <= _IN_A_ROW else -(-len(handles) // 2)
    axes.legend(
        handles=handles, loc="upper left", bbox_to_anchor=(-0.005, -0.15), ncols=columns,
        frameon=False, fontsize=_SMALL, handlelength=2.0, columnspacing=1.6, labelspacing=0.35, borderpad=0.0,
    )  # fmt: skip


def _axes(axes: Axes, chart: Chart, drawn: Shape, width: int) -> None:
    """Ticks where people expect them; a curve's place is a part of width and height already."""
    seen = drawn.window
    values = value_ticks(seen.bottom, seen.top, chart.unit, _VALUE_TICKS)
    places = seen.up(np.array([tick.at for tick in values]))
    axes.set_yticks(places, [tick.label for tick in values], fontsize=8)
    dates = time_ticks(seen.left, seen.right, width // _DATE)
    shares = [(tick.at - seen.left) / (seen.right - seen.left) for tick in dates]
    fitting = [share * width < width + RIGHT - _HALF_A_DATE for share in shares]
    labels = [tick.label if fits else "" for tick, fits in zip(dates, fitting, strict=True)]
    axes.set_xticks(shares, labels, fontsize=8)
    axes.grid(visible=True, axis="y", color=_LIGHT, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.set_ylabel(drawable(chart.key, 30 - len(AXES[chart.unit])) + f" ({AXES[chart.unit]})", fontsize=8)
    axes.yaxis.set_label_coords(-66 / width, 0.5)
    axes.text(1.0, -0.115, "UTC", transform=axes.transAxes, fontsize=6.5, color=_GREY, ha="right", va="top")


def _curves(axes: Axes, chart: Chart, drawn: Shape) -> Iterator[Artist]:
    """Draw series, bands, trend and limit; what the legend shows of each."""
    series = drawn.series
    dots = "." if np.count_nonzero(~np.isnan(series.up)) <= 120 else ""
    yield from axes.plot(series.across, series.up, color=_BLUE, lw=1.1, marker=dots, ms=4, label="measured", zorder=3)
    if drawn.baseline:
        yield _band(axes, drawn.baseline, _GREY, chart_words.usual(chart))
        axes.plot(drawn.baseline.across, drawn.baseline.middle, color=_PALE, lw=0.6, zorder=1.5)
    if drawn.trend:
        yield _middle(axes, drawn.trend, _GREEN, "--", 1.8)
    if drawn.forecast:
        yield _band(axes, drawn.forecast, _ORANGE, "expected (80 %)")
        _middle(axes, drawn.forecast, _ORANGE, "-.", 1.6)
    if told := chart_words.limit(chart, drawn):
        yield _limit(axes, chart.limit or 0.0, drawn, told)


def _band(axes: Axes, strip: Strip, color: str, label: str) -> Artist:
    return axes.fill_between(
        strip.across, strip.lower, strip.upper, color=color, alpha=0.25, linewidth=0, label=label, zorder=1
    )


def _middle(axes: Axes, strip: Strip, color: str, style: str, width: float) -> Artist:
    (line,) = axes.plot(strip.across, strip.middle, color=color, ls=style, lw=width, label="trend", zorder=4)
    return line


def _limit(axes: Axes, limit: float, drawn: Shape, told: str) -> Artist:
    if is_beyond(limit, drawn.window):
        arrow = "^" if limit > drawn.window.top else "v"
        return Line2D([], [], color=_VERMILION, ls="none", marker=arrow, ms=5, label=told)
    place = float(drawn.window.up(np.array([limit]))[0])
    return axes.axhline(place, color=_VERMILION, lw=1.5, ls=(0, (6, 2)), label=told, zorder=2)


def _moments(axes: Axes, moments: Flags, width: int) -> Iterator[Artist]:
    """Draw change points and what stands beside them, with as many labels as fit."""
    for named in moments.named:
        if named.across is not None:
            color, width_of_line, style = _STYLES[named.sort]
            axes.plot([named.across] * 2, [0, 1], color=color, lw=width_of_line, ls=style, zorder=2)
    places = np.unique(np.rint(np.array(moments.unnamed) * (width // 4))) / (width // 4)
    axes.plot(np.repeat(places, 3), np.tile([0.0, 0.03, np.nan], len(places)), color=_GREY, lw=0.9)
    for label in lanes(moments.named, width):
        _label(axes, label)
    sorts = {named.sort for named in moments.named if named.across is not None}
    for sort, told in _TOLD.items():
        if sort in sorts:
            color, width_of_line, style = _STYLES[sort]
            yield Line2D([], [], color=color, lw=width_of_line, ls=style, label=told)


def _label(axes: Axes, label: Label) -> None:
    up = 1.0 + (4 + label.lane * _LANE) / (HEIGHT - _ABOVE - _BELOW)
    is_marker = label.named.sort is Sort.MARKER
    axes.text(
        label.across, up, label.text, ha="right" if label.leftwards else "left", va="baseline", fontsize=_SMALL,
        color=_STYLES[label.named.sort][0], fontweight="normal" if is_marker else "bold", clip_on=False,
    )  # fmt: skip


def _notes(chart: Chart, drawn: Shape, moments: Flags) -> Iterator[Artist]:
    """What is seen without its name, and what is not seen, told."""
    for told, mark in ((chart_words.unnamed(moments), "|"), (chart_words.beyond(chart, drawn), "")):
        if told:
            yield Line2D([], [], color=_GREY, ls="none", marker=mark, ms=6, label=told)
