"""Charts as pictures: golden SVG, the same bytes everywhere, hostile labels, any chart, and no figure left behind."""

from __future__ import annotations

import gc
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from matplotlib.figure import Figure
from matplotlib.image import imread

from driftbot.core.chart import Flag
from driftbot.report.chart_flags import flags
from driftbot.report.chart_image import HEAD, HEIGHT, MOST, WIDTH, Caption, png, svg
from driftbot.report.chart_lanes import LANES, lanes
from driftbot.report.chart_shape import shape
from tests.report import charts
from tests.report.charts import ANY_CHART, CHARTS, DAY, START
from tests.report.conftest import HOSTILE
from tests.report.test_formats import OBEYED

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "fixtures" / "report" / "charts"
CAPTION = Caption("Latency stays where it was when the release was approved", "service:production/shop/checkout")
SVG = "{http://www.w3.org/2000/svg}"
LARGEST = 60_000
"""Bytes of an SVG of one chart."""


def root_of(picture: bytes) -> ElementTree.Element:
    return ElementTree.fromstring(picture)


def texts(picture: bytes) -> list[str]:
    return [element.text or "" for element in root_of(picture).iter(f"{SVG}text")]


def pixels(picture: bytes) -> np.ndarray:
    return np.rint(imread(BytesIO(picture), format="png")[..., :3] * 255).astype(int)


@pytest.mark.parametrize("name", ["step", "creep", "breach", "far_limit", "hostile"])
def test_a_picture_is_its_golden_file(name):
    picture = svg([CHARTS[name]()], CAPTION)
    golden = GOLDEN / f"{name}.svg"
    if os.environ.get("DRIFTBOT_WRITE_GOLDEN"):
        golden.write_bytes(picture)
    assert picture == golden.read_bytes()


@pytest.mark.parametrize("name", [*CHARTS, "crowded"])
def test_a_picture_is_small_and_needs_nothing_from_elsewhere(name):
    picture = svg([getattr(charts, name)()], CAPTION)
    assert len(picture) <= LARGEST
    assert OBEYED.search(picture.decode()) is None
    root = root_of(picture)
    fetched = {element.tag for element in root.iter()} & {f"{SVG}{tag}" for tag in ("script", "image", "foreignObject")}
    links = [value for element in root.iter() for key, value in element.items() if key.endswith("href")]
    assert fetched == set()
    assert all(link.startswith("#") for link in links)
    assert b"<!DOCTYPE" not in picture
    assert not any(re.search(r"url\((?!#)", value) for element in root.iter() for value in element.attrib.values())


def test_a_picture_has_words_for_those_who_cannot_see_it():
    root = root_of(svg([charts.step()], CAPTION))
    assert root.get("role") == "img"
    assert (root.get("width"), root.get("height"), root.get("viewBox")) == ("900", "360", "0 0 675 270")
    title, description = (root.findtext(f"{SVG}{tag}") for tag in ("title", "desc"))
    assert title == f"{CAPTION.title}: {CAPTION.subject}"
    for told in ("latency.p99 from 2026-01-05 to 2026-04-05, UTC", "the last 534ms", "+19 %", "release 2.4.1"):
        assert told in description


def test_units_dates_limit_and_moments_are_in_the_picture():
    told = texts(svg([charts.breach()], CAPTION))
    for text in ("1h30m", "2h", "2026-02-16", "duration (time)", "limit 2h", "expected (80 %)", "trend", "UTC"):
        assert text in told
    assert any(text.startswith("the limit is reached") for text in told)
    assert "limit 16Gi, far above what is shown" in texts(svg([charts.far_limit()], CAPTION))
    assert "1 value beyond the edge: 10m" in texts(svg([charts.outlier()], CAPTION))


def test_hostile_labels_are_shown_as_they_are_and_cut():
    picture = svg([charts.hostile()], Caption(f"$x^2$ {HOSTILE}" * 9, f"{HOSTILE}\n日本" + "x" * 5000))
    shown = texts(picture)
    assert max(map(len, shown)) < 300
    assert any(text.startswith("$\\frac{1}{0}$ \\x1b[31m") for text in shown)
    assert any("$x^2$" in text for text in shown)
    assert not {element.tag for element in root_of(picture).iter()} & {f"{SVG}script", f"{SVG}b"}
    assert "日本" not in " ".join(shown), "the font has no glyph for it"
    assert "□" in " ".join(texts(svg([replace(charts.step(), key="日本")], CAPTION)))


@settings(deadline=None, max_examples=40)
@given(ANY_CHART)
def test_any_chart_is_a_picture(chart):
    picture = svg([chart], Caption(chart.key, chart.key))
    assert len(picture) <= LARGEST
    assert root_of(picture).tag == f"{SVG}svg"


@settings(deadline=None, max_examples=10)
@given(ANY_CHART)
def test_any_chart_is_a_bitmap(chart):
    assert pixels(png([chart], CAPTION)).shape == (HEAD + HEIGHT, WIDTH, 3)


