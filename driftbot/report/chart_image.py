"""Charts of a finding as SVG or PNG: drawn by matplotlib without a display, the same bytes for the same charts.

Importing this module takes a second and sets matplotlib's process-wide settings once to those it was shipped with, so
that no settings of a user or of a working directory change a picture. Drawing itself changes nothing global: figures
are ordinary objects that end with the call, and several threads may draw at once.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO, StringIO
from xml.sax.saxutils import escape

import matplotlib as mpl
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from driftbot.core.chart import Chart
from driftbot.report import chart_words
from driftbot.report.chart_axes import HEIGHT, LEFT, RIGHT, draw
from driftbot.report.chart_font import FAMILIES, drawable
from driftbot.report.harmless import harmless

WIDTH = 900
"""Pixels of a picture."""
HEAD = 44
"""Pixels above the charts, for what the finding says."""
MOST = 6
"""Charts of one picture, the first ones of a finding (ours: two screens)."""
_NO_METADATA = {"Date": None, "Creator": None, "Format": None, "Type": None}
_DPI = 96
"""Pixels an inch as CSS counts them, so that SVG and PNG are of one size."""

mpl.rcdefaults()
mpl.rcParams.update(
    {
        "font.family": "sans-serif",
        "font.sans-serif": FAMILIES,
        "svg.fonttype": "none",
        "svg.hashsalt": "driftbot",
        "text.parse_math": False,
    }
)


@dataclass(frozen=True, slots=True)
class Caption:
    """What stands above a picture: what was found, and about what."""

    title: str
    subject: str


def svg(charts: Sequence[Chart], caption: Caption) -> bytes:
    """The charts below each other as SVG, with title and description for those who cannot see it; no external parts."""
    sheet = StringIO()
    canvas = FigureCanvasSVG(_figure(charts, caption))
    canvas.print_svg(sheet, metadata=_NO_METADATA)  # type: ignore[no-untyped-call]
    return _with_words(sheet.getvalue(), charts, caption).encode("utf-8", "replace")


def png(charts: Sequence[Chart], caption: Caption) -> bytes:
    """The charts below each other as PNG."""
    sheet = BytesIO()
    canvas = FigureCanvasAgg(_figure(charts, caption))
    canvas.print_png(sheet, metadata={"Software": None})  # type: ignore[no-untyped-call]
    return sheet.getvalue()


def _figure(charts: Sequence[Chart], caption: Caption) -> Figure:
    shown = charts[:MOST]
    height = HEAD + HEIGHT * max(1, len(shown))
    figure = Figure(figsize=(WIDTH / _DPI, height / _DPI), dpi=_DPI, facecolor="white")
    for text, top, size, weight in ((caption.title, 18, 9.5, "bold"), (_below(caption, charts), 36, 8.0, "normal")):
        words = drawable(text, 120)
        figure.text(12 / WIDTH, 1 - top / height, words, fontsize=size, fontweight=weight, va="baseline")
    for number, chart in enumerate(shown):
        bottom = height - HEAD - HEIGHT * (number + 1)
        area = (LEFT / WIDTH, bottom / height, (WIDTH - LEFT - RIGHT) / WIDTH, HEIGHT / height)
        draw(figure, area, chart, WIDTH - LEFT - RIGHT)
    return figure


def _below(caption: Caption, charts: Sequence[Chart]) -> str:
    more = len(charts) - MOST
    return f"{caption.subject} · {more:,} more charts" if more > 0 else caption.subject


_DOCTYPE = re.compile(r"<!DOCTYPE[^>]*>\s*")
_POINTS = re.compile(r'="([\d.]+)pt"')
_PATH = re.compile(r'(?<= d=")[^"]*')
_FRACTION = re.compile(r"(\.\d)\d+")
_BLANK = re.compile(r"(?<=[A-Za-z]) |\s+(?=[A-Za-z]|$)")


def _with_words(picture: str, charts: Sequence[Chart], caption: Caption) -> str:
    """The SVG with words for those who cannot see it, its size in pixels, and no DTD to fetch."""
    plain = _PATH.sub(_shortened, _DOCTYPE.sub("", picture))
    title = escape(f"{harmless(caption.title, 200)}: {harmless(caption.subject, 200)}")
    told = escape(" ".join(chart_words.described(chart) for chart in charts[:MOST]))
    root = plain.index(">", plain.index("<svg ")) + 1
    words = f"\n <title>{title}</title>\n <desc>{told}</desc>"
    opening = _POINTS.sub(lambda size: f'="{float(size[1]) * _DPI / 72:.0f}"', plain[: root - 1])
    return f'{opening} role="img">{words}{plain[root:]}'


def _shortened(path: re.Match[str]) -> str:
    """A path without what no picture shows: further digits, and blanks beside letters."""
    return _BLANK.sub("", _FRACTION.sub(r"\1", path[0]))
