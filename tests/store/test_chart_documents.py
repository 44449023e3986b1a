"""Charts survive in the store as exact as a picture shows them, and small."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import numpy as np
import pytest
import zstandard
from hypothesis import given

from driftbot.core.chart import HeldAgainst
from driftbot.report.chart_image import Caption, svg
from driftbot.report.chart_text import render
from driftbot.report.chart_words import described
from driftbot.store import documents
from driftbot.store.chart_documents import chart, of_chart
from driftbot.store.value_text import compact
from tests.report import charts
from tests.report.charts import ANY_CHART, CHARTS
from tests.store.scene import finding


def kept(told):
    return chart(json.loads(compact(of_chart(told))))


@pytest.mark.parametrize("name", CHARTS)
def test_a_kept_chart_is_drawn_as_it_was(name):
    told = CHARTS[name]()
    assert render(kept(told)) == render(told)
    assert described(kept(told)) == described(told)


def test_whose_band_it_is_is_kept_and_told():
    told = kept(replace(charts.step(), held_against=HeldAgainst.PEERS))
    assert told.held_against is HeldAgainst.PEERS
    assert "░ its peers (80 %)" in "\n".join(render(told))
    assert "Its peers (80 %) at its end: " in described(told)
    assert b"its peers (80 %)" in svg([told], Caption("", ""))


@given(ANY_CHART)
def test_any_chart_is_kept_as_strict_json_and_kept_again_the_same(told):
    text = json.dumps(of_chart(told), allow_nan=False)
    back = chart(json.loads(text))
    assert json.dumps(of_chart(back)) == text
    assert len(back.times) == sum(map(math.isfinite, told.times))
    np.testing.assert_allclose(
        [value for value in back.values if math.isfinite(value)],
        [value for time, value in zip(told.times, told.values, strict=True)
         if math.isfinite(time) and math.isfinite(value)],
        rtol=1e-5,
    )  # fmt: skip


def test_a_finding_keeps_its_charts_and_one_without_is_kept_as_ever():
    drawn = replace(finding(), charts=(kept(charts.step()), kept(charts.breach())))
    assert documents.finding(json.loads(compact(documents.of_finding(drawn)))) == drawn
    assert "charts" not in documents.of_finding(finding())


def test_a_chart_of_three_hundred_samples_with_its_baseline_weighs_little():
    times = charts.days(0, 90, 300)
    told = replace(
        charts.creep(), times=charts.floats(np.round(times)), baseline=charts.band(times, charts.noise(300, 9), 0.1)
    )
    weight = len(zstandard.ZstdCompressor(level=3).compress(compact(of_chart(told)).encode()))
    print(f"{weight} bytes")
    assert weight < 8000