def test_a_bitmap_has_the_size_and_the_colours_of_what_it_shows():
    picture = pixels(png([charts.breach()], CAPTION))
    assert picture.shape == (360, 900, 3)
    seen = {tuple(color) for color in picture.reshape(-1, 3).tolist()}
    assert {(0x00, 0x72, 0xB2), (0x00, 0x9E, 0x73), (0xE6, 0x9F, 0x00), (0xD5, 0x5E, 0x00)} <= seen
    right = picture[:, 800:].reshape(-1, 3)
    assert not (right == (0x00, 0x72, 0xB2)).all(axis=1).any(), "nothing is measured in the future"


def test_several_charts_stand_below_each_other_and_too_many_are_told():
    assert pixels(png([charts.step(), charts.creep()], CAPTION)).shape == (HEAD + 2 * HEIGHT, WIDTH, 3)
    picture = svg([charts.flat()] * (MOST + 2), CAPTION)
    assert f"{CAPTION.subject} · 2 more charts" in texts(picture)
    assert texts(picture).count("replicas.ready (count)") == MOST


DRAWING = """
import hashlib, sys
from driftbot.report.chart_image import Caption, png, svg
from tests.report.charts import CHARTS
caption = Caption("title", "subject")
print(*(hashlib.sha256(draw([make()], caption)).hexdigest() for draw in (svg, png) for make in CHARTS.values()))
"""


def drawn_elsewhere(folder: Path, seed: str, backend: str, settings_of_matplotlib: str = "") -> list[str]:
    """Digests of all pictures drawn by a process of its own, in a folder with settings of matplotlib."""
    (folder / "matplotlibrc").write_text(settings_of_matplotlib)
    environment = {
        "PATH": os.environ["PATH"], "HOME": str(folder), "MPLCONFIGDIR": str(folder), "PYTHONPATH": str(ROOT),
        "PYTHONHASHSEED": seed, "MPLBACKEND": backend, "SOURCE_DATE_EPOCH": seed, "TZ": "Asia/Tokyo",
    }  # fmt: skip
    command = [sys.executable, "-W", "error", "-c", DRAWING]
    done = subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return done.stdout.split()


def test_the_same_chart_is_the_same_bytes_wherever_it_is_drawn(tmp_path):
    first = drawn_elsewhere(tmp_path, "1", "TkAgg")
    assert drawn_elsewhere(tmp_path, "2", "svg", "lines.linewidth: 20\nfont.size: 40\naxes.grid: True\n") == first
    assert len(set(first)) == len(first) == 2 * len(CHARTS)


def test_threads_draw_the_same_as_one():
    some = [CHARTS[name]() for name in ("step", "breach", "hostile")] * 2
    alone = [(svg([chart], CAPTION), png([chart], CAPTION)) for chart in some]
    with ThreadPoolExecutor(3) as pool:
        together = list(pool.map(lambda chart: (svg([chart], CAPTION), png([chart], CAPTION)), some))
    assert together == alone


def test_no_figure_is_left_behind():
    for _ in range(3):
        svg([charts.flat()], CAPTION)
        png([charts.flat()], CAPTION)
    gc.collect()
    assert [figure for figure in gc.get_objects() if isinstance(figure, Figure)] == []
    assert "matplotlib.pyplot" not in sys.modules


def test_labels_do_not_overlap_and_changes_come_first():
    chart = charts.busy()
    seen = shape(chart)
    assert seen is not None
    placed = lanes(flags(chart, seen.window).named, 800)
    assert [label.named.flag.label for label in placed[:6]] == [f"{day} %" for day in (86, 77, 68, 59, 50, 41)]
    assert {label.lane for label in placed} == set(range(LANES))
    for lane in range(LANES):
        places = sorted(label.across * 800 for label in placed if label.lane == lane and not label.leftwards)
        lengths = {label.across * 800: 6 * len(label.text) for label in placed if label.lane == lane}
        assert all(left + lengths[left] < right for left, right in pairwise(places))


def test_the_marker_beside_a_change_is_labelled_whole_before_newer_ones():
    names = [(81.0, "3.8.0"), (84.0, "3.9.0"), (86.0, "3.10.0"), (88.0, "3.11.0"), (89.0, "3.12.0")]
    markers = tuple(Flag(START + day * DAY, f"release {name}") for day, name in names)
    chart = replace(charts.step(), changes=(Flag(START + 81.2 * DAY, "+19 %"),), markers=markers)
    seen = shape(chart)
    assert seen is not None
    change, cause, *_ = lanes(flags(chart, seen.window).named, 800)
    assert (change.text, cause.text) == ("+19 %", "release 3.8.0")


def test_a_label_at_the_right_edge_stands_left_of_its_line():
    chart = replace(charts.step(), changes=(Flag(START + 89 * DAY, "a change just now"),), markers=())
    seen = shape(chart)
    assert seen is not None
    (label,) = lanes(flags(chart, seen.window).named, 800)
    assert (label.leftwards, label.text) == (True, "a change just now")
