"""Charts as text against golden files at 80 columns, in dots and in ASCII; any chart at any width."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from driftbot.core.chart import Flag
from driftbot.report.chart_text import ROWS, render
from driftbot.report.chart_words import described
from driftbot.report.outline import Charset
from tests.report import charts
from tests.report.charts import ANY_CHART, CHARTS, DAY, START
from tests.report.test_formats import OBEYED

GOLDEN = Path(__file__).parents[2] / "fixtures" / "report" / "charts"


@pytest.mark.parametrize("charset", Charset)
@pytest.mark.parametrize("name", CHARTS)
def test_a_chart_reads_as_its_golden_file(name, charset):
    chart = CHARTS[name]()
    text = "\n".join((*render(chart, 80, charset), "", described(chart))) + "\n"
    golden = GOLDEN / f"{name}.{charset}.txt"
    if os.environ.get("DRIFTBOT_WRITE_GOLDEN"):
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8")


@given(ANY_CHART, st.integers(0, 300), st.sampled_from(Charset))
def test_any_chart_is_drawn_harmlessly_and_fits(chart, width, charset):
    lines = render(chart, width, charset)
    assert max(map(cell_len, lines)) <= min(max(width, 40), 100)
    assert OBEYED.search("".join(lines)) is None
    assert "\n" not in "".join(lines)
    assert charset is Charset.UNICODE or "".join(lines).isascii()


@given(ANY_CHART)
def test_any_chart_is_put_into_harmless_words(chart):
    assert OBEYED.search(described(chart)) is None
    assert "\n" not in described(chart)


def plot(chart, charset=Charset.ASCII):
    """The rows of the plot, without the axis of values."""
    lines = [re.split(r"[|+]", line, maxsplit=1) for line in render(chart, 80, charset)[1 : ROWS + 1]]
    return [parts[1].ljust(80) for parts in lines]


def test_what_rises_goes_up_and_what_falls_goes_down():
    times = charts.floats(charts.days(0, 10, 60))
    rising = replace(charts.flat(), times=times, values=tuple(map(float, range(60))), baseline=None)
    rows = plot(rising)
    assert rows[0].rstrip().endswith("*")
    assert rows[-1].startswith("*")
    assert plot(replace(rising, values=rising.values[::-1]))[0].startswith("*")


def test_a_gap_is_not_joined():
    day = [time - START for time in charts.gaps().times]
    chart = replace(charts.gaps(), trend=None, limit=None)
    first, last = 12.5 * DAY / (day[-1] - day[0]), 24.5 * DAY / (day[-1] - day[0])
    for row in plot(chart):
        assert set(row[round(first * 70) : round(last * 70)]) == {" "}


def test_the_order_of_samples_does_not_matter():
    chart = charts.breach()
    turned = replace(chart, times=chart.times[::-1], values=chart.values[::-1], markers=chart.markers[::-1])
    assert render(turned) == render(chart)


def test_the_neighbour_of_each_change_is_named_before_newer_releases():
    markers = tuple(Flag(START + day * DAY, f"release {day}") for day in range(90))
    chart = replace(charts.step(), markers=markers, changes=(Flag(START + 10 * DAY, "+8 %"),))
    text = "\n".join(render(chart))
    assert "release 10\n" in text
    assert "release 89" in text
    assert "81 more not labelled" in text


def test_a_chart_of_a_hundred_thousand_samples_is_a_chart():
    lines = render(charts.crowded())
    assert max(map(cell_len, lines)) <= 80
    assert len(lines) < 45
    assert any("⣿" in line for line in lines), "samples are joined where they are many"


def test_a_wide_terminal_gets_a_plot_that_is_still_read():
    assert max(map(cell_len, render(charts.creep(), 250))) == 100
