"""A chart in words: its legend, its limit, its moments, and the whole of it for those who cannot see it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import UTC, datetime

from driftbot.core.chart import Band, Chart, Flag, HeldAgainst
from driftbot.core.quantity import Quantity, Unit, format_quantity
from driftbot.core.series import FloatArray
from driftbot.report.chart_flags import Flags, flags
from driftbot.report.chart_shape import Shape, shape
from driftbot.report.chart_window import is_beyond
from driftbot.report.harmless import harmless
from driftbot.report.ticks import value_label
from driftbot.report.wording import plural

NOTHING = "no sample that could be drawn"
LONGEST = 120
"""Characters of one label (ours: a line of a terminal)."""
_LARGEST = 1e15
"""From here on digits are no more read than counted."""


def quantity(value: float, unit: Unit) -> str:
    """A value as a person reads it, however large or small it is."""
    return format_quantity(Quantity(value, unit)) if abs(value) < _LARGEST else value_label(value, unit)


def day(time: float) -> str:
    """A date in UTC."""
    return f"{datetime.fromtimestamp(time, UTC):%Y-%m-%d}"


def moment(flag: Flag) -> str:
    """When it was and what it is."""
    return f"{datetime.fromtimestamp(flag.at, UTC):%Y-%m-%d %H:%M} UTC  {harmless(flag.label, LONGEST)}".rstrip()


def name(chart: Chart) -> str:
    """What is measured."""
    return harmless(chart.key, LONGEST)


def span(drawn: Shape) -> str:
    """From when to when it is drawn."""
    return f"{day(drawn.window.left)} to {day(drawn.window.right)}, UTC"


def usual(chart: Chart) -> str:
    """Whose band the baseline is."""
    return "its peers (80 %)" if chart.held_against is HeldAgainst.PEERS else "usual (80 %)"


def limit(chart: Chart, drawn: Shape) -> str:
    """The limit, and where it is if it lies outside the picture; empty where there is none."""
    if chart.limit is None or not math.isfinite(chart.limit):
        return ""
    told = f"limit {quantity(chart.limit, chart.unit)}"
    if not is_beyond(chart.limit, drawn.window):
        return told
    return f"{told}, far {'above' if chart.limit > drawn.window.top else 'below'} what is shown"


def beyond(chart: Chart, drawn: Shape) -> str:
    """The values that lie outside the picture; empty where there is none."""
    values: FloatArray = drawn.beyond
    if not values.size:
        return ""
    low, high = (quantity(float(edge), chart.unit) for edge in (values.min(), values.max()))
    reach = low if low == high else f"{low} to {high}"
    return f"{plural(int(values.size), 'value')} beyond the edge: {reach}"


def unnamed(moments: Flags) -> str:
    """How many moments are marked without a label; empty where there is none."""
    return f"{moments.left_out:,} more not labelled" if moments.left_out else ""


def described(chart: Chart) -> str:
    """The whole chart in some sentences: the text alternative of its picture."""
    drawn = shape(chart)
    if drawn is None:
        return f"{name(chart)}: {NOTHING}."
    return " ".join(f"{sentence}." for sentence in _sentences(chart, drawn) if sentence)


def _sentences(chart: Chart, drawn: Shape) -> Iterator[str]:
    known = [value for value in chart.values if math.isfinite(value)]
    yield f"{name(chart)} from {span(drawn)}"
    if known:
        low, high, last = (quantity(value, chart.unit) for value in (min(known), max(known), known[-1]))
        yield f"{plural(len(known), 'value')} between {low} and {high}, the last {last}"
    yield _band(_sentence(usual(chart)), chart.baseline, chart.unit)
    yield _band("Trend", chart.trend, chart.unit)
    yield _band("Expected (80 %)", chart.forecast, chart.unit)
    yield _sentence(limit(chart, drawn))
    yield _sentence(beyond(chart, drawn))
    moments = flags(chart, drawn.window)
    for named in moments.named:
        yield f"{named.sort.capitalize()} {moment(named.flag)}"
    yield unnamed(moments)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _band(word: str, band: Band | None, unit: Unit) -> str:
    """Where a band ends."""
    if band is None:
        return ""
    ends = [edge[-1] for edge in (band.lower, band.middle, band.upper) if edge]
    if len(ends) < 3 or not all(map(math.isfinite, ends)):
        return ""
    lower, middle, upper = (quantity(end, unit) for end in ends)
    return f"{word} at its end: {middle} ({lower} to {upper})"
