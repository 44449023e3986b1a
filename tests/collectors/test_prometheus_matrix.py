"""The fast reading of range answers agrees with ``json`` on every answer, and refuses every cut one."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftbot.collectors.prometheus_matrix import NotAMatrix, read_matrix
from tests.servers.fake import matrix

NUMBERS = st.floats(allow_nan=True, allow_infinity=True).map(
    lambda number: {"nan": "NaN", "inf": "+Inf", "-inf": "-Inf"}.get(repr(number), repr(number))
)
TIMES = st.integers(1, 2**40).map(lambda thousandths: thousandths / 1000)
LABELS = st.dictionaries(
    st.sampled_from(["job", "a", "__name__"]), st.text(max_size=12) | st.just('"values":[[1,"2"]]')
)
SERIES = st.tuples(LABELS, st.lists(st.tuples(TIMES, NUMBERS), max_size=6))


@given(st.lists(SERIES, max_size=5), st.sampled_from([None, 2]), st.booleans())
def test_it_agrees_with_json(series, indent, ascii_only):
    separators = (",", ":") if indent is None else None
    body = json.dumps(matrix(*series, warnings=["w"]), indent=indent, separators=separators, ensure_ascii=ascii_only)
    rest, found = read_matrix(body.encode())
    assert rest["warnings"] == ["w"] and rest["status"] == "success"
    assert [dict(one.labels) for one in found.series] == [labels for labels, _ in series]
    for one, (_, samples) in zip(found.series, series, strict=True):
        assert one.times.tolist() == [time for time, _ in samples]
        assert np.array_equal(one.values, [float(value) for _, value in samples], equal_nan=True)


WHOLE = json.dumps(
    matrix(({"job": "a"}, [(1.0, "1"), (2.0, "2.5")]), ({"job": "b"}, [(1.0, "3")])), separators=(",", ":")
).encode()


@pytest.mark.parametrize("length", range(len(WHOLE)))
def test_a_cut_answer_is_refused_wherever_it_is_cut(length):
    with pytest.raises(NotAMatrix):
        read_matrix(WHOLE[:length])


@given(st.integers(0, len(WHOLE) - 1), st.integers(0, 255))
def test_a_damaged_byte_is_refused_or_leaves_a_matrix(place, byte):
    try:
        _, found = read_matrix(WHOLE[:place] + bytes([byte]) + WHOLE[place + 1 :])
    except NotAMatrix:
        return
    assert all(len(one.times) == len(one.values) for one in found.series)


def test_native_histograms_are_counted_not_read():
    body = {
        "status": "success",
        "data": {"resultType": "matrix", "result": [{"metric": {}, "histograms": [[1, {"count": "1"}]]}]},
    }
    _, found = read_matrix(json.dumps(body).encode())
    assert (found.series, found.histograms, found.samples) == ((), 1, 0)
