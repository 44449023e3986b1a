"""The running median of runs, against the plain way."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from driftbot.detectors.running_median import HALF, running_median

SAMPLE = st.one_of(st.none(), st.integers(-3, 3), st.floats(-1e6, 1e6))


@given(st.lists(SAMPLE, min_size=1, max_size=30))
def test_it_is_the_median_of_what_is_in_the_window(samples):
    values = np.array([[np.nan if sample is None else float(sample) for sample in samples]])
    median, others = running_median(values)
    for place in range(len(samples)):
        before, after = values[0, max(0, place - HALF) : place], values[0, place + 1 : place + HALF + 1]
        assert _same(median[0, place], np.concatenate([before, values[0, place : place + 1], after]))
        assert _same(others[0, place], np.concatenate([before, after]))


def _same(found: float, window: np.ndarray) -> bool:
    there = window[~np.isnan(window)]
    expected = float(np.median(there)) if there.size else np.nan
    return bool(np.isclose(found, expected, rtol=1e-12, atol=1e-9, equal_nan=True))
