"""Medians of rows of unequal counts are those that NumPy finds row by row, however the rows lie in memory."""

from __future__ import annotations

import numpy as np
import pytest

from driftbot.detectors.medians import counted, counted_medians


@pytest.mark.parametrize("width", [1, 2, 7, 24, 127, 128, 300])
def test_rows_of_unequal_counts(width: int) -> None:
    draw = np.random.default_rng(width)
    values = draw.normal(size=(11, 9, width))
    values[draw.random(values.shape) < 0.3] = np.nan
    values[0, 0], values[1, 1] = np.nan, 5.0
    for rows in (values, np.asfortranarray(values), values[::2, ::-1], values.transpose(1, 0, 2)):
        found, counts = counted_medians(rows)
        there = ~np.isnan(rows)
        assert np.array_equal(counts, there.sum(axis=-1))
        assert np.array_equal(counts, counted(there))
        seen = counts > 0
        assert np.array_equal(np.isnan(found), ~seen)
        assert found[seen] == pytest.approx(np.nanmedian(rows[seen], axis=-1), rel=1e-15)


def test_of_nothing_there_is_no_median() -> None:
    found, counts = counted_medians(np.empty((3, 0)))
    assert np.isnan(found).all()
    assert not counts.any()
